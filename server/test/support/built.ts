import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { Mutant } from '../../../lab/mutants/mutant.js'
import { planting } from './planting.js'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The program and its worker, built from the sources into a place from which they find their packages. */
export interface Built {
  readonly worker: URL
  /** The command line program; it finds the worker beside it. */
  readonly program: string
  remove(): Promise<void>
}

/** With a defect in it, where one is given. */
export async function buildServer(name: string, mutant?: Mutant): Promise<Built> {
  const folder = at(`../../../node_modules/.cache/tidings-server-test/${name}-${process.pid}`)
  await mkdir(folder, { recursive: true })
  await build({
    entryPoints: [at('../../src/log/sqlite-worker.ts'), at('../../src/bin.ts')],
    alias: { 'tidings/protocol': at('../../../src/protocol/index.ts') },
    ...{ outdir: folder, entryNames: '[name]', bundle: true, platform: 'node', format: 'esm' },
    ...{
      external: ['libsql', 'ws', 'jose', 'prom-client', '@redis/client', 'postgres'],
      logLevel: 'error',
      outExtension: { '.js': '.js' },
      plugins: [planting(mutant)],
    },
  })
  return {
    worker: pathToFileURL(join(folder, 'sqlite-worker.js')),
    program: join(folder, 'bin.js'),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
