import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createRedisProcess, type RedisProcess } from './redis-process.js'

/** A primary that keeps all that it acknowledges, and a replica of it. */
export interface RedisPair {
  readonly primary: RedisProcess
  start(): Promise<void>
  /** Whether the replica holds what the primary does, as soon as it has caught up; nothing may be written meanwhile. */
  agrees(): Promise<boolean>
  close(): Promise<void>
}

const KEEPS_ALL = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always']
/** Digests of everything are for those who look for mistakes, and have to be allowed. */
const SHOWS_DIGESTS = ['--enable-debug-command', 'local']
const CATCHES_UP_MS = 10_000
const LOOK_EVERY_MS = 50

export async function createRedisPair(folder: string, onCrash: (why: string) => void): Promise<RedisPair> {
  const create = (name: string, settings: readonly string[]): Promise<RedisProcess> => {
    const own = join(folder, name)
    mkdirSync(own)
    return createRedisProcess({ folder: own, settings: [...settings, ...SHOWS_DIGESTS], onCrash })
  }
  const primary = await create('primary', KEEPS_ALL)
  const replica = await create('replica', ['--save', '', '--replicaof', '127.0.0.1', String(primary.port)])
  const holdTheSame = async (): Promise<boolean> => {
    const digests = [primary, replica].map((each) => each.ask('DEBUG', 'DIGEST'))
    const [one, other] = await Promise.all(digests)
    return one === other
  }
  return {
    primary,
    async start() {
      await primary.start()
      await replica.start()
    },
    async agrees() {
      const since = performance.now()
      while (!(await holdTheSame())) {
        if (performance.now() - since > CATCHES_UP_MS) return false
        await sleep(LOOK_EVERY_MS)
      }
      return true
    },
    async close() {
      await replica.end('SIGKILL')
      await primary.end('SIGKILL')
    },
  }
}
