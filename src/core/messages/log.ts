import type { LogEntry } from '../../protocol/index.js'
import type { Store, Stored } from '../seams/storage.js'
import { type Blocks, blocksOf, fillBlocks, putsOf } from './blocks.js'
import { type NewestRows, newestRows, rangesOfNewest } from './newest-rows.js'
import { grow, join, type Position, positionOf, remember } from './ranges.js'
import { blockOf, keys, readRoom, type StoredMessage, type StoredRange, writeRoom } from './record.js'
import { emptied, keepUntil, removal } from './remains.js'
import { EMPTY, fallen, type RoomState } from './room-state.js'
import { type Asked, type Block, messagesOf, readBlock } from './rows.js'
import { createTails, isUntouched, type Tail } from './tails.js'

/** Entries that follow a position without a hole, with the position they lead to. */
export interface Stretch {
  /** Null: the start of the log. */
  readonly from: Position | null
  readonly entries: readonly LogEntry[]
  readonly end: Position
  /** Positions on the way that are known. */
  readonly passed: readonly Position[]
}

/** A stretch of the log as a page shows it: every message in the state that it had when the log ended at `head`. */
export interface Excerpt {
  readonly range: StoredRange
  readonly entries: readonly LogEntry[]
  readonly head: number
}

/**
 * What became of a forward write: `written`; `ahead`, another tab was faster and the disk holds it already; `behind`, the disk
 * stands elsewhere, nothing was written and the replica has to look again.
 */
export type Outcome = 'written' | 'ahead' | 'behind'

/** The confirmed messages of all rooms on disk. Written by ranges only: a position and what it covers go into one write. */
export interface Log {
  load(room: string): Promise<RoomState>
  /** The same, and of the same moment the newest messages, `count` at most: those from `from` on. */
  newest(room: string, count: number): Promise<NewestRows & { readonly state: RoomState }>
  /** Writes what follows `from` (null: the start of the log), if the disk still stands there. */
  follow(
    room: string,
    from: Position | null,
    stretch: Pick<Stretch, 'entries' | 'end'>,
  ): Promise<{ outcome: Outcome; state: RoomState }>
  /**
   * Adds a stretch that need not touch the others: a newest page, or a page of a gap. Undefined when the disk stands beyond what the page
   * shows: an operation that was passed since, by any tab, may concern one of its messages, and would be lost.
   */
  insert(room: string, excerpt: Excerpt): Promise<RoomState | undefined>
  /** Messages with `from` <= seq <= `to`, in seq order. */
  read(room: string, from: number, to: number): Promise<readonly StoredMessage[]>
  /** The same, of those alone in whose stored text a text occurs: what is not asked for is not read. */
  search(room: string, from: number, to: number, text: string): Promise<readonly StoredMessage[]>
  /**
   * Forgets what lies, or was changed, behind a position that the server recognised, and remembers when it fell back (server time, ms
   * since the epoch). Null: everything. Undefined, and nothing is forgotten, when the disk never stood there: what it holds below may be
   * of another history.
   */
  cut(room: string, end: Position | null, at: number): Promise<RoomState | undefined>
  /** Somebody looks at the room, or did until now. */
  use(room: string): Promise<void>
  /** Forgets the room. */
  drop(room: string): Promise<RoomState>
}

const stoodAt = ({ edges }: RoomState, { cursor }: Position): boolean =>
  edges.some((edge) => edge.cursor === cursor)

const stateOf = (value: Stored | undefined): RoomState => readRoom(value) ?? EMPTY

/** What a room's record says, and what a transaction makes of it: how the room stands then, and the blocks as they were written. */
interface Written<T> {
  readonly state: RoomState
  readonly result: T
  readonly blocks: Blocks
  /** By how many characters the blocks grew. */
  readonly grown: number
}
type Decide<T> = (state: RoomState) => { readonly next?: Partial<RoomState>; readonly result: T }

const NO_BLOCKS: Blocks = new Map()

export interface LogParts {
  readonly open: () => Promise<Store>
  /** Told how many records of a room did not pass. */
  readonly onBadRecord: (room: string, rows: number) => void
  /** So many characters were written. */
  readonly onGrown: (bytes: number) => void
  /** Wall time, for what was used last. */
  readonly now: () => number
}

export function createLog({ open, onBadRecord, onGrown, now }: LogParts): Log {
  const block = (room: string, value: Stored | undefined, asked?: Asked): readonly StoredMessage[] => {
    const read = readBlock(value, asked)
    if (read.bad > 0) onBadRecord(room, read.bad)
    return messagesOf(read.rows)
  }

  const tails = createTails()
  const usedNow = (): number => Math.max(0, Math.round(now()))
  /** What a room's record says before it is written; where there is none, or none that can be read, it is made now. */
  const stateOrNew = (value: Stored | undefined): RoomState =>
    readRoom(value) ?? { ...EMPTY, made: usedNow() }

  /** What is to be written over cannot be read: the room goes with it, so that nothing is claimed that is not there. */
  function lost(room: string, found: readonly Block[], before: RoomState) {
    onBadRecord(
      room,
      found.reduce((sum, { bad }) => sum + bad, 0),
    )
    const state = emptied(before)
    return {
      changes: removal(room, state),
      result: { state, result: undefined, blocks: NO_BLOCKS, grown: 0 },
    }
  }

  /** One transaction over a room's record and the blocks that the entries touch. Undefined when the tail does not hold any more. */
  async function attempt<T>(
    room: string,
    entries: readonly LogEntry[],
    decide: Decide<T>,
    tail: Tail | undefined,
  ): Promise<Written<T | undefined> | undefined> {
    const numbers = blocksOf(entries)
    const peak = entries.reduce((largest, entry) => (entry.stamp > largest ? entry.stamp : largest), '')
    const read = tail ? [] : numbers
    return (await open()).transact<Written<T | undefined> | undefined>(
      [keys.room(room), ...read.map((number) => keys.block(room, number))],
      ([roomValue, ...values]) => {
        const state = stateOrNew(roomValue)
        if (tail && !isUntouched(tail, state)) return { changes: [], result: undefined }
        const { next, result } = decide(state)
        if (!next) return { changes: [], result: { state, result, blocks: NO_BLOCKS, grown: 0 } }
        const found = values.map((each) => readBlock(each))
        if (found.some(({ bad }) => bad > 0)) return lost(room, found, state)
        const before = tail
          ? new Map([[tail.number, tail.rows]])
          : new Map(read.map((number, i) => [number, found[i]?.rows ?? []]))
        const { blocks, grown } = fillBlocks(before, entries, next.ranges ?? state.ranges)
        const after = {
          ...state,
          ...next,
          peak: peak > state.peak ? peak : state.peak,
          bytes: Math.max(0, (state.bytes ?? 0) + grown),
          usedAt: usedNow(),
        }
        const changes = [{ put: keys.room(room), value: writeRoom(after) }, ...putsOf(room, blocks)]
        return { changes, result: { state: after, result, blocks, grown } }
      },
      'relaxed',
    )
  }

  async function write<T>(
    room: string,
    entries: readonly LogEntry[],
    decide: Decide<T>,
  ): Promise<Written<T | undefined>> {
    const written = await attempt(room, entries, decide, tails.take(room, blocksOf(entries)))
    // Somebody else wrote: the tail is forgotten, so the blocks are read this time.
    if (!written) return write(room, entries, decide)
    tails.keep(room, written.state, written.blocks)
    onGrown(written.grown)
    return written
  }

  const blocksBetween = (room: string, from: number, to: number) => ({
    gte: keys.block(room, blockOf(from)),
    lt: keys.block(room, blockOf(to) + 1),
  })

  async function read(room: string, from: number, to: number, text?: string) {
    const rows = await (await open()).scan(blocksBetween(room, from, to))
    return rows
      .flatMap(([, value]) => block(room, value, { text }))
      .filter((message) => message.seq >= from && message.seq <= to)
  }

  /** How a room stands, by its record as it was read. */
  function standing(room: string, value: Stored | undefined): RoomState {
    if (value !== undefined && !readRoom(value)) onBadRecord(room, 1)
    return stateOf(value)
  }

  return {
    async load(room) {
      const [value] = await (await open()).read([keys.room(room)])
      return standing(room, value)
    },

    async newest(room, count) {
      const found = await (await open()).scan(...rangesOfNewest(room, count))
      const isRecord = ([key]: readonly [string, Stored]) => key === keys.room(room)
      const state = standing(room, found.find(isRecord)?.[1])
      const newest = newestRows(
        found.filter((entry) => !isRecord(entry)),
        count,
      )
      if (newest.bad > 0) onBadRecord(room, newest.bad)
      return { ...newest, state }
    },

    async follow(room, from, { entries, end }) {
      const { state, result } = await write<Outcome>(room, entries, (stored) => {
        const position = positionOf(stored.ranges)
        if (position?.cursor === from?.cursor) {
          const next = { ranges: grow(stored.ranges, end), edges: remember(stored.edges, end) }
          return { next, result: 'written' }
        }
        return { result: position && position.seq >= end.seq ? 'ahead' : 'behind' }
      })
      return { outcome: result ?? 'behind', state }
    },

    async insert(room, { range, entries, head }) {
      const { state, result } = await write(room, entries, (stored) =>
        (positionOf(stored.ranges)?.seq ?? 0) > head
          ? { result: false }
          : { next: { ranges: join(stored.ranges, range) }, result: true },
      )
      return result ? state : undefined
    },

    read,
    search: read,

    async cut(room, end, at) {
      tails.drop(room)
      const store = await open()
      const [gte, lt] = keys.blocks(room)
      const rows = await store.scan({ gte, lt })
      return store.transact<RoomState | undefined>(
        [keys.room(room), ...rows.map(([key]) => key)],
        ([roomValue, ...values]) => {
          const before = stateOrNew(roomValue)
          if (end && !stoodAt(before, end)) return { changes: [], result: undefined }
          const stored = { ...before, falls: fallen(before, { to: end?.seq ?? 0, at }) }
          const found = values.map((each) => readBlock(each))
          if (found.some(({ bad }) => bad > 0)) {
            const { changes, result } = lost(room, found, stored)
            return { changes, result: result.state }
          }
          const blocks = rows.map(([key], i) => ({ key, rows: found[i]?.rows ?? [] }))
          const left = keepUntil(stored.ranges, end, blocks)
          const edges = stored.edges.filter((edge) => end !== null && edge.seq <= end.seq)
          const state = {
            ...stored,
            ranges: left.ranges,
            edges,
            cuts: (stored.cuts ?? 0) + 1,
            bytes: left.bytes,
          }
          const put = { put: keys.room(room), value: writeRoom(state) }
          return { changes: [put, ...left.changes], result: state }
        },
        'relaxed',
      )
    },

    async use(room) {
      await (await open()).transact(
        [keys.room(room)],
        ([value]) => {
          const stored = readRoom(value)
          const used = stored && writeRoom({ ...stored, usedAt: usedNow() })
          return { changes: used ? [{ put: keys.room(room), value: used }] : [], result: null }
        },
        'relaxed',
      )
    },

    async drop(room) {
      tails.drop(room)
      const store = await open()
      return store.transact(
        [keys.room(room)],
        ([value]) => {
          const state = emptied(stateOrNew(value))
          return { changes: removal(room, state), result: state }
        },
        'relaxed',
      )
    },
  }
}
