import { openArchive } from './archive/open.js'
import type { Bus } from './core/bus.js'
import { SERVER_LIMITS } from './core/limits.js'
import type { Presence } from './core/presence/seam.js'
import type { Clock, Log } from './core/seams.js'
import { createMemoryLog } from './log/memory.js'
import { createSqliteLog } from './log/sqlite.js'
import type { Tell } from './operating/events.js'
import type { EmbeddedServerOptions } from './options.js'
import { nodeRandom } from './platform.js'
import type { Script } from './quotas.js'
import { openRedis } from './redis/open.js'

/** What a server keeps messages in, with what it shares with other nodes where there may be some. */
export interface Stores {
  readonly log: Log
  readonly bus?: Bus
  readonly presence?: Presence
  /** Runs a script where all nodes count. */
  readonly script?: Script
}

/** Opens what the options choose. Rejects when the file cannot be opened, or Redis or the archive does not answer. */
export async function openStores(options: EmbeddedServerOptions, clock: Clock, tell?: Tell): Promise<Stores> {
  const { data, synchronous, redis, failed } = options
  if (redis !== undefined) return openShared(redis, options, clock, tell)
  if (data === undefined) return { log: createMemoryLog({ clock }) }
  const settings = { ...(synchronous && { synchronous }), ...(failed && { failed }) }
  return { log: await createSqliteLog({ file: data, clock, ...settings }) }
}

async function openShared(
  url: string,
  { archive: place, keep, limits, failed }: EmbeddedServerOptions,
  clock: Clock,
  tell: Tell | undefined,
): Promise<Stores> {
  const { presenceTtlMs: ttlMs, presenceGraceMs: graceMs } = { ...SERVER_LIMITS, ...limits }
  const archive = place === undefined ? undefined : await openArchive(place, failed)
  try {
    return await openRedis({
      url,
      clock,
      random: nodeRandom,
      presence: { ttlMs, graceMs },
      ...(archive && { archive }),
      ...(keep !== undefined && { keep }),
      archiveFailed: ({ message }) => tell?.({ is: 'unarchived', message }),
    })
  } catch (cause) {
    await archive?.close()
    throw cause
  }
}
