import type { LogEntry, ServerFrames } from '../protocol/index.js'
import { createArrivals } from './arrivals.js'
import { createHolding } from './holding.js'
import { LIMITS } from './limits.js'
import type { Message } from './message.js'
import type { Backfill } from './messages/backfill.js'
import type { Acked } from './messages/entry.js'
import type { Keeper } from './messages/keeper.js'
import { createReading } from './messages/reading.js'
import type { StoredMessage } from './messages/record.js'
import type { Replica } from './messages/replica.js'
import type { Fall } from './messages/room-state.js'
import { fromLog } from './messages/shown.js'
import { createTimeline, type TimelineView } from './messages/timeline.js'
import { reopen } from './messages/transitions.js'
import type { RoomSurroundings } from './room-surroundings.js'
import { createWireSide } from './wire-side.js'

/** Everything about one room that is not its public face. */
export interface FollowedRoom {
  readonly id: string
  readonly keeper: Keeper
  readonly replica: Replica
  readonly backfill: Backfill
  readonly timeline: TimelineView
  /** Keeps the room followed until the returned function is called. */
  hold(): () => void
  isHeld(): boolean
  unread(): number | null
  /** Up to where this user has read; null before anybody said. */
  mark(): number | null
  /** This user has read up to there. A mark only rises. */
  read(upTo: number): void
  /** Who has read how far: what this user read elsewhere counts here. */
  receipts(frame: ServerFrames['read_receipt']): void
  subscribed(frame: ServerFrames['subscribed']): void
  page(frame: ServerFrames['sync_response']): void
  down(): void
  /** Every message from now on, once, in the order of the log. */
  arrivals(listener: (message: Message) => void): () => void
  /** Readables of single messages are told through this. */
  watch(touch: () => void): () => void
  touch(): void
  /** Looks through what waits for the log: some of it may stand there. */
  cover(): void
  close(): void
}

/** What is looked at of an entry of the log, or of a message that it made. */
type Told = Pick<LogEntry, 'seq' | 'kind' | 'from' | 'stamp'>

/** What stands in a stretch of the log. */
interface Stands {
  readonly messages: readonly { readonly id: string }[]
  readonly after: number
  readonly upTo: number
}

export function createFollowedRoom(id: string, around: RoomSurroundings): FollowedRoom {
  const holding = createHolding(around.clock, (held) => {
    around.onFollow(id, held)
    use()
    if (!held) void rest()
  })
  const use = createUse(id, around, () => keeper.ranges().length > 0)
  const arrivals = createArrivals(around.onThrow, holding.hold)
  const touches = new Set<() => void>()

  const { keeper, replica, backfill } = createWireSide(id, around, {
    ...{ onApplied: applied, onFilled: filled, onFound: found, onReplaced: reopenMissing },
    onChange: touch,
    onReset: arrivals.cutBack,
    isHeld: holding.isHeld,
    wantsAll: arrivals.areWanted,
  })
  const coverage = createCoverage(id, around, keeper)
  const { user, outbox, serverNow, onThrow } = around
  const reading = createReading({ user, keeper })
  const timeline = createTimeline({
    ...{ room: id, user, keeper, replica, outbox, serverNow, onThrow },
    ...{ unread: reading.unread, mark: reading.mark, onWatched: whileOn(holding.hold) },
  })

  /** Nobody looks at the room any more: what it takes in memory must not grow with every room that was ever opened. */
  async function rest(): Promise<void> {
    try {
      await keeper.rest()
      // The list of before would stay in memory until the next look.
      timeline.get()
    } catch {
      // The disk cannot be read now: then the room stays in memory.
    }
  }

  function touch(): void {
    coverage.back()
    if (holding.isHeld()) use()
    timeline.touch()
    for (const tell of touches) tell()
    around.onChange(id)
  }

  function hear(told: readonly Told[]): void {
    reading.applied(told)
    // Arrivals are looked up in the list: it must not be the one of before.
    timeline.touch()
    for (const { stamp } of told) around.onStamp(stamp)
  }

  /** What the log tells settles what waited for it. */
  function settle(entries: readonly LogEntry[]): void {
    const at = around.serverNow()
    hear(entries)
    for (const entry of entries)
      if (entry.from === around.user) around.onSettled(entry.id, settledBy(entry, at))
  }

  /** Pages of the past bring nothing new. */
  function filled(entries: readonly LogEntry[]): void {
    settle(entries)
    around.onApplied(id, entries.length)
  }

  /** What a disk holds may be of a log that the server has lost since: it settles nothing. Whoever brought it there was told. */
  function found(messages: readonly StoredMessage[]): void {
    hear(messages)
    if (!arrivals.areWanted()) return
    arrivals.from((messages[0]?.seq ?? 1) - 1, keeper.cuts())
    // Of what came while nobody looked, the list holds the newest.
    for (const one of messages) arrivals.tell(timeline.find(one.messageId) ?? fromLog(one, id, user))
  }

  function applied(entries: readonly LogEntry[], after: number | null): void {
    settle(entries)
    if (arrivals.areWanted()) {
      if (after !== null) arrivals.from(after, keeper.cuts())
      for (const { kind, messageId } of entries) {
        const message = kind === 'create' || kind === 'system' ? timeline.find(messageId) : undefined
        if (message) arrivals.tell(message)
      }
    }
    const position = keeper.window.position()
    // Where much was jumped over, and the device has no log that it stands in, nobody knows: it is sent again, and the server tells.
    if (position) reopenMissing({ messages: entries, after: after ?? 0, upTo: position.seq })
    coverage.forth()
    replica.written()
    around.onApplied(id, entries.length)
  }

  /** What was acknowledged in a stretch of the log and does not stand there was lost by a server that came back with less. */
  function reopenMissing({ messages, after, upTo }: Stands): void {
    let there: ReadonlySet<string> | undefined
    const isThere = (operation: string): boolean => {
      // Mostly nobody asks: nothing was acknowledged in what a page brings.
      there ??= new Set(messages.map((message) => message.id))
      return there.has(operation)
    }
    reopenAcked(around, id, ({ seq }, operation) => seq > after && seq <= upTo && !isThere(operation))
  }

  function read(upTo: number): void {
    if (reading.read(upTo)) touch()
  }

  return {
    ...{ id, keeper, replica, backfill, timeline },
    ...{ hold: holding.hold, isHeld: holding.isHeld },
    ...{ unread: reading.unread, mark: reading.mark, read, cover: coverage.forth },
    receipts({ readers }) {
      const own = readers.find(({ readBy }) => readBy === around.user)
      if (own) read(own.upTo)
    },
    subscribed(frame) {
      reading.subscribed(frame)
      // So was what the log does not reach.
      reopenAcked(around, id, ({ seq }) => seq > frame.head)
      replica.subscribed(frame)
    },
    page(frame) {
      if (!backfill.take(frame)) replica.page(frame)
    },
    down() {
      backfill.down()
      replica.down()
    },
    ...{ arrivals: arrivals.listen, touch },
    watch(tell) {
      touches.add(tell)
      return () => {
        touches.delete(tell)
      }
    },
    close() {
      holding.stop()
      keeper.stop()
      backfill.down()
      replica.down()
      arrivals.clear()
    },
  }
}

/** How far the log, as it is known here, covers what was acknowledged: that need not be shown beside it, nor be sent again. */
function createCoverage(id: string, around: RoomSurroundings, keeper: Keeper) {
  const { outbox } = around
  let covered = 0
  return {
    /** What was acknowledged up to where the log stands is in it, unless the log fell back since, and whoever was told did not know of it. */
    forth(): void {
      const position = keeper.window.position()
      if (!position) return
      reopenFallen(around, id, keeper.falls())
      outbox.cover(id, position.seq)
      covered = position.seq
    },
    /** A device that lost its log knows as little as a new one: only the server's can say what arrived. */
    back(): void {
      const seq = keeper.window.position()?.seq ?? 0
      if (seq >= covered) return
      covered = seq
      outbox.uncover(id, seq)
    },
  }
}

/** What the log says about an own operation: as good as an acknowledgement. A reply names its parent as target, too. */
const settledBy = ({ kind, target, messageId, seq, stamp, ts, version }: LogEntry, at: number): Acked => ({
  messageId: kind === 'create' || kind === 'system' ? messageId : (target?.messageId ?? messageId),
  seq,
  stamp,
  ts,
  ...(version !== undefined && { version }),
  at,
})

/** What was acknowledged and is lost goes out once more. */
function reopenAcked(
  { outbox }: RoomSurroundings,
  room: string,
  isLost: (acked: Acked, operation: string) => boolean,
): void {
  const lost = outbox.lane(room).filter((entry) => entry.acked && isLost(entry.acked, entry.id))
  const operations = lost.map((entry) => entry.id)
  if (operations.length > 0) void outbox.change(operations, reopen)
}

/** What was acknowledged before the log fell back, and stood behind the place to which it fell. */
function reopenFallen(around: RoomSurroundings, room: string, all: readonly Fall[]): void {
  const falls = all.filter(({ at }) => at <= around.serverNow())
  if (falls.length > 0)
    reopenAcked(around, room, (acked) => falls.some(({ to, at }) => acked.seq > to && acked.at < at))
}

/** Holds from being switched on until being switched off. */
function whileOn(hold: () => () => void): (on: boolean) => void {
  let release: (() => void) | undefined
  return (on) => {
    release?.()
    release = on ? hold() : undefined
  }
}

/** Notes, now and then, that somebody looks at a room of which there is something on the device. */
function createUse(
  id: string,
  { clock, log }: Pick<RoomSurroundings, 'clock' | 'log'>,
  isHeld: () => boolean,
): () => void {
  let usedAt = 0
  return () => {
    const now = clock.now()
    if (!isHeld() || Math.abs(now - usedAt) < LIMITS.useEveryMs) return
    usedAt = now
    // A hint: what cannot be written now is not missed.
    log.use(id).catch(() => undefined)
  }
}
