import { createMemoryLog, type Log, type Operation } from 'tidings-server/core'
import type { World } from '../world.js'
import type { Meet } from './points.js'

/** An entry as it stands in a page of a log. */
export type LogItem = Extract<Awaited<ReturnType<Log['page']>>, { readonly items: unknown }>['items'][number]

/** The server's log, watched, with pages as short as a scene needs them, and a memory of everything that was asked of it. */
export interface ServerLog {
  /** For the server that is started next. */
  readonly log: Log
  /** Takes what nobody in the scene does. */
  give(operations: readonly Operation[]): Promise<unknown>
  /** Another log takes its place, that knows only the first so many operations. */
  cut(kept: number): Promise<void>
  /** When it lost something that it had told of, ms since the epoch; 0 when it never did. */
  readonly cutAt: number
  /** Operations that it was given. */
  readonly taken: number
  /** Messages and operations of a room as they are now, from the start. */
  read(room: string): Promise<readonly LogItem[]>
}

const NEVER = new Promise<never>(() => undefined)

/** `pageMost` bounds a page; asked each time. */
export function createServerLog(world: World, meet: Meet, pageMost: () => number): ServerLog {
  let inner = world.log
  let cutAt = 0
  const operations: Operation[] = []

  /** A server that was killed on the way neither asks nor hears. */
  async function watched<T>(what: string, ask: () => Promise<T>): Promise<T> {
    const verdict = meet({ kind: 'log', what: () => `log.${what}:start`, begins: true })
    if (verdict === 'lost') return NEVER
    if (verdict === 'fail') throw new Error('The log was told to fail.')
    const answer = await ask()
    return meet({ kind: 'log', what: () => `log.${what}:done` }) === 'lost' ? NEVER : answer
  }

  const watch = (of: Log): Log => ({
    ...of,
    append: (added) => watched('append', () => take(of, added)),
    locate: (requests) => watched('locate', () => of.locate(requests)),
    page: (request) =>
      watched('page', () => of.page({ ...request, limit: Math.min(request.limit, pageMost()) })),
    around: (room, place, limit) => watched('around', () => of.around(room, place, limit)),
  })

  const take = (of: Log, added: readonly Operation[]) => {
    operations.push(...added)
    return of.append(added)
  }

  let log = watch(inner)
  return {
    get log() {
      return log
    },
    give: (added) => take(inner, added),
    async cut(kept) {
      inner = createMemoryLog({ clock: world.timeline.clock() })
      operations.length = kept
      cutAt = world.timeline.now()
      for (const operation of operations) await inner.append([operation])
      log = watch(inner)
    },
    get cutAt() {
      return cutAt
    },
    get taken() {
      return operations.length
    },
    async read(room) {
      const items: LogItem[] = []
      for (let cursor: string | undefined; ; ) {
        const page = await inner.page({ room, dir: 'forward', limit: 500, ...(cursor && { cursor }) })
        if ('lost' in page) throw new Error('A log does not know its own cursor.')
        items.push(...page.items)
        if (!page.hasMore) return items
        cursor = page.cursor
      }
    },
  }
}
