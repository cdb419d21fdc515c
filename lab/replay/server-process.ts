import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.js'

export interface ServerProcessOptions {
  /** The built program. */
  readonly program: string
  /** The database file; what else the server keeps lies beside it. */
  readonly file: string
  /** As `--chaos` takes it. */
  readonly chaos?: string | undefined
  /** A folder with pages to serve. */
  readonly pages?: string | undefined
  /** It ended without being asked to. */
  readonly onCrash: (why: string) => void
}

/** The real server in a process of its own, on the same port and the same file over all its lives. */
export interface ServerProcess {
  readonly url: string
  /** Where it serves its pages. */
  readonly origin: string
  /** Starts it and resolves when it answers. */
  start(): Promise<void>
  /** The process is gone at once. Resolves when it is. */
  kill(): Promise<void>
  /** Asks it to leave, and resolves when it has. */
  stop(): Promise<void>
  token(user: string): Promise<string>
}

const START_AT_MOST_MS = 20_000
const LOOK_EVERY_MS = 25

export async function createServerProcess({
  program,
  file,
  chaos,
  pages,
  onCrash,
}: ServerProcessOptions): Promise<ServerProcess> {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const words = ['--port', String(port), '--data', file, '--dev', '--no-rate-limit']
  if (chaos !== undefined) words.push('--chaos', chaos)
  if (pages !== undefined) words.push('--static', pages)
  let child: ChildProcess | undefined
  let said = ''

  async function answers(): Promise<boolean> {
    return fetch(`${origin}/health`).then(
      (response) => response.ok,
      () => false,
    )
  }

  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const ending = child
    child = undefined
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
    const exited = once(ending, 'exit')
    ending.kill(signal)
    await exited
  }
  // Whatever ends this process must not leave the server behind.
  process.once('exit', () => child?.kill('SIGKILL'))

  return {
    url: `ws://127.0.0.1:${port}/v1/ws`,
    // A secure context, as pages need it.
    origin: `http://localhost:${port}`,
    async start() {
      const started = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'ignore', 'pipe'] })
      child = started
      said = ''
      started.stderr.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-2_000)
      })
      started.once('exit', (code) => {
        if (child === started) onCrash(said.trim() || `exit code ${code}`)
      })
      for (let waited = 0; !(await answers()); waited += LOOK_EVERY_MS) {
        if (started.exitCode !== null || waited > START_AT_MOST_MS)
          throw new Error(`The server did not start. It said: ${said.trim() || 'nothing'}`)
        await sleep(LOOK_EVERY_MS)
      }
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    async token(user) {
      const response = await fetch(`${origin}/dev/token?user=${encodeURIComponent(user)}`)
      if (!response.ok) throw new Error(`No token for ${user}: ${response.status}`)
      return response.text()
    },
  }
}
