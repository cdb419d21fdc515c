import type { LogEntry } from '../../protocol/index.js'
import { LIMITS } from '../limits.js'
import type { Gap } from '../message.js'
import type { Log, Stretch } from './log.js'
import { type Position, positionOf } from './ranges.js'
import type { StoredMessage, StoredRange } from './record.js'
import { createRoomDisk } from './room-disk.js'
import { createWindow, type Window } from './window.js'

export interface KeeperParts {
  readonly room: string
  readonly user: string
  readonly log: Log
  /** Entries were applied, in one row from behind `after` (null: they do not follow), to the disk if it could, and to the window. */
  readonly onApplied: (entries: readonly LogEntry[], after: number | null) => void
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
  /** Lets all but the newest step go from memory: it is on disk for whoever comes back. */
  rest(): Promise<void>
  /** The range that the lower end of the window lies in. */
  lowest(): StoredRange | undefined
  ranges(): readonly StoredRange[]
  edges(): readonly Position[]
  /** Gaps that lie inside the window, oldest first. */
  gaps(): readonly Gap[]
}

/** What waits its turn: entries that follow, which may be merged, or anything else. */
type Task =
  | ({ readonly kind: 'follow' } & Stretch)
  | { readonly kind: 'other'; readonly run: () => Promise<void> }

export function createKeeper(parts: KeeperParts): Keeper {
  const disk = createRoomDisk(parts.room, parts.log, parts.onError)
  const window = createWindow(parts.user)
  const ranges = (): readonly StoredRange[] => disk.state().ranges
  let loaded: Promise<void> | undefined
  let isLoaded = false
  let next: Position | null = null
  /** How often the disk had been cut when the window was read from it. */
  let cuts: number | undefined
  const tasks: Task[] = []
  let working = false

  async function readWindow(): Promise<void> {
    const newest = ranges().at(-1)
    cuts = disk.state().cuts
    if (!newest) return window.reset(1, null, [])
    let from = newest.upTo + 1
    let messages: readonly StoredMessage[] = []
    while (messages.length < LIMITS.windowMessages && from > newest.after + 1) {
      const upTo = from - 1
      from = Math.max(newest.after + 1, from - LIMITS.blockMessages)
      messages = [...(await disk.read(from, upTo)), ...messages]
    }
    if (!(await disk.isUncut())) {
      await disk.load()
      return readWindow()
    }
    return window.reset(from, positionOf(ranges()) ?? null, messages)
  }

  async function reread(): Promise<void> {
    await disk.load()
    const { peak } = disk.state()
    if (peak) parts.onStamp(peak)
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
      const passed = [...merged.passed, merged.end, ...more.passed]
      merged = { kind: 'follow', entries: [...merged.entries, ...more.entries], end: more.end, passed }
      tasks.shift()
    }
    return merged
  }

  /** The disk is not what the window was read from: another tab cut it back, or it stands elsewhere. */
  async function lookAgain(): Promise<void> {
    forgetFollowing()
    await reread()
    parts.onChange()
    parts.onElsewhere()
  }

  async function write({ entries, end, passed }: Stretch): Promise<void> {
    const from = window.position()
    if (from?.cursor === end.cursor) return
    if ((await disk.follow(from, { entries, end, passed })) === 'behind' || disk.state().cuts !== cuts)
      return lookAgain()
    if (!from) window.reset(1, null, [])
    window.follow(entries, end)
    // What left memory could not be read from a disk that has not got it.
    if (disk.isWhole()) window.trim()
    parts.onApplied(entries, from?.seq ?? 0)
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

  /** Widens the window downwards from disk. False when the disk cannot be read now. */
  async function extend(from: number, upTo: number): Promise<boolean> {
    try {
      await queue(async () => {
        const messages = await disk.read(from, upTo)
        if (await disk.isUncut()) return window.extend(from, messages)
        await lookAgain()
      })
    } catch (cause) {
      parts.onError(cause)
      return false
    }
    parts.onChange()
    return true
  }

  const lowest = (): StoredRange | undefined =>
    ranges().find((range) => window.from() > range.after && window.from() <= range.upTo + 1)

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
      tasks.push({ kind: 'follow', entries, end, passed: [] })
      // What one text brings goes into one write and is told once.
      void Promise.resolve().then(work)
    },
    insert: (range, entries) =>
      queue(async () => {
        const before = positionOf(ranges())
        await disk.insert(range, entries)
        const position = positionOf(ranges())
        if (!before) window.reset(range.after + 1, null, [])
        // A page below the window widens it; its operations may concern what is shown already.
        else if (range.upTo < window.from()) window.extend(range.after + 1, [])
        window.follow(entries, position ?? { seq: range.upTo, cursor: range.cursor })
        if (position && position.seq !== before?.seq) next = position
        parts.onApplied(entries, null)
        parts.onChange()
      }),
    cut: (end) =>
      queue(async () => {
        await disk.cut(end)
        await readWindow()
        next = window.position()
        parts.onChange()
      }),
    drop: () =>
      queue(async () => {
        await disk.drop()
        cuts = disk.state().cuts
        forgetFollowing()
        window.reset(1, null, [])
        next = null
        parts.onChange()
      }),
    async older() {
      const range = lowest()
      if (!range || window.from() <= range.after + 1) return false
      const from = Math.max(range.after + 1, window.from() - LIMITS.windowMessages)
      return extend(from, window.from() - 1)
    },
    async stepOver() {
      const below = ranges()
        .filter((range) => range.upTo < window.from())
        .at(-1)
      if (!below) return false
      const from = Math.max(below.after + 1, below.upTo + 1 - LIMITS.windowMessages)
      return extend(from, below.upTo)
    },
    rest: () =>
      queue(async () => {
        // The window goes on where it stood, so the disk has to stand there too.
        const isThere = positionOf(ranges())?.cursor === window.position()?.cursor
        if (!disk.isWhole() || !isThere || window.size() <= LIMITS.blockMessages) return
        await readWindow()
        parts.onChange()
      }),
    lowest,
    ranges,
    edges: () => disk.state().edges,
    gaps: () =>
      ranges()
        .slice(1)
        .flatMap((range, i) => {
          const below = ranges()[i]
          if (!below || below.upTo < window.from()) return []
          return [
            { type: 'gap' as const, key: `gap_${range.after}`, after: below.upTo, before: range.after + 1 },
          ]
        }),
  }
}
