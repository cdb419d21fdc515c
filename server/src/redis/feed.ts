import type { ResetReason } from 'tidings/protocol'
import type { Clock, Committed } from '../core/seams.js'
import { cursorAt, type Position } from '../log/cursor.js'
import { recognise } from '../log/pages.js'
import type { Told } from './record.js'
import type { Window } from './window.js'

export interface FeedOptions {
  readonly clock: Pick<Clock, 'after'>
  readonly listen: (room: string) => Promise<void>
  readonly unlisten: (room: string) => void
  /** The end of a room's log, and the row at a position if that is still kept. */
  readonly look: (room: string, seq: number) => Promise<Window>
  /** Entries after a position in order, at most so many, as far as they still are what they were when they were committed. */
  readonly read: (room: string, after: Position, limit: number) => Promise<readonly Told[]>
  readonly tell: (committed: readonly Committed[]) => void
  /** What was told of a room is not its past any more. */
  readonly lost: (room: string, reason: ResetReason, head: number) => void
}

/** Events of the rooms in which somebody here is: each once and in order, whatever the channel loses, and a fork when there is one. */
export interface Feed {
  /** From when it resolves on, everything that is committed in the room is told. Counted: each needs a `leave`. */
  enter(room: string): Promise<void> | undefined
  leave(room: string): void
  /** What the channel brought, or a call answered. Resolves when it was told, also if somebody else's had to be told first. */
  take(room: string, told: readonly Told[]): void | Promise<void>
  /** Whether somebody here is in the room. */
  has(room: string): boolean
  /** Compares every room with its log: what was missed is told. */
  check(): void
  close(): void
}

interface Seat {
  readonly room: string
  count: number
  /** Undefined until the room's end is known. */
  position: Position | undefined
  /** Marks of the positions before, newest last: whether something told again is the same. */
  readonly recent: Map<number, string>
  held: Told[]
  joining: Promise<void> | undefined
  cancelRepair: (() => void) | undefined
  repairing: Promise<void> | undefined
  /** Those who wait until what they brought is told. */
  waiting: (() => void)[]
}

/** How long an event may wait for one before it that may still be on its way by the channel. */
const PATIENCE_MS = 50
/** Positions are compared this often, those of all rooms at once. */
const CHECK_MS = 30_000
/** Positions whose marks are remembered. */
const RECENT = 128
/** Missed events that are told one by one. Whoever missed more asks for pages, as soon as an event does not follow. */
const REPAIR_MOST = 500

export function createFeed(options: FeedOptions): Feed {
  const { clock, listen, unlisten, look, read, tell, lost } = options
  const seats = new Map<string, Seat>()
  let isClosed = false

  const release = (seat: Seat) => {
    for (const told of seat.waiting.splice(0)) told()
  }
  const isCurrent = (seat: Seat) => !isClosed && seats.get(seat.room) === seat
  const moveTo = (seat: Seat, position: Position) => {
    seat.position = position
    seat.recent.set(position.seq, position.mark)
    for (const seq of seat.recent.keys()) {
      if (seat.recent.size <= RECENT) break
      seat.recent.delete(seq)
    }
  }
  const fork = (seat: Seat, reason: ResetReason, { extent }: Window) => {
    seat.recent.clear()
    moveTo(seat, { seq: extent.head, mark: extent.mark })
    seat.held = seat.held.filter(({ committed }) => committed.seq > extent.head)
    lost(seat.room, reason, extent.head)
  }

  /** Tells what follows, drops what was told; what does not follow yet stays. True when the past turns out to be another one. */
  const drain = (seat: Seat): boolean => {
    const waiting = seat.held.sort((a, b) => a.committed.seq - b.committed.seq)
    const following: Committed[] = []
    seat.held = []
    let isForked = false
    for (const told of waiting) {
      const { position } = seat
      const { seq } = told.committed
      if (!position || seq > position.seq + 1) seat.held.push(told)
      else if (seq <= position.seq) isForked ||= (seat.recent.get(seq) ?? told.mark) !== told.mark
      else if (told.prevMark !== position.mark) isForked = true
      else {
        moveTo(seat, { seq, mark: told.mark })
        following.push(told.committed)
      }
    }
    tell(following)
    return isForked
  }

  const compare = async (seat: Seat): Promise<void> => {
    const { room, position } = seat
    if (!position) return
    const window = await look(room, position.seq)
    if (!isCurrent(seat)) return
    const known = recognise(window, room, cursorAt(position.seq, position.mark))
    if (typeof known === 'string') fork(seat, known, window)
    else if (window.extent.head > known.seq) {
      const missed = await read(room, seat.position ?? position, REPAIR_MOST)
      if (!isCurrent(seat)) return
      skipTo(seat, missed)
    }
    if (drain(seat)) fork(seat, 'fork', await look(room, seat.position?.seq ?? 0))
  }
  /** What was missed and cannot be told one by one leaves a break: clients notice that an event does not follow, and ask for pages. */
  const skipTo = (seat: Seat, missed: readonly Told[]) => {
    for (const told of missed) {
      if (told.committed.seq <= (seat.position?.seq ?? 0)) continue
      moveTo(seat, { seq: told.committed.seq, mark: told.mark })
      tell([told.committed])
    }
  }
  const repair = (seat: Seat): Promise<void> => {
    seat.cancelRepair?.()
    seat.cancelRepair = undefined
    seat.repairing ??= compare(seat).finally(() => {
      seat.repairing = undefined
      release(seat)
    })
    return seat.repairing
  }
  const repairSoon = (seat: Seat) => {
    seat.cancelRepair ??= clock.after(PATIENCE_MS, () => repair(seat).catch(() => undefined))
  }

  const join = async (seat: Seat): Promise<void> => {
    await listen(seat.room)
    const { extent } = await look(seat.room, 0)
    moveTo(seat, { seq: extent.head, mark: extent.mark })
    seat.joining = undefined
    if (drain(seat)) await repair(seat)
    else if (seat.held.length > 0) repairSoon(seat)
  }
  const open = (room: string): Seat => {
    const known = seats.get(room)
    if (known) return known
    const seat: Seat = {
      room,
      count: 0,
      position: undefined,
      recent: new Map<number, string>(),
      held: [],
      joining: undefined,
      cancelRepair: undefined,
      repairing: undefined,
      waiting: [],
    }
    seats.set(room, seat)
    seat.joining = join(seat)
    return seat
  }
  const remove = (seat: Seat) => {
    seat.cancelRepair?.()
    release(seat)
    if (seats.get(seat.room) !== seat) return
    seats.delete(seat.room)
    unlisten(seat.room)
  }

  const check = () => {
    for (const seat of seats.values()) repair(seat).catch(() => undefined)
  }
  const checkAgain = () => {
    check()
    cancelCheck = clock.after(CHECK_MS, checkAgain)
  }
  let cancelCheck = clock.after(CHECK_MS, checkAgain)

  return {
    enter(room) {
      const seat = open(room)
      seat.count += 1
      return seat.joining?.catch((cause: unknown) => {
        remove(seat)
        throw cause
      })
    },
    leave(room) {
      const seat = seats.get(room)
      if (!seat) return
      seat.count -= 1
      if (seat.count <= 0) remove(seat)
    },
    has: (room) => seats.has(room),
    take(room, told) {
      const seat = seats.get(room)
      if (!seat) return
      seat.held.push(...told)
      if (!seat.position) return
      if (drain(seat)) return repair(seat)
      if (seat.held.length === 0) {
        seat.cancelRepair?.()
        seat.cancelRepair = undefined
        release(seat)
        return
      }
      repairSoon(seat)
      return new Promise((resolve) => {
        seat.waiting.push(resolve)
      })
    },
    check,
    close() {
      isClosed = true
      cancelCheck()
      for (const seat of [...seats.values()]) {
        seat.cancelRepair?.()
        release(seat)
      }
      seats.clear()
    },
  }
}
