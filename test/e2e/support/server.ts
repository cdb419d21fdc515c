import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Program, run } from './program.js'

/** The folder of the repository. */
export const root = fileURLToPath(new URL('../../..', import.meta.url))

const program = join(root, 'server/dist/bin.js')
const pages = join(root, 'examples/react/dist')

/** The built server with the built pages, as a process on a data file of its own. It keeps its port over restarts. */
export interface ChatServer {
  /** Where its pages are, as a person would type it. */
  readonly origin: string
  readonly port: number
  /** Dies in the middle of whatever it does. */
  kill(): Promise<void>
  /** Runs again on the same file and port; `flags` as on the command line. */
  start(...flags: readonly string[]): Promise<void>
  /** Keeps a copy of the file as it is now; the server must not be running. */
  backUp(): Promise<void>
  /** Puts the copy back, as after a crash of the disk; the server must not be running. */
  restore(): Promise<void>
  /** Ends it and removes its file. */
  remove(): Promise<void>
}

export async function startServer(...flags: readonly string[]): Promise<ChatServer> {
  for (const needed of [program, join(pages, 'index.html')])
    if (!existsSync(needed)) throw new Error(`${needed} is missing: npm run build makes it.`)
  const folder = await mkdtemp(join(tmpdir(), 'tidings-chat-'))
  const kept = join(folder, 'kept')
  const copy = join(folder, 'copy')
  await mkdir(kept)
  const words = ['--dev', '--data', join(kept, 'log.db'), '--static', pages]

  async function launch(on: number, more: readonly string[]): Promise<{ process: Program; port: number }> {
    const process = run(program, [...words, '--port', String(on), ...more])
    const output = await process.says(/Ctrl\+C stops/)
    return { process, port: Number(/localhost:(\d+)/.exec(output)?.[1]) }
  }

  let { process, port } = await launch(0, flags)
  const kill = () => process.end('SIGKILL')
  return {
    port,
    origin: `http://localhost:${port}`,
    kill,
    async start(...more) {
      ;({ process } = await launch(port, more))
    },
    backUp: () => cp(kept, copy, { recursive: true }),
    async restore() {
      await rm(kept, { recursive: true })
      await cp(copy, kept, { recursive: true })
    },
    async remove() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
