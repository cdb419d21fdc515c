import { name } from '../../protocol/fields.js'
import { type LogEntry, stampMs } from '../../protocol/index.js'
import { fits } from '../../protocol/shape.js'
import type { Gap, Jump, JumpTarget } from '../message.js'
import type { Backfill, Place, Surroundings } from './backfill.js'
import type { Keeper } from './keeper.js'
import { rangeAt } from './ranges.js'
import type { StoredMessage } from './record.js'
import { withoutPrefix } from './temporary-id.js'

export interface HistoryParts {
  readonly user: string
  readonly keeper: Keeper
  readonly backfill: Backfill
  /** The key of a message that is in the outbox and not in the log, by any of its names. */
  readonly waiting: (reference: string) => string | undefined
  /** The read mark's seq; null before the server said. */
  readonly mark: () => number | null
  /** Resolves once the room follows every message, or when it is clear that it does not now: whether it does. */
  readonly whenLive: () => Promise<boolean>
}

/** A reader's ways through a room: from what the device holds first, then from the server. */
export interface History {
  older(): Promise<boolean>
  newer(): Promise<boolean>
  fillGap(gap: Gap, from: 'newer' | 'older'): Promise<boolean>
  jumpTo(target: JumpTarget): Promise<Jump>
  /** To the newest end, in this tick: whatever jump is under way is over. */
  toNewest(): void
}

/** A target as it is looked for. */
interface Wanted {
  readonly place: Place
  /** Where the device holds it; `beyond` when it is newer than all that it holds. */
  readonly held: () => Promise<StoredMessage | 'beyond' | undefined>
  /** Which of the entries of a page it is. */
  readonly isIt: (entry: LogEntry) => boolean
}

const lost = (reason: Exclude<Jump, { found: true }>['reason']): Jump => ({ found: false, reason })

export function createHistory(parts: HistoryParts): History {
  const { user, keeper, backfill } = parts
  let jumps = 0

  const keyOf = (message: StoredMessage): string => (message.from === user ? message.id : message.messageId)

  const isNamed = (message: StoredMessage | LogEntry, id: string): boolean =>
    message.messageId === id || (message.from === user && message.id === id)

  const byId = (id: string): Wanted => ({
    place: { messageId: id },
    held: async () => keeper.get(id) ?? (await keeper.seek.message(id)),
    isIt: (entry) => isNamed(entry, id),
  })
  const byTime = (ts: number): Wanted => ({
    place: { ts },
    held: () => keeper.seek.time(ts),
    isIt: (entry) => entry.ts >= ts,
  })
  const bySeq = (seq: number): Wanted => ({
    place: { seq },
    held: () => keeper.seek.from(seq),
    isIt: (entry) => entry.seq >= seq,
  })

  /** What the disk says; a disk that cannot be read knows nothing. */
  const heldOf = (wanted: Wanted): ReturnType<Wanted['held']> => wanted.held().catch(() => undefined)

  /** Brings a target into sight; `guest` is shown there, though it is not held there. */
  async function show(wanted: Wanted, isWanted: () => boolean, guest?: StoredMessage): Promise<Jump> {
    const held = await heldOf(wanted)
    if (!isWanted()) return lost('superseded')
    if (held === 'beyond') return end()
    if (held && (await keeper.open(held.seq, isWanted, guest))) return arrived(held, isWanted, guest)
    if (!(await parts.whenLive())) return lost('offline')
    const around: Surroundings = await backfill.around(wanted.place)
    if (!isWanted()) return lost('superseded')
    if (typeof around === 'string') return lost(around)
    const messages = around.entries.filter((entry) => entry.kind === 'create' || entry.kind === 'system')
    const target = messages.find(wanted.isIt) ?? ('ts' in wanted.place ? messages.at(-1) : undefined)
    if (!target) return lost('not_found')
    if (!(await keeper.open(target.seq, isWanted, guest))) return lost(isWanted() ? 'offline' : 'superseded')
    const message = keeper.view().get(target.messageId)
    return message ? arrived(message, isWanted, guest) : lost('not_found')
  }

  /** What came late stands where it was written: the reader is brought there. */
  function arrived(
    message: StoredMessage,
    isWanted: () => boolean,
    guest?: StoredMessage,
  ): Promise<Jump> | Jump {
    if (!guest && keeper.view().isHeldBack(message))
      return show(byTime(stampMs(message.stamp)), isWanted, message)
    return { found: true, key: keyOf(guest ?? message) }
  }

  function end(waiting?: string): Jump {
    keeper.toNewest()
    const newest = keeper.window.shown().at(-1)
    return { found: true, key: waiting ?? (newest ? keyOf(newest) : null) }
  }

  async function firstUnread(isWanted: () => boolean): Promise<Jump> {
    const mark = parts.mark()
    const position = keeper.window.position()
    if (mark === null || !position || position.seq <= mark) return lost('not_found')
    const jump = await show(bySeq(mark + 1), isWanted)
    if (!jump.found) return jump
    // Own messages are never unread: the first of others is not far.
    const first = keeper
      .view()
      .shown()
      .find((message) => message.seq > mark && message.from !== user)
    return first ? { found: true, key: keyOf(first) } : jump
  }

  async function jump(target: JumpTarget, isWanted: () => boolean): Promise<Jump> {
    if (target === 'newest') return end()
    if (target === 'first-unread') return firstUnread(isWanted)
    if (typeof target !== 'string') {
      const ts = Math.max(0, Math.floor(Number(target)))
      if (ts >= Number.MAX_SAFE_INTEGER) return end()
      return Number.isNaN(ts) ? lost('not_found') : show(byTime(ts), isWanted)
    }
    // One that waits to be sent stands at the newest end.
    const waiting = parts.waiting(target)
    if (waiting !== undefined) return end(waiting)
    const id = withoutPrefix(target)
    return fits(name, id) ? show(byId(id), isWanted) : lost('not_found')
  }

  return {
    async older() {
      if (await keeper.step('older')) return true
      const range = keeper.lowest()
      if (!range || range.after === 0) return false
      const from = keeper.view().from()
      const fetched = await backfill.below(range)
      if (fetched && keeper.view().from() < from) return true
      return fetched ? keeper.step('older') : keeper.step('overOlder')
    },
    async newer() {
      if (await keeper.step('newer')) return true
      if (!keeper.isPast()) return false
      const range = rangeAt(keeper.ranges(), keeper.view().upTo())
      const fetched = range !== undefined && (await backfill.above(range))
      return fetched ? keeper.step('newer') : keeper.step('overNewer')
    },
    async fillGap(gap, from) {
      // Another tab may have been quicker.
      if (await keeper.within(gap, from)) return true
      const range = keeper
        .ranges()
        .find((held) => (from === 'older' ? held.upTo === gap.after : held.after === gap.before - 1))
      if (!range) return false
      return from === 'older' ? backfill.above(range) : backfill.below(range)
    },
    async jumpTo(target) {
      jumps += 1
      const own = jumps
      // What is in memory needs no disk.
      if (target !== 'newest') await keeper.load()
      return jump(target, () => own === jumps)
    },
    toNewest() {
      jumps += 1
      keeper.toNewest()
    },
  }
}
