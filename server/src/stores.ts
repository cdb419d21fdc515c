import type { Bus } from './core/bus.js'
import { SERVER_LIMITS } from './core/limits.js'
import type { Presence } from './core/presence/seam.js'
import type { Clock, Log } from './core/seams.js'
import { createMemoryLog } from './log/memory.js'
import { createSqliteLog } from './log/sqlite.js'
import type { EmbeddedServerOptions } from './options.js'
import { nodeRandom } from './platform.js'
import { openRedis } from './redis/open.js'

/** What a server keeps messages in, with what it shares with other nodes where there may be some. */
export interface Stores {
  readonly log: Log
  readonly bus?: Bus
  readonly presence?: Presence
}

/** Opens what the options choose. Rejects when the file cannot be opened or Redis does not answer. */
export async function openStores(options: EmbeddedServerOptions, clock: Clock): Promise<Stores> {
  const { data, synchronous, redis, failed } = options
  const { presenceTtlMs: ttlMs, presenceGraceMs: graceMs } = { ...SERVER_LIMITS, ...options.limits }
  if (redis !== undefined)
    return openRedis({ url: redis, clock, random: nodeRandom, presence: { ttlMs, graceMs } })
  if (data === undefined) return { log: createMemoryLog({ clock }) }
  const settings = { ...(synchronous && { synchronous }), ...(failed && { failed }) }
  return { log: await createSqliteLog({ file: data, clock, ...settings }) }
}
