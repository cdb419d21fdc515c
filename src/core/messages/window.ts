import { type LogEntry, stampMs } from '../../protocol/index.js'
import { LIMITS } from '../limits.js'
import { applyEntry, lastOf } from './apply.js'
import { createOrderedList } from './ordered-list.js'
import { clip, cover, type Position, type Span } from './ranges.js'
import { orderKey, type StoredMessage } from './record.js'

/**
 * A part of a room's log in memory, in display order: every message of some stretches between `from` and `upTo`. What was written long before it
 * arrived may belong before the window: such a message is held back until the window reaches its place.
 */
export interface Window {
  /** The lowest seq that it takes. */
  from(): number
  /** The highest seq that it takes; infinite where it follows the room. */
  upTo(): number
  /** Where the window's replica stands; null before anything is known. */
  position(): Position | null
  /** What it holds without a hole, lowest first. The disk may hold more: other tabs write there, too. */
  spans(): readonly Span[]
  /** Replaces the content: by messages up to the position, all that there are, or with `upTo` by nothing yet. */
  reset(from: number, position: Position | null, messages: readonly StoredMessage[], upTo?: number): void
  /** Takes what another window holds, too. */
  adopt(other: Window): void
  /** Applies entries that lead to a new position. */
  follow(entries: readonly LogEntry[], end: Position): void
  /** Where it stands after a page that does not follow. */
  stand(position: Position): void
  /** Applies the entries of a stretch, as far as it lies within: pages of gaps. */
  fill(entries: readonly LogEntry[], span: Span): void
  /** The same with messages, as the disk has them. */
  put(messages: readonly StoredMessage[], span: Span): void
  /** Lets go of the oldest messages once a room that runs on has brought too many. What a reader asked for stays. */
  trim(): void
  /** Adds older messages and moves the lower end. */
  extend(span: Span, messages: readonly StoredMessage[]): void
  /** Adds newer messages and moves the upper end. */
  reach(span: Span, messages: readonly StoredMessage[]): void
  /** Takes one message from beyond its ends, whose place in display order lies within. */
  admit(message: StoredMessage): void
  /** Lets go of all but the lowest `most`, and ends there. */
  keepOldest(most: number): void
  /** Lets go of all but the highest `most`, and begins there. */
  keepNewest(most: number): void
  /** By message id, or by the operation id of an own message. */
  get(id: string): StoredMessage | undefined
  /** Messages in display order, those held back left out. */
  shown(): readonly StoredMessage[]
  /** How many are held back. */
  heldBack(): number
  isHeldBack(message: StoredMessage): boolean
  /** Those held back included, in display order. */
  messages(): readonly StoredMessage[]
  size(): number
}

/** Whether a message reached the server long after it was written. A function of the message alone, so all replicas agree. */
export const isLate = (message: { readonly stamp: string; readonly ts: number }): boolean =>
  message.ts - stampMs(message.stamp) > LIMITS.lateAfterMs

/** The list reads its keys often: they are made once. */
interface Row {
  readonly key: string
  readonly message: StoredMessage
}

/** Whether one of its names belongs to another message, or to another place: the first one stays, whatever a server says of it. */
function isTaken(byId: ReadonlyMap<string, StoredMessage>, message: StoredMessage, user: string): boolean {
  const names = message.from === user ? [message.messageId, message.id] : [message.messageId]
  return names.some((name) => {
    const held = byId.get(name)
    return held !== undefined && orderKey(held) !== orderKey(message)
  })
}

/** Whether more may be folded into the other one: of what came out of turn nobody knows how much it was. */
const isBehind = (one: StoredMessage, other: StoredMessage): boolean =>
  one.rev < other.rev || (one.rev === other.rev && other.ahead !== undefined && lastOf(one) <= lastOf(other))

/** `user` is whose client this is: own messages are found by the id of their operation as well. */
export function createWindow(user: string): Window {
  const list = createOrderedList<Row>((row) => row.key)
  const byId = new Map<string, StoredMessage>()
  let lowest = 1
  let highest = Number.POSITIVE_INFINITY
  let stands: Position | null = null
  let spans: readonly Span[] = []
  /** When the first message of the window was written: what is well before it belongs to older pages. */
  let floorMs = 0
  let lowestSeq = Number.POSITIVE_INFINITY
  /** Messages that a reader asked for. */
  let asked = 0

  function put(message: StoredMessage, how = add): void {
    if ((message.seq < lowest || message.seq > highest) && !byId.has(message.messageId)) return
    how(message)
  }

  function add(message: StoredMessage): void {
    const held = byId.get(message.messageId)
    // What is here may be ahead of what the disk has.
    if (!held || isBehind(held, message)) write(message)
  }

  function write(message: StoredMessage): void {
    if (isTaken(byId, message, user)) return
    const row = { key: orderKey(message), message }
    // An order key never changes: the stamp is fixed when the server commits the message.
    if (!list.replace(row)) list.add(row)
    byId.set(message.messageId, message)
    if (message.from === user) byId.set(message.id, message)
    if (message.seq < lowestSeq) {
      lowestSeq = message.seq
      floorMs = stampMs(message.stamp)
    }
  }

  const apply = (entries: readonly LogEntry[]): void => {
    const find = (messageId: string) => byId.get(messageId)
    const held = { find, put: (message: StoredMessage) => put(message, write), spans }
    for (const entry of entries) applyEntry(entry, held)
  }

  const isHeldBack = (message: StoredMessage): boolean =>
    lowest > 1 && stampMs(message.stamp) < floorMs - LIMITS.lateAfterMs

  /** Held-back messages are the first ones in display order: how many of them there are. */
  function heldBack(): number {
    let count = 0
    for (let row = list.at(count); row && isHeldBack(row.message); row = list.at(count)) count++
    return count
  }

  function fill(from: number, upTo: number, messages: Iterable<StoredMessage>): void {
    list.clear()
    byId.clear()
    lowest = from
    highest = upTo
    spans = clip(spans, { after: from - 1, upTo })
    lowestSeq = Number.POSITIVE_INFINITY
    floorMs = 0
    for (const message of messages) put(message)
  }

  const messages = (): StoredMessage[] => [...list].map((row) => row.message)
  const bySeq = (): StoredMessage[] => messages().sort((a, b) => a.seq - b.seq)

  function keepNewest(most: number): void {
    if (list.size <= most) return
    const kept = bySeq().slice(-most)
    fill(kept[0]?.seq ?? lowest, highest, kept)
    asked = Math.min(asked, most)
  }

  const hold = (span: Span): void => {
    spans = clip(cover(spans, span), { after: lowest - 1, upTo: highest })
  }

  return {
    from: () => lowest,
    upTo: () => highest,
    spans: () => spans,
    position: () => stands,
    reset(from, position, held, upTo = Number.POSITIVE_INFINITY) {
      stands = position
      asked = 0
      spans = []
      fill(from, upTo, held)
      hold({ after: from - 1, upTo: position?.seq ?? 0 })
    },
    adopt(other) {
      const theirs = other.messages()
      asked += theirs.length
      lowest = Math.min(lowest, other.from())
      for (const span of other.spans()) hold(span)
      for (const message of theirs) put(message)
    },
    trim() {
      if (list.size > LIMITS.windowMost + asked) keepNewest(asked + LIMITS.windowMost / 2)
    },
    keepNewest,
    keepOldest(most) {
      if (list.size <= most) return
      const kept = bySeq().slice(0, most)
      fill(lowest, kept.at(-1)?.seq ?? highest, kept)
    },
    follow(entries, end) {
      hold({ after: stands?.seq ?? lowest - 1, upTo: end.seq })
      apply(entries)
      stands = end
    },
    stand(position) {
      stands = position
    },
    fill(entries, span) {
      const before = list.size
      hold(span)
      apply(entries)
      asked += list.size - before
    },
    put(held, span) {
      for (const message of held) put(message)
      hold(span)
    },
    extend(span, older) {
      lowest = Math.min(lowest, span.after + 1)
      asked += older.length
      for (const message of older) put(message)
      hold(span)
    },
    reach(span, newer) {
      highest = Math.max(highest, span.upTo)
      for (const message of newer) put(message)
      hold(span)
    },
    admit: add,
    get: (id) => byId.get(id),
    shown: () => list.slice(heldBack()).map((row) => row.message),
    heldBack,
    isHeldBack,
    messages,
    size: () => list.size,
  }
}
