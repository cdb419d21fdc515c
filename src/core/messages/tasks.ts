import type { Stretch } from './log.js'

/** What waits its turn: entries that follow, which may be merged, or anything else. */
type Task =
  | ({ readonly kind: 'follow' } & Stretch)
  | { readonly kind: 'other'; readonly run: () => Promise<void> }

/** What a room has to do, one after the other. */
export interface Tasks {
  /** What one text brings is merged, and so is what arrives while the disk is busy. */
  follow(stretch: Stretch): void
  /** Anything else, in its turn. Settles as it does. */
  queue<T>(run: () => Promise<T>): Promise<T>
  /** What was to follow does not follow any more. Everything else still waits for its turn. */
  forgetFollowing(): void
}

export function createTasks(
  write: (stretch: Stretch) => Promise<void>,
  onError: (cause: unknown) => void,
): Tasks {
  const tasks: Task[] = []
  let working = false

  async function work(): Promise<void> {
    if (working) return
    working = true
    for (let task = tasks.shift(); task; task = tasks.shift()) {
      try {
        if (task.kind === 'other') await task.run()
        else await write(merge(task))
      } catch (cause) {
        onError(cause)
      }
    }
    working = false
  }

  /** What arrived while the disk was busy goes into one write. */
  function merge(first: Stretch): Stretch {
    let merged = first
    for (let more = tasks[0]; more?.kind === 'follow'; more = tasks[0]) {
      const passed = [...merged.passed, merged.end, ...more.passed]
      merged = { entries: [...merged.entries, ...more.entries], end: more.end, passed }
      tasks.shift()
    }
    return merged
  }

  return {
    follow(stretch) {
      tasks.push({ kind: 'follow', ...stretch })
      // What one text brings goes into one write and is told once.
      void Promise.resolve().then(work)
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
  }
}
