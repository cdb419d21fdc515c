import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdir, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe } from 'vitest'
import { freePort } from '../../../lab/replay/free-port.js'
import { nodeClock, nodeRandom } from '../../src/platform.js'
import { type Link, openLink } from '../../src/redis/link.js'
import { temporaryFolder } from './files.js'

const isHere = spawnSync('redis-server', ['--version']).status === 0
if (!isHere)
  console.log('No redis-server found, its tests are skipped. To get it: sudo apt-get install redis-server')

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

const LOOK_EVERY_MS = 10

/** Starts one; `words` are settings as on its command line, e.g. `--appendonly yes`. */
export async function startRedis(...words: readonly string[]): Promise<RedisProcess> {
  const folder = await temporaryFolder()
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  let link: Link | undefined
  const connect = () =>
    openLink({
      ...{ url, prefix: 'looking', clock: nodeClock, heard: () => {}, reconnected: () => {} },
    })
  const kill = async () => {
    link?.close()
    link = undefined
    const ending = child
    child = undefined
    if (!ending || ending.exitCode !== null) return
    const ended = once(ending, 'exit')
    ending.kill('SIGKILL')
    await ended
  }
  const appendOnlyFile = async () => {
    const files = join(folder.path, 'appendonlydir')
    const name = (await readdir(files)).find((each) => each.endsWith('.incr.aof'))
    if (!name) throw new Error('It keeps no append-only file.')
    return join(files, name)
  }
  const killAtExit = () => void child?.kill('SIGKILL')
  process.once('exit', killAtExit)
  const self: RedisProcess = {
    ...{ url, port, kill },
    async start() {
      const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder.path, '--save', '']
      const started = spawn('redis-server', [...settings, ...words], { stdio: 'ignore' })
      child = started
      while (!link) {
        if (started.exitCode !== null) throw new Error('redis-server did not start.')
        link = await connect().catch(() => undefined)
        if (!link) await sleep(LOOK_EVERY_MS)
      }
    },
    ask: (...asked) => (link ? link.command(...asked) : Promise.reject(new Error('It is not running.'))),
    size: async () => (await stat(await appendOnlyFile())).size,
    async loseTail(bytes) {
      await truncate(await appendOnlyFile(), Math.max(0, (await self.size()) - bytes))
    },
    async remove() {
      process.off('exit', killAtExit)
      await kill()
      await folder.remove()
    },
  }
  await self.start()
  return self
}

/** Prefixes that nobody else has: a room of one test is not one of another. */
export const freshPrefix = (): string => `test-${nodeRandom.id()}`
