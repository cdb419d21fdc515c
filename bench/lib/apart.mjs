// Runs contenders in processes of their own, so that what the compiler learned from one says nothing about the next.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { median } from './report.mjs'

const start = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

/** Starts `bench/children/NAME.mjs` with the arguments; resolves with the JSON that it prints. */
export const child = async (name, args) => {
  const script = fileURLToPath(new URL(`../children/${name}.mjs`, import.meta.url))
  const { stdout } = await start(process.execPath, ['--expose-gc', script, ...args.map(String)], {
    maxBuffer: 2 ** 24,
  })
  return JSON.parse(stdout)
}

/** Runs every contender once a round, in turns; gives the median of each by name. */
export const inTurns = async (name, contenders, rounds) => {
  const figures = new Map(contenders.map(([contender]) => [contender, []]))
  for (let round = 0; round < rounds; round++)
    for (const [contender, ...args] of contenders)
      figures.get(contender).push((await child(name, args)).figure)
  return Object.fromEntries([...figures].map(([contender, values]) => [contender, median(values)]))
}

// In here, so that what is imported is found.
const built = join(root, 'node_modules/.bench')

/** Loads a module of `src` or of the server as users get it, without a build of everything. */
export const loadSource = async (path) => {
  mkdirSync(built, { recursive: true })
  const folder = mkdtempSync(join(built, 'source-'))
  const outfile = join(folder, 'module.mjs')
  try {
    await build({
      entryPoints: [join(root, path)],
      bundle: true,
      format: 'esm',
      target: 'es2022',
      platform: 'node',
      packages: 'external',
      outfile,
      logLevel: 'error',
    })
    return await import(outfile)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
