import type { OnThrow } from '../emitter.js'
import { lastOf } from '../last-of.js'
import { LIMITS } from '../limits.js'
import type { Gap, Message, Timeline, TimelineItem } from '../message.js'
import { createView, type View } from '../view.js'
import { type Entry, serverIdOf } from './entry.js'
import type { Keeper } from './keeper.js'
import type { Outbox } from './outbox.js'
import type { StoredMessage } from './record.js'
import type { Replica } from './replica.js'
import { fromLog, fromOutbox, keyOf, reuse, statusOf, withOperation } from './shown.js'
import { withoutPrefix } from './temporary-id.js'

export interface TimelineParts {
  readonly room: string
  readonly user: string
  readonly keeper: Keeper
  readonly replica: Replica
  readonly outbox: Outbox
  readonly serverNow: () => number
  /** Messages of others after the read mark; null before the server said. */
  readonly unread: () => number | null
  /** The read mark's seq; null before the server said. */
  readonly mark: () => number | null
  readonly onThrow: OnThrow
  readonly onWatched: (watched: boolean) => void
}

/** A room's list: what the log holds, and what waits in the outbox replayed on top. No rollback exists: a refusal drops an entry. */
export interface TimelineView extends View<Timeline> {
  /** A message by key, temporary id or server id, as it is shown now. */
  find(reference: string): Message | undefined
  /** The newest message of the room, whether or not the list reaches it. */
  newest(): Message | null
}

/** A message as it is shown. */
interface Face {
  /** What it was made of. */
  readonly of: StoredMessage | Entry
  /** Without what waits for it. */
  readonly plain: Message
  readonly message: Message
}

/** Operations that wait, by the key of the message they concern. */
type Waiting = ReadonlyMap<string, readonly Entry[]>

const NOTHING: Waiting = new Map()

/** Whether a message is shown below another one. */
const isBelow = (a: Message, b: Message): boolean => (a.stamp === b.stamp ? a.id > b.id : a.stamp > b.stamp)

export function createTimeline(parts: TimelineParts): TimelineView {
  const { room, user, keeper, outbox } = parts
  let shown = new Map<string, Face>()
  /** How many of them were in the list when it was made last. */
  let shownAtOnce = 0

  /** A message of the log, with what waits for it on top: the same object as long as both are the same. */
  function settledFace(one: StoredMessage, waiting: Waiting, now: number): Face {
    const held = shown.get(keyOf(one, user))
    const plain = held?.of === one ? held.plain : fromLog(one, room, user)
    const message = withWaiting(plain, waiting, now)
    return held?.of === one && held.message === message ? held : { of: one, plain, message }
  }

  /** Whether the log already tells what the entry asked for. */
  const isCovered = (entry: Entry): boolean => {
    const position = keeper.window.position()
    if (entry.kind === 'create' && keeper.get(entry.id)?.from === user) return true
    return entry.acked !== undefined && position !== null && entry.acked.seq <= position.seq
  }

  /** Server id of a message that was named by its operation, as soon as it is known. */
  function resolve(reference: string): string {
    const entry = outbox.get(reference)
    return (entry && serverIdOf(entry)) ?? reference
  }

  /** Key of an own message that was acknowledged and is not in the log, by the server's id of it. */
  const acknowledged = (messageId: string): string | undefined =>
    outbox.lane(room).find((entry) => entry.kind === 'create' && serverIdOf(entry) === messageId)?.id

  /** Operations of this user that wait, by the key of the message they concern. */
  function waitingOperations(): Waiting {
    const operations = outbox.operations(room)
    if (operations.length === 0) return NOTHING
    const byKey = new Map<string, Entry[]>()
    for (const entry of operations) {
      if (entry.target === undefined || isCovered(entry)) continue
      const target = keeper.get(entry.target) ?? keeper.get(resolve(entry.target))
      const key = target ? keyOf(target, user) : (acknowledged(entry.target) ?? entry.target)
      byKey.set(key, [...(byKey.get(key) ?? []), entry])
    }
    return byKey
  }

  /** A message with what waits for it on top; the object of before where nothing about it changed. */
  function withWaiting(message: Message, waiting: Waiting, now: number): Message {
    const operations = waiting.get(message.key)
    if (!operations) return message
    const folded = operations.reduce((current, entry) => withOperation(current, entry, user, now), message)
    return reuse(shown.get(message.key)?.message, folded)
  }

  /** A message that is in the outbox and not in the log: of many that wait, few are new whenever one is sent or confirmed. */
  function unsettledFace(entry: Entry, waiting: Waiting, now: number): Face {
    const held = shown.get(entry.id)
    const durable = outbox.isDurable(entry.id)
    const replyTo = entry.replyTo === undefined ? null : resolve(entry.replyTo)
    const isAsBefore =
      held?.of === entry &&
      held.plain.status === statusOf(entry, now) &&
      held.plain.durable === durable &&
      held.plain.replyTo === replyTo
    const fresh = isAsBefore ? held.plain : { ...fromOutbox(entry, user, now, durable), replyTo }
    const plain = reuse(held?.plain, fresh)
    const message = reuse(held?.message, withWaiting(plain, waiting, now))
    return isAsBefore && held.message === message ? held : { of: entry, plain, message }
  }

  /** What the log shows beside own messages that wait: of two with one name, the own one is shown, so that nothing written is hidden. */
  function others(own: readonly Entry[]): readonly StoredMessage[] {
    const held = keeper.view().shown()
    const names = new Set(own.map((entry) => entry.id))
    return names.size === 0 ? held : held.filter(({ messageId }) => !names.has(messageId))
  }

  function compute(last: Timeline | undefined): Timeline {
    const now = parts.serverNow()
    const entries = outbox.lane(room).filter((entry) => !isCovered(entry))
    const waiting = waitingOperations()
    // What was not sent yet belongs to the newest end.
    const own = keeper.isPast() ? [] : entries.filter((entry) => entry.kind === 'create')
    const settled = others(own).map((one) => settledFace(one, waiting, now))
    const unsettled = own.map((entry) => unsettledFace(entry, waiting, now))
    const messages = settled.map(({ message }) => message)
    for (const { message } of unsettled) place(messages, message)
    shown = new Map([...settled, ...unsettled].map((face) => [face.message.key, face]))
    shownAtOnce = shown.size
    return settle(last, messages, entries)
  }

  /** One message as the list would show it, without making the list: a sender of many asks for each of them. */
  function look(reference: string): Face | undefined {
    const plain = withoutPrefix(reference)
    const settledOne = keeper.get(plain) ?? keeper.get(resolve(plain))
    // One that is held back is known, though the list does not reach it.
    if (settledOne) return settledFace(settledOne, waitingOperations(), parts.serverNow())
    const entry = outbox.get(plain) ?? outbox.get(acknowledged(plain) ?? '')
    if (entry?.room !== room || entry.kind !== 'create' || isCovered(entry)) return undefined
    return unsettledFace(entry, waitingOperations(), parts.serverNow())
  }

  /** The newest end, seen from the past. */
  function lookAhead(): Message | undefined {
    const entry = lastOf(outbox.lane(room), (one) => one.kind === 'create' && !isCovered(one))
    const newest = keeper.window.shown().at(-1)
    const [settledOne, waitingOne] = [newest?.messageId, entry?.id].map((id) => id && look(id)?.message)
    if (!settledOne || !waitingOne) return waitingOne || settledOne || undefined
    return isBelow(waitingOne, settledOne) ? waitingOne : settledOne
  }

  function settle(
    last: Timeline | undefined,
    messages: readonly Message[],
    entries: readonly Entry[],
  ): Timeline {
    const lowest = keeper.lowest()
    const { status, error } = parts.replica.status()
    const items = withGaps(messages, keeper.gaps())
    const mark = parts.mark()
    const isUnread = (message: Message) => message.from !== user && mark !== null && (message.seq ?? 0) > mark
    const timeline: Timeline = {
      items: last && sameItems(last.items, items) ? last.items : Object.freeze(items),
      pending: entries.filter((entry) => entry.state !== 'acked').length,
      late: keeper.view().heldBack(),
      hasOlder: lowest !== undefined && (keeper.view().from() > lowest.after + 1 || lowest.after > 0),
      hasNewer: keeper.isPast(),
      unread: parts.unread(),
      firstUnread: messages.find(isUnread)?.key ?? null,
      status,
      error,
    }
    return last && sameTimeline(last, timeline) ? last : Object.freeze(timeline)
  }

  const view = createView(compute, parts.onThrow, parts.onWatched)
  const isMessage = (item: TimelineItem): item is Message => item.type === 'message'
  return {
    ...view,
    newest: () => (keeper.isPast() ? lookAhead() : lastOf(view.get().items, isMessage)) ?? null,
    find(reference) {
      const face = look(reference)
      if (!face) return undefined
      // Remembered, so that the list shows the same object; now and then the list is made, which forgets what left it.
      shown.set(face.message.key, face)
      if (shown.size > 2 * shownAtOnce + LIMITS.windowMessages) view.get()
      return face.message
    },
  }
}

/** Puts a message that is not in the log at its place: nearly always the end. */
function place(messages: Message[], message: Message): void {
  let at = messages.length
  for (let before = messages[at - 1]; before && isBelow(before, message); before = messages[at - 1]) at--
  messages.splice(at, 0, message)
}

/**
 * A gap stands where it parts the messages before it from those behind it best: late ones may stand anywhere above, and of a log that was
 * written down anew all of them are late.
 */
function withGaps(messages: readonly Message[], gaps: readonly Gap[]): TimelineItem[] {
  const items: TimelineItem[] = [...messages]
  for (const gap of gaps) items.splice(placeOf(gap, items), 0, gap)
  return items
}

function placeOf({ after, before }: Gap, items: readonly TimelineItem[]): number {
  let [place, score, best] = [0, 0, 0]
  for (const [i, item] of items.entries()) {
    if (item.type !== 'message' || item.seq === null) continue
    if (item.seq >= before) score -= 1
    if (item.seq > after) continue
    score += 1
    if (score < best) continue
    place = i + 1
    best = score
  }
  return place
}

const sameItem = (a: TimelineItem, b: TimelineItem | undefined): boolean =>
  a === b || (a.type === 'gap' && b?.type === 'gap' && a.key === b.key && a.after === b.after)

const sameItems = (a: readonly TimelineItem[], b: readonly TimelineItem[]): boolean =>
  a.length === b.length && a.every((item, i) => sameItem(item, b[i]))

const sameTimeline = (a: Timeline, b: Timeline): boolean =>
  a.items === b.items &&
  a.pending === b.pending &&
  a.late === b.late &&
  a.hasOlder === b.hasOlder &&
  a.hasNewer === b.hasNewer &&
  a.unread === b.unread &&
  a.firstUnread === b.firstUnread &&
  a.status === b.status &&
  a.error === b.error
