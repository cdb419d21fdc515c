import { createMemoryLog, type Log, type Operation, type PageItem } from 'tidings-server'
import type { World } from '../world.js'
import type { Meet } from './points.js'

/** The server's log, watched, with pages as short as a scene needs them, and a memory of everything that was asked of it. */
export interface ServerLog {
  /** For the server that is started next. */
  readonly log: Log
  /** Takes what nobody in the scene does. */
  give(operations: readonly Operation[]): Promise<unknown>
  /** Another log takes its place, that knows only the first so many operations. */
  cut(kept: number): Promise<void>
  /** Whether something that it had told of is gone. */
  readonly wasCut: boolean
  /** Operations that it was given. */
  readonly taken: number
  /** Messages and operations of a room as they are now, from the start. */
  read(room: string): Promise<readonly PageItem[]>
}

const NEVER = new Promise<never>(() => undefined)

/** `pageMost` bounds a page; asked each time. */
export function createServerLog(world: World, meet: Meet, pageMost: () => number): ServerLog {
  let inner = world.log
  let wasCut = false
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
      wasCut = true
      for (const operation of operations) await inner.append([operation])
      log = watch(inner)
    },
    get wasCut() {
      return wasCut
    },
    get taken() {
      return operations.length
    },
    async read(room) {
      const items: PageItem[] = []
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
