import { spawn } from 'node:child_process'

/** A program that runs beside the tests. */
export interface Program {
  /** Resolves with all output so far as soon as it matches; rejects when the program ends first. */
  says(pattern: RegExp): Promise<string>
  /** Resolves once it has ended, also when it has already. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  readonly ended: Promise<{ readonly status: number | null; readonly output: string }>
}

/** Runs a Node script. It does not outlive the tests, nor do programs that it started and passes signals on to. */
export function run(script: string, words: readonly string[], env: Record<string, string> = {}): Program {
  const child = spawn(process.execPath, [script, ...words], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const looks = new Set<() => void>()
  const look = () => {
    for (const each of [...looks]) each()
  }
  const heard = (piece: Buffer) => {
    output += piece.toString()
    look()
  }
  child.stdout.on('data', heard)
  child.stderr.on('data', heard)
  const sendAway = () => child.kill('SIGTERM')
  process.once('exit', sendAway)
  let over = false
  const ended = new Promise<{ status: number | null; output: string }>((resolve) => {
    child.once('close', (status) => {
      over = true
      process.off('exit', sendAway)
      resolve({ status, output })
      look()
    })
  })
  return {
    ended,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (!pattern.test(output) && !over) return
          looks.delete(check)
          if (pattern.test(output)) resolve(output)
          else reject(new Error(`${script} ended without saying ${pattern.source}:\n${output}`))
        }
        looks.add(check)
        check()
      }),
    async end(signal) {
      child.kill(signal)
      await ended
    },
  }
}
