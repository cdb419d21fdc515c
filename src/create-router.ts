import { createSystemClock } from './adapters/system-clock.js'
import { createRouterOn, type Router, type RouterOptions } from './core/connection/router.js'
import type { Clock } from './core/seams/clock.js'

/** How a router shares out, and what it tells time by. */
export interface CreateRouterOptions extends RouterOptions {
  readonly clock?: Pick<Clock, 'now'> | undefined
}

/**
 * Shares keys, such as users, out over servers: `createClient({ url: () => router.pick(user), … })`. Every device that knows the same
 * servers picks the same one for a key. Throws a TidingsError `invalid_argument` for names, weights and times that cannot be meant.
 */
export const createRouter = (
  nodes: Iterable<string>,
  { clock = createSystemClock(), ...options }: CreateRouterOptions = {},
): Router => createRouterOn(clock, nodes, options)
