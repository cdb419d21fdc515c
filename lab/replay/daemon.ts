import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

export interface DaemonParts {
  /** In sentences: "The server". */
  readonly name: string
  readonly program: string
  readonly words: readonly string[]
  readonly answers: () => Promise<boolean>
  /** It ended without being asked to. */
  readonly onCrash: (why: string) => void
}

/** A program in a process of its own, over all its lives. */
export interface Daemon {
  /** Starts it and resolves when it answers. Rejects when it does not, and nothing of it is left. */
  start(): Promise<void>
  /** Ends it, at once (SIGKILL) or by asking it to leave (SIGTERM). Resolves when the process is gone. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
  /** It answered, and nobody has ended it since. */
  isUp(): boolean
}

const START_AT_MOST_MS = 20_000
const LOOK_EVERY_MS = 25

/** Whatever ends this process must not leave others behind. */
const running = new Set<ChildProcess>()
const killAll = (): void => {
  for (const child of running) child.kill('SIGKILL')
}
const watchOver = (child: ChildProcess): void => {
  if (running.size === 0) process.once('exit', killAll)
  running.add(child)
}
const forget = (child: ChildProcess): void => {
  running.delete(child)
  if (running.size === 0) process.off('exit', killAll)
}

export function createDaemon({ name, program, words, answers, onCrash }: DaemonParts): Daemon {
  let child: ChildProcess | undefined
  let said = ''
  let isUp = false

  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const ending = child
    child = undefined
    isUp = false
    if (ending) forget(ending)
    if (ending?.pid === undefined || ending.exitCode !== null || ending.signalCode !== null) return
    const exited = once(ending, 'exit')
    ending.kill(signal)
    await exited
  }

  function spawnOne(): ChildProcess {
    const started = spawn(program, [...words], { stdio: ['ignore', 'ignore', 'pipe'] })
    said = ''
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2_000)
    })
    started.once('error', (cause) => {
      said = cause.message
    })
    started.once('exit', (code) => {
      forget(started)
      if (child !== started || !isUp) return
      isUp = false
      onCrash(said.trim() || `exit code ${code}`)
    })
    return started
  }

  return {
    async start() {
      const started = spawnOne()
      child = started
      watchOver(started)
      for (let waited = 0; !(await answers()); waited += LOOK_EVERY_MS) {
        if (child !== started) throw new Error(`${name} was ended while it started.`)
        if (started.pid === undefined || started.exitCode !== null || waited > START_AT_MOST_MS) {
          await end('SIGKILL')
          throw new Error(`${name} did not start. It said: ${said.trim() || 'nothing'}`)
        }
        await sleep(LOOK_EVERY_MS)
      }
      isUp = child === started
    },
    end,
    isUp: () => isUp,
  }
}
