import { readdir, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe } from 'vitest'
import { createRedisProcess, hasRedis, WITHOUT_REDIS } from '../../../lab/replay/redis-process.js'
import { nodeClock, nodeRandom } from '../../src/platform.js'
import { type Link, openLink } from '../../src/redis/link.js'
import { temporaryFolder } from './files.js'

const isHere = hasRedis()
if (!isHere) console.log(`${WITHOUT_REDIS}. Its tests are skipped.`)

/** Tests that need a redis-server: skipped, and said so, where there is none. */
export const describeRedis = describe.skipIf(!isHere)

/** A Redis of a test's own, on a port and in a folder of its own. */
export interface RedisProcess {
  readonly url: string
  readonly port: number
  /** Starts it, anew as well; resolves when it answers. */
  start(): Promise<void>
  /** SIGKILL: what was not on disk is gone. */
  kill(): Promise<void>
  /** A connection to look at it, and to set it. Ended with the process. */
  ask(...words: readonly string[]): Promise<unknown>
  /** Bytes of its append-only file. */
  size(): Promise<number>
  /** While it is down: takes the end of its append-only file away, as a crash does that comes before the disk has it. */
  loseTail(bytes: number): Promise<void>
  /** Kills it and removes its folder. */
  remove(): Promise<void>
}

/** Starts one; `words` are settings as on its command line, e.g. `--appendonly yes`. */
export async function startRedis(...words: readonly string[]): Promise<RedisProcess> {
  const folder = await temporaryFolder()
  const settings = ['--save', '', ...words]
  const redis = await createRedisProcess({ folder: folder.path, settings, onCrash: () => {} })
  const { port, url } = redis
  let link: Link | undefined
  const connect = () =>
    openLink({
      ...{ url, prefix: 'looking', clock: nodeClock, heard: () => {}, reconnected: () => {} },
    })
  const kill = async () => {
    link?.close()
    link = undefined
    await redis.end('SIGKILL')
  }
  const appendOnlyFile = async () => {
    const files = join(folder.path, 'appendonlydir')
    const name = (await readdir(files)).find((each) => each.endsWith('.incr.aof'))
    if (!name) throw new Error('It keeps no append-only file.')
    return join(files, name)
  }
  const self: RedisProcess = {
    ...{ url, port, kill },
    async start() {
      await redis.start()
      link = await connect()
    },
    ask: (...asked) => (link ? link.command(...asked) : Promise.reject(new Error('It is not running.'))),
    size: async () => (await stat(await appendOnlyFile())).size,
    async loseTail(bytes) {
      await truncate(await appendOnlyFile(), Math.max(0, (await self.size()) - bytes))
    },
    async remove() {
      await kill()
      await folder.remove()
    },
  }
  await self.start()
  return self
}

/** Starts those that tests have for themselves; each is gone with its test, also where that fails. */
export function ownRedis(): typeof startRedis {
  const owned: RedisProcess[] = []
  afterEach(async () => {
    for (const own of owned.splice(0)) await own.remove()
  })
  return async (...words) => {
    const own = await startRedis(...words)
    owned.push(own)
    return own
  }
}

/** Prefixes that nobody else has: a room of one test is not one of another. */
export const freshPrefix = (): string => `test-${nodeRandom.id()}`
