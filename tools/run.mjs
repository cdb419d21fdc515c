// Starts programs. Node built-ins only: it also runs before `npm ci`.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The folder of the repository. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Runs a program in the repository and resolves with its exit status (1 when it cannot be started or is killed).
 * Its output goes to ours, or is returned as `output` when `quiet`.
 */
export const run = (program, args, { env = {}, quiet = false, shell = false } = {}) =>
  new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...env },
      shell,
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    })
    const pieces = []
    child.stdout?.on('data', (piece) => pieces.push(piece))
    child.stderr?.on('data', (piece) => pieces.push(piece))
    const done = (status) => resolve({ status, output: Buffer.concat(pieces).toString() })
    child.once('error', (cause) => {
      pieces.push(Buffer.from(`${cause.message}\n`))
      done(1)
    })
    child.once('close', (status) => done(status ?? 1))
  })

/** Runs a Node script of the repository. */
export const node = (args, options) => run(process.execPath, args, options)

/** Runs npm: the one that started us where there is one, so that no shell and no `.cmd` file is needed. */
export const npm = (args, options) =>
  process.env.npm_execpath?.endsWith('.js')
    ? node([process.env.npm_execpath, ...args], options)
    : run('npm', args, { ...options, shell: process.platform === 'win32' })

/** Tries again after 5 and 10 seconds: for steps that need the network. */
export const retry = async (attempt) => {
  for (const pauseMs of [5_000, 10_000]) {
    const result = await attempt()
    if (result.status === 0) return result
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  return attempt()
}
