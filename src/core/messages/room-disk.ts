import type { LogEntry } from '../../protocol/index.js'
import { LIMITS } from '../limits.js'
import { applyEntry } from './apply.js'
import type { Excerpt, Log, Outcome, Stretch } from './log.js'
import type { NewestRows } from './newest-rows.js'
import { grow, join, type Position, positionOf, remember } from './ranges.js'
import type { StoredMessage } from './record.js'
import { copyOf, EMPTY, type RoomState } from './room-state.js'

/** One room's part of the log on disk. Where the disk refuses a write, the room goes on in memory and the disk gets it later. */
export interface RoomDisk {
  /** How the room stands: as on disk, or further, while the disk refuses. */
  state(): RoomState
  /** Reads the state from disk. Rejects when it cannot be read. */
  load(): Promise<void>
  /** The same, and of the same moment the newest messages, as many as a list begins with: those from `from` on. */
  newest(): Promise<NewestRows>
  /** Takes what follows. Never rejects. */
  follow(stretch: Stretch): Promise<Outcome>
  /** Takes a stretch that need not touch the others. False when it is stale. Never rejects. */
  insert(excerpt: Excerpt): Promise<boolean>
  /**
   * Takes a stretch that memory has no place for: `refused`, and nothing is claimed, when the disk does not; `elsewhere` when the disk
   * took it, and lacks other things that it refused before. Never rejects.
   */
  store(excerpt: Excerpt): Promise<'stored' | 'stale' | 'refused' | 'elsewhere'>
  /** Falls back to a position. False, and nothing is cut, when the disk never stood there. Never rejects. */
  cut(end: Position | null, at: number): Promise<boolean>
  drop(): Promise<void>
  read(from: number, to: number): Promise<readonly StoredMessage[]>
  /** Of these messages, those in whose text a text occurs. */
  search(from: number, to: number, text: string): Promise<readonly StoredMessage[]>
  /** Whether nothing was taken away, by any tab, since the state was read: what was read in between belongs together. */
  isUncut(): Promise<boolean>
  /** Whether the disk holds everything that the state claims. */
  isWhole(): boolean
}

/**
 * The disk stands at `stood`; what follows is owed to it. Null: more than one write can make good, and the next start asks the server.
 * `passed` are ends of what was refused: a write that was given up may have been done all the same.
 */
interface Debt {
  readonly stood: Position | null
  readonly owed: readonly LogEntry[] | null
  readonly passed: readonly Position[]
}

const HOPELESS: Debt = { stood: null, owed: null, passed: [] }

/** `onRefused` is told when the disk begins to refuse, not every time. */
export function createRoomDisk(room: string, log: Log, onRefused: (cause: unknown) => void): RoomDisk {
  let state = EMPTY
  let debt: Debt | undefined
  /** Operations on messages that the disk refused: what is read is as it was before them. */
  let missed: readonly LogEntry[] = []

  function settled(): void {
    debt = undefined
    missed = []
  }

  function miss(entries: readonly LogEntry[]): void {
    const changes = entries.filter((entry) => entry.kind !== 'create' && entry.kind !== 'system')
    missed = [...missed, ...changes].slice(-LIMITS.waitingFrames)
  }

  function upToDate(messages: readonly StoredMessage[]): readonly StoredMessage[] {
    if (missed.length === 0) return messages
    const byId = new Map(messages.map((message) => [message.messageId, message]))
    const put = (message: StoredMessage) => void byId.set(message.messageId, message)
    for (const entry of missed) applyEntry(entry, { find: (id) => byId.get(id), put, spans: state.ranges })
    return [...byId.values()]
  }

  function refused(next: Debt, cause: unknown): void {
    if (!debt) onRefused(cause)
    debt = next
  }

  /**
   * Writes a stretch. Where another tab was quicker with the first part of it, only the rest is left to write; a place that lies between
   * and is not on our way may belong to a history that the server has lost.
   */
  async function write({ from, entries, end, passed }: Stretch): Promise<Outcome> {
    for (let start = from; ; ) {
      const stood = start?.seq ?? 0
      const left = entries.filter((entry) => entry.seq > stood)
      const written = await log.follow(room, start, { entries: left, end })
      state = written.state
      const there = positionOf(state.ranges)
      const isOnOurWay = there && there.seq > stood && passed.some(({ cursor }) => cursor === there.cursor)
      if (written.outcome !== 'behind' || !isOnOurWay) return written.outcome
      start = there
    }
  }

  return {
    state: () => state,
    async load() {
      state = await log.load(room)
      settled()
    },
    async newest() {
      const { state: stands, ...newest } = await log.newest(room, LIMITS.windowMessages)
      state = stands
      settled()
      return newest
    },
    async follow({ from, entries, end, passed: between }) {
      const passed = [...(debt?.passed ?? []), ...between]
      const stood = debt ? debt.stood : from
      const owed = debt ? debt.owed && [...debt.owed, ...entries] : entries
      try {
        if (owed) {
          const outcome = await write({ from: stood, entries: owed, end, passed })
          settled()
          return outcome
        }
      } catch (cause) {
        const isLittle = owed && owed.length <= LIMITS.waitingFrames && passed.length < LIMITS.waitingFrames
        refused(isLittle ? { stood, owed, passed: [...passed, end] } : HOPELESS, cause)
      }
      miss(entries)
      state = { ...state, ranges: grow(state.ranges, end), edges: remember(state.edges, end) }
      return 'written'
    },
    async insert(excerpt) {
      try {
        if (!debt) {
          const next = await log.insert(room, excerpt)
          state = next ?? state
          return next !== undefined
        }
      } catch (cause) {
        refused(HOPELESS, cause)
      }
      // It does not follow what the disk holds: no later write could make it good.
      debt = HOPELESS
      miss(excerpt.entries)
      state = { ...state, ranges: join(state.ranges, excerpt.range) }
      return true
    },
    async store(excerpt) {
      try {
        const next = await log.insert(room, excerpt)
        if (next && debt) return 'elsewhere'
        state = next ?? state
        return next ? 'stored' : 'stale'
      } catch (cause) {
        if (!debt) onRefused(cause)
        return 'refused'
      }
    },
    async cut(end, at) {
      try {
        const left = await log.cut(room, end, at)
        if (!left) return false
        state = left
        settled()
      } catch (cause) {
        refused(HOPELESS, cause)
        // What lies behind the cut stays on disk until the next start notices; here all is read again.
        state = EMPTY
      }
      return true
    },
    async drop() {
      state = EMPTY
      try {
        state = await log.drop(room)
        settled()
      } catch (cause) {
        refused(HOPELESS, cause)
      }
    },
    read: async (from, to) => upToDate(await log.read(room, from, to)),
    search: (from, to, text) => log.search(room, from, to, text),
    async isUncut() {
      const now = await log.load(room)
      const same = copyOf(now) === copyOf(state)
      // Another tab may have brought more.
      if (same && !debt) state = now
      return same
    },
    isWhole: () => debt === undefined,
  }
}
