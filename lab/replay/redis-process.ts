import { spawnSync } from 'node:child_process'
import { connect } from 'node:net'
import { createDaemon, type Daemon } from './daemon.js'
import { freePort } from './free-port.js'

/** A real Redis of one's own, on a free port of this machine and in one folder over all its lives. */
export interface RedisProcess extends Daemon {
  readonly port: number
  readonly url: string
  /** Asks it something that it answers with one line, e.g. `:3` or `+OK`. Rejects with what it says when it refuses, and when it is away. */
  ask(...words: readonly string[]): Promise<string>
}

export interface RedisProcessOptions {
  readonly folder: string
  /** Settings as on its command line, e.g. `--appendonly yes`. */
  readonly settings: readonly string[]
  /** It ended without being asked to. */
  readonly onCrash: (why: string) => void
}

/** Whether there is a redis-server on this machine. */
export const hasRedis = (): boolean => spawnSync('redis-server', ['--version']).status === 0

/** What to say where there is none. */
export const WITHOUT_REDIS =
  'There is no redis-server on this machine. To get it: sudo apt-get install redis-server'

const ANSWER_MS = 5_000

/** The first line of its answer. */
function askAt(port: number, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1').setEncoding('utf8').setTimeout(ANSWER_MS)
    let heard = ''
    const refuse = (cause: Error): void => {
      socket.destroy()
      reject(cause)
    }
    socket.on('error', refuse)
    socket.on('timeout', () => refuse(new Error('Redis does not answer.')))
    socket.on('close', () => reject(new Error('Redis went away.')))
    socket.on('data', (text: string) => {
      heard += text
      const end = heard.indexOf('\r\n')
      if (end === -1) return
      const line = heard.slice(0, end)
      if (line.startsWith('-')) return refuse(new Error(`Redis says: ${line.slice(1)}`))
      socket.destroy()
      resolve(line)
    })
    const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`)
    socket.write(`*${words.length}\r\n${parts.join('')}`)
  })
}

export async function createRedisProcess(options: RedisProcessOptions): Promise<RedisProcess> {
  const port = await freePort()
  const ask = (...words: readonly string[]): Promise<string> => askAt(port, words)
  const answers = (): Promise<boolean> =>
    ask('PING').then(
      (line) => line === '+PONG',
      () => false,
    )
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', options.folder]
  const words = [...place, ...options.settings]
  const { onCrash } = options
  const daemon = createDaemon({ name: 'Redis', program: 'redis-server', words, answers, onCrash })
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    ask,
    start: daemon.start,
    end: daemon.end,
    isUp: daemon.isUp,
  }
}
