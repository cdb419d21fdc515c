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

/** Programs of which a process is to be started, given by their sources; each is called as its source, with `.js`. With a defect, if one is given. */
export async function buildPrograms(
  name: string,
  sources: readonly string[],
  mutant?: Mutant,
): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const folder = at(`../../../node_modules/.cache/tidings-server-test/${name}-${process.pid}`)
  await mkdir(folder, { recursive: true })
  await build({
    entryPoints: sources.map(at),
    alias: { 'tidings/protocol': at('../../../src/protocol/index.ts') },
    outdir: folder,
    entryNames: '[name]',
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
    outExtension: { '.js': '.js' },
    plugins: [planting(mutant)],
  })
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** With a defect in it, where one is given. */
export async function buildServer(name: string, mutant?: Mutant): Promise<Built> {
  const sources = ['../../src/log/sqlite-worker.ts', '../../src/bin.ts']
  const { folder, remove } = await buildPrograms(name, sources, mutant)
  return {
    worker: pathToFileURL(join(folder, 'sqlite-worker.js')),
    program: join(folder, 'bin.js'),
    remove,
  }
}
