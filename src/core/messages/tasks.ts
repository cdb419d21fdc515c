import type { LogEntry } from '../../protocol/index.js'
import { LIMITS } from '../limits.js'
import { perTick } from '../per-tick.js'
import type { Clock } from '../seams/clock.js'
import type { Stretch } from './log.js'
import { createPace } from './pace.js'
import type { Position } from './ranges.js'

/** What waits its turn: entries that follow, which may be merged, or anything else. */
type Task =
  | ({ readonly kind: 'follow' } & Stretch)
  | { readonly kind: 'other'; readonly run: () => Promise<void> }

/** What a room has to do, one after the other. */
export interface Tasks {
  /** What one text brings is merged, and so is what arrives while the disk is busy, or while there is no hurry. */
  follow(stretch: Stretch): void
  /** Anything else, in its turn. Settles as it does. */
  queue<T>(run: () => Promise<T>): Promise<T>
  /** What was to follow does not follow any more. Everything else still waits for its turn. */
  forgetFollowing(): void
  stop(): void
}

export interface TasksParts {
  readonly clock: Clock
  /** Resolves with how long the page was busy showing it, ms, from which the measure of the next write follows; undefined: not at all. */
  readonly write: (stretch: Stretch) => Promise<number | undefined>
  /** Whether writing an entry changes nothing that anybody sees: then it may wait for company. */
  readonly isSeen: (entry: LogEntry) => boolean
  readonly onError: (cause: unknown) => void
}

/** Whether it goes on where something ends. */
const follows = ({ from }: Stretch, end: Position | null): boolean => from?.cursor === end?.cursor

export function createTasks({ clock, write, isSeen, onError }: TasksParts): Tasks {
  const pace = createPace()
  const tasks: Task[] = []
  /** What this tick brought. */
  let brought: Stretch[] = []
  let working = false
  let cancelWait: (() => void) | undefined

  async function work(): Promise<void> {
    if (working) return
    working = true
    stop()
    for (let task = tasks.shift(); task; task = tasks.shift()) {
      try {
        if (task.kind === 'other') await task.run()
        else await writeMerged(task)
      } catch (cause) {
        onError(cause)
      }
    }
    working = false
  }

  function stop(): void {
    cancelWait?.()
    cancelWait = undefined
  }

  /** What arrived while the disk was busy goes into one write, up to a measure. */
  function merge(first: Stretch): Stretch {
    if (tasks[0]?.kind !== 'follow') return first
    const entries = [...first.entries]
    const passed = [...first.passed]
    let { end } = first
    for (let more = tasks[0]; more?.kind === 'follow' && follows(more, end); more = tasks[0]) {
      if (entries.length + more.entries.length > pace.entries()) break
      entries.push(...more.entries)
      passed.push(end, ...more.passed)
      end = more.end
      tasks.shift()
    }
    return { from: first.from, entries, end, passed }
  }

  async function writeMerged(first: Stretch): Promise<void> {
    const stretch = merge(first)
    const shownMs = await write(stretch)
    if (shownMs !== undefined) pace.took(stretch.entries.length, shownMs)
  }

  // After what else the text brings: acknowledgements come behind the events of the same operations.
  const look = perTick<void>(() => {
    const isNews = ({ entries }: Stretch): boolean => entries.length === 0 || !entries.every(isSeen)
    const news = brought.some(isNews)
    brought = []
    if (news || tasks.length >= LIMITS.batchEntries) void work()
    else if (!working) cancelWait ??= clock.after(LIMITS.noteWithinMs, () => void work())
  })

  return {
    follow(stretch) {
      tasks.push({ kind: 'follow', ...stretch })
      brought.push(stretch)
      look()
    },
    queue: (run) =>
      new Promise((resolve, reject) => {
        tasks.push({ kind: 'other', run: () => run().then(resolve, reject) })
        void work()
      }),
    forgetFollowing() {
      const others = tasks.filter((task) => task.kind === 'other')
      tasks.splice(0, tasks.length, ...others)
    },
    stop,
  }
}
