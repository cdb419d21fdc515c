import { createDaemon, type Daemon } from './daemon.js'
import { freePort } from './free-port.js'

export interface ServerProcessOptions {
  /** The built program. */
  readonly program: string
  /** Where it keeps what it is told, as on its command line: `--data FILE`, or `--redis URL` and a secret. */
  readonly keeps: readonly string[]
  /** As `--chaos` takes it. */
  readonly chaos?: string | undefined
  /** A folder with pages to serve. */
  readonly pages?: string | undefined
  /** It ended without being asked to. */
  readonly onCrash: (why: string) => void
}

/** The real server in a process of its own, on the same port and what it keeps over all its lives. */
export interface ServerProcess extends Pick<Daemon, 'start' | 'isUp'> {
  readonly url: string
  /** Where it serves its pages. */
  readonly origin: string
  /** The process is gone at once. Resolves when it is. */
  kill(): Promise<void>
  /** Asks it to leave, and resolves when it has. */
  stop(): Promise<void>
  token(user: string): Promise<string>
}

export async function createServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const { program, keeps, chaos, pages, onCrash } = options
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const words = [program, '--port', String(port), ...keeps, '--dev', '--no-rate-limit']
  if (chaos !== undefined) words.push('--chaos', chaos)
  if (pages !== undefined) words.push('--static', pages)
  const answers = (): Promise<boolean> =>
    fetch(`${origin}/health`).then(
      (response) => response.ok,
      () => false,
    )
  const daemon = createDaemon({ name: 'The server', program: process.execPath, words, answers, onCrash })

  return {
    url: `ws://127.0.0.1:${port}/v1/ws`,
    // A secure context, as pages need it.
    origin: `http://localhost:${port}`,
    start: daemon.start,
    isUp: daemon.isUp,
    kill: () => daemon.end('SIGKILL'),
    stop: () => daemon.end('SIGTERM'),
    async token(user) {
      const response = await fetch(`${origin}/dev/token?user=${encodeURIComponent(user)}`)
      if (!response.ok) throw new Error(`No token for ${user}: ${response.status}`)
      return response.text()
    },
  }
}
