import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import type { ExpectStatic } from 'vitest'
import type { Mutant } from '../../../../lab/mutants/mutant.js'
import { planting, ROOT } from '../../support/planting.js'

const HERE = join(ROOT, 'server/test/redis')
const FOLDER = join(ROOT, 'node_modules/.cache/tidings-redis-defects')

/** Plays tests until one fails: which and why, or undefined when none does. No step may take longer than so many ms. */
export type Play = (expect: ExpectStatic, ms: number) => Promise<string | undefined>

const isPlay = (value: unknown): value is Play => typeof value === 'function'

/** Somebody else looks on than vitest. */
const staging: Plugin = {
  name: 'stage',
  setup(building) {
    building.onResolve({ filter: /^vitest$/ }, () => ({ path: join(HERE, 'defects/stage.ts') }))
  },
}

let count = 0

/** The tests of a file, with a defect in what they test, or without one. */
export async function stage(file: string, mutant?: Mutant): Promise<Play> {
  const contents = `import './${file}.test.ts'\nexport { play } from './defects/stage.ts'`
  count += 1
  const outfile = join(FOLDER, `${process.pid}-${count}.mjs`)
  await mkdir(FOLDER, { recursive: true })
  await build({
    ...{ stdin: { contents, resolveDir: HERE, loader: 'ts' }, outfile, bundle: true, logLevel: 'error' },
    // The package says that its modules do nothing when they are imported; its tests do.
    ignoreAnnotations: true,
    ...{ platform: 'node', format: 'esm', target: 'node20', tsconfig: join(ROOT, 'tsconfig.json') },
    external: [
      'ws',
      'jose',
      'libsql',
      '@redis/client',
      'postgres',
      'prom-client',
      'rate-limiter-flexible',
      'esbuild',
    ],
    plugins: [staging, planting(mutant)],
  })
  const made: { readonly play?: unknown } = await import(/* @vite-ignore */ pathToFileURL(outfile).href)
  if (!isPlay(made.play)) throw new Error('The tests were not built.')
  return made.play
}

export const clear = (): Promise<void> => rm(FOLDER, { recursive: true, force: true })
