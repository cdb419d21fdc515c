import type { Mark, Marks } from '../core/marks.js'
import type { Clock, Committed, Log, Operation, Outcome } from '../core/seams.js'
import { createFollowers, type Followers } from './followers.js'
import { createLocalGroups, type Positions } from './local-groups.js'
import { type Answer, type Appended, messageOf, openSqliteEngine, type Request } from './sqlite-engine.js'
import { type SqliteHost, startSqliteHost } from './sqlite-host.js'

export interface SqliteLogOptions {
  /** The database file; made when there is none. Its folder must exist. */
  readonly file: string
  readonly clock: Pick<Clock, 'now'>
  /** FULL (default): what is acknowledged survives a power cut. NORMAL: only a crash of the process. */
  readonly synchronous?: 'FULL' | 'NORMAL'
  /** Told when the log has ended by itself and answers nothing any more. */
  readonly failed?: (cause: Error) => void
  /** The built worker, where it does not lie beside this module. */
  readonly worker?: URL
}

interface Append {
  readonly operations: readonly Operation[]
  readonly resolve: (outcomes: readonly Outcome[]) => void
  readonly reject: (cause: Error) => void
}

/** Operations that share a transaction at most: more would only make the first of them wait. */
const OPERATIONS_PER_COMMIT = 1_000

/** Gathers what arrives while a commit runs, so that a slow disk makes commits larger and not the queue longer. */
function createCommits(
  host: SqliteHost<Request, Answer>,
  now: () => number,
  tell: Followers<Committed>['tell'],
) {
  let queue: Append[] = []
  let running = false
  const idle: (() => void)[] = []

  const nextAppends = (): Append[] => {
    let operations = 0
    const fits = queue.findIndex((append, i) => {
      operations += append.operations.length
      return i > 0 && operations > OPERATIONS_PER_COMMIT
    })
    const appends = fits === -1 ? queue : queue.slice(0, fits)
    queue = fits === -1 ? [] : queue.slice(fits)
    return appends
  }
  const settle = (appends: readonly Append[], appended: readonly Appended[]) => {
    for (const [i, { resolve, reject }] of appends.entries()) {
      const result = appended[i] ?? { failed: 'The log did not answer.' }
      if ('outcomes' in result) resolve(result.outcomes)
      else reject(new Error(result.failed))
    }
  }
  const run = () => {
    if (running) return
    if (queue.length === 0) {
      for (const fn of idle.splice(0)) fn()
      return
    }
    running = true
    const appends = nextAppends()
    const request = {
      is: 'append',
      appends: appends.map(({ operations }) => operations),
      now: now(),
    } as const
    const answered = (answer: Answer) => {
      if (answer.is !== 'append') return
      tell(answer.committed)
      settle(appends, answer.appended)
    }
    const broken = (cause: unknown) =>
      settle(
        appends,
        appends.map(() => ({ failed: messageOf(cause) })),
      )
    void host
      .ask(request)
      .then(answered, broken)
      .then(() => {
        running = false
        run()
      })
  }
  return {
    append: (operations: readonly Operation[]) =>
      new Promise<readonly Outcome[]>((resolve, reject) => {
        queue.push({ operations, resolve, reject })
        run()
      }),
    whenIdle: () =>
      new Promise<void>((resolve) => {
        if (!running && queue.length === 0) resolve()
        else idle.push(resolve)
      }),
  }
}

const unexpected = (): never => {
  throw new Error('The log answered something else.')
}

function createMarks(host: SqliteHost<Request, Answer>): Marks {
  const { follow, tell } = createFollowers<Mark>()
  return {
    async raise(claims) {
      const answer = await host.ask({ is: 'raise', claims })
      tell(answer.is === 'marks' ? answer.marks : unexpected())
    },
    async of(room) {
      const answer = await host.ask({ is: 'marks', room })
      return answer.is === 'marks' ? answer.marks : unexpected()
    },
    follow,
  }
}

const createPositions = (host: SqliteHost<Request, Answer>): Positions => ({
  async enrol(group) {
    const answer = await host.ask({ is: 'enrol', group })
    return answer.is === 'enrolled' ? answer.enrolled : unexpected()
  },
  async stand(group, room) {
    const answer = await host.ask({ is: 'stand', group, room })
    return answer.is === 'stand' ? answer.stand : unexpected()
  },
  async move(group, room, position) {
    await host.ask({ is: 'move', group, room, position })
  },
  async dismiss(group) {
    await host.ask({ is: 'dismiss', group })
  },
})

/**
 * A log in an SQLite file. One process owns the file at a time; other tools may read it meanwhile. The tables are described in the file
 * itself (`.schema`).
 */
export async function createSqliteLog(options: SqliteLogOptions): Promise<Log> {
  const { file, clock, synchronous = 'FULL', failed = () => {}, worker } = options
  const host = await startSqliteHost({ file, synchronous, keeps: 'log' }, openSqliteEngine, failed, worker)
  const { follow, tell } = createFollowers<Committed>()
  const { append, whenIdle } = createCommits(host, clock.now, tell)
  return {
    append,
    follow,
    async locate(requests) {
      const answer = await host.ask({ is: 'locate', requests })
      return answer.is === 'locate' ? answer.standings : unexpected()
    },
    async page(request) {
      const answer = await host.ask({ is: 'page', request })
      return answer.is === 'page' ? answer.answer : unexpected()
    },
    async since(room, since, limit) {
      const answer = await host.ask({ is: 'since', room, since, limit })
      return answer.is === 'since' ? answer.page : unexpected()
    },
    async around(room, place, limit) {
      const answer = await host.ask({ is: 'around', room, place, limit })
      return answer.is === 'around' ? answer.page : unexpected()
    },
    marks: createMarks(host),
    groups: createLocalGroups(createPositions(host), follow),
    async close() {
      await whenIdle()
      // A thread that has ended by itself has nothing left to close.
      await host.ask({ is: 'close' }).catch(() => undefined)
      await host.end()
    },
  }
}
