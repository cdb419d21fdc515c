import type { LogEntry } from '../../protocol/index.js'
import { LIMITS } from '../limits.js'
import type { Gap } from '../message.js'
import type { Log, RoomState } from './log.js'
import { type Position, positionOf } from './ranges.js'
import type { StoredMessage, StoredRange } from './record.js'
import { createWindow, type Window } from './window.js'

export interface KeeperParts {
  readonly room: string
  readonly user: string
  readonly log: Log
  /** Entries were applied, to the disk if it could, and to the window. */
  readonly onApplied: (entries: readonly LogEntry[]) => void
  /** What is shown changed. */
  readonly onChange: () => void
  /** The disk stands elsewhere than this tab: it was read again, and the server has to be asked from there. */
  readonly onElsewhere: () => void
  readonly onError: (cause: unknown) => void
  /** A stamp of the server's was read from disk. */
  readonly onStamp: (stamp: string) => void
}

/** One room's replica on disk and in memory, kept in step: one write at a time, the window after the disk. */
export interface Keeper {
  readonly window: Window
  /** Whether the disk was read. */
  isLoaded(): boolean
  load(): Promise<void>
  /** Where the replica will stand when all that was taken is applied; null when nothing is known of the room. */
  ahead(): Position | null
  /** Takes entries that follow `ahead()` without a hole. */
  follow(entries: readonly LogEntry[], end: Position): void
  /** Takes a stretch that does not follow: a newest page, or one below a gap. Resolves when applied. */
  insert(range: StoredRange, entries: readonly LogEntry[]): Promise<void>
  /** Falls back to a position that the server recognised, or to nothing. */
  cut(end: Position | null): Promise<void>
  /** Forgets the room, on disk and in memory. */
  drop(): Promise<void>
  /** Widens the window by a step from disk. False when the disk holds nothing older next to it. */
  older(): Promise<boolean>
  /** Steps over the gap below the window to what the disk holds behind it. False when there is nothing. */
  stepOver(): Promise<boolean>
  /** The range that the lower end of the window lies in. */
  lowest(): StoredRange | undefined
  ranges(): readonly StoredRange[]
  edges(): readonly Position[]
  /** Gaps that lie inside the window, oldest first. */
  gaps(): readonly Gap[]
}

/** What waits its turn: entries that follow, which may be merged, or anything else. */
type Task =
  | { readonly kind: 'follow'; readonly entries: readonly LogEntry[]; readonly end: Position }
  | { readonly kind: 'other'; readonly run: () => Promise<void> }

export function createKeeper(parts: KeeperParts): Keeper {
  const { room, log } = parts
  const window = createWindow(parts.user)
  let state: RoomState = { ranges: [], peak: '', edges: [] }
  let loaded: Promise<void> | undefined
  let isLoaded = false
  let next: Position | null = null
  const tasks: Task[] = []
  let working = false

  async function readWindow(): Promise<void> {
    const newest = state.ranges.at(-1)
    if (!newest) return window.reset(1, null, [])
    let from = newest.upTo + 1
    let messages: readonly StoredMessage[] = []
    while (messages.length < LIMITS.windowMessages && from > newest.after + 1) {
      const upTo = from - 1
      from = Math.max(newest.after + 1, from - LIMITS.blockMessages)
      messages = [...(await log.read(room, from, upTo)), ...messages]
    }
    window.reset(from, positionOf(state.ranges) ?? null, messages)
  }

  async function reread(): Promise<void> {
    state = await log.load(room)
    if (state.peak) parts.onStamp(state.peak)
    await readWindow()
    next = window.position()
  }

  async function load(): Promise<void> {
    try {
      await reread()
    } catch (cause) {
      parts.onError(cause)
    }
    isLoaded = true
    parts.onChange()
  }

  async function work(): Promise<void> {
    if (working) return
    working = true
    for (let task = tasks.shift(); task; task = tasks.shift()) {
      try {
        if (task.kind === 'other') await task.run()
        else await write(merge(task))
      } catch (cause) {
        parts.onError(cause)
      }
    }
    working = false
  }

  /** What arrived while the disk was busy goes into one write. */
  function merge(first: Task & { kind: 'follow' }): Task & { kind: 'follow' } {
    let merged = first
    for (let more = tasks[0]; more?.kind === 'follow'; more = tasks[0]) {
      merged = { kind: 'follow', entries: [...merged.entries, ...more.entries], end: more.end }
      tasks.shift()
    }
    return merged
  }

  async function write({ entries, end }: Task & { kind: 'follow' }): Promise<void> {
    const from = window.position()
    if (from?.cursor === end.cursor) return
    try {
      const written = await log.follow(room, from, { entries, end })
      state = written.state
      if (written.outcome === 'behind') {
        forgetFollowing()
        await reread()
        parts.onChange()
        parts.onElsewhere()
        return
      }
    } catch (cause) {
      // The server can give it again: show it now, and let a later write find that the disk is behind.
      parts.onError(cause)
    }
    if (!from) window.reset(1, null, [])
    window.follow(entries, end)
    window.trim()
    parts.onApplied(entries)
    parts.onChange()
  }

  /** What was to follow does not follow any more. Everything else still waits for its turn. */
  function forgetFollowing(): void {
    const others = tasks.filter((task) => task.kind === 'other')
    tasks.splice(0, tasks.length, ...others)
  }

  function queue(run: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      tasks.push({ kind: 'other', run: () => run().then(resolve, reject) })
      void work()
    })
  }

  async function extend(from: number, upTo: number): Promise<void> {
    window.extend(from, await log.read(room, from, upTo))
    parts.onChange()
  }

  const lowest = (): StoredRange | undefined =>
    state.ranges.find((range) => window.from() > range.after && window.from() <= range.upTo + 1)

  return {
    window,
    isLoaded: () => isLoaded,
    load() {
      loaded ??= load()
      return loaded
    },
    ahead: () => next,
    follow(entries, end) {
      next = end
      tasks.push({ kind: 'follow', entries, end })
      void work()
    },
    insert: (range, entries) =>
      queue(async () => {
        const before = positionOf(state.ranges)
        state = await log.insert(room, range, entries)
        const position = positionOf(state.ranges)
        if (!before) window.reset(range.after + 1, null, [])
        // A page below the window widens it; its operations may concern what is shown already.
        else if (range.upTo < window.from()) window.extend(range.after + 1, [])
        window.follow(entries, position ?? { seq: range.upTo, cursor: range.cursor })
        if (position && position.seq !== before?.seq) next = position
        parts.onApplied(entries)
        parts.onChange()
      }),
    cut: (end) =>
      queue(async () => {
        state = await log.cut(room, end)
        await readWindow()
        next = window.position()
        parts.onChange()
      }),
    drop: () =>
      queue(async () => {
        await log.drop(room)
        state = { ranges: [], peak: '', edges: [] }
        window.reset(1, null, [])
        next = null
        parts.onChange()
      }),
    async older() {
      const range = lowest()
      if (!range || window.from() <= range.after + 1) return false
      const from = Math.max(range.after + 1, window.from() - LIMITS.windowMessages)
      await queue(() => extend(from, window.from() - 1))
      return true
    },
    async stepOver() {
      const below = state.ranges.filter((range) => range.upTo < window.from()).at(-1)
      if (!below) return false
      const from = Math.max(below.after + 1, below.upTo + 1 - LIMITS.windowMessages)
      await queue(() => extend(from, below.upTo))
      return true
    },
    lowest,
    ranges: () => state.ranges,
    edges: () => state.edges,
    gaps: () =>
      state.ranges.slice(1).flatMap((range, i) => {
        const below = state.ranges[i]
        if (!below || below.upTo < window.from()) return []
        return [
          { type: 'gap' as const, key: `gap_${range.after}`, after: below.upTo, before: range.after + 1 },
        ]
      }),
  }
}
