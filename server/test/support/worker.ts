import { mkdir } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Builds the worker from its sources, into a place from which it finds its packages. */
export async function builtWorker(): Promise<URL> {
  const folder = at('../../../node_modules/.cache/tidings-server-test')
  await mkdir(folder, { recursive: true })
  const outfile = `${folder}/sqlite-worker-${process.pid}.mjs`
  await build({
    entryPoints: [at('../../src/log/sqlite-worker.ts')],
    alias: { 'tidings/protocol': at('../../../src/protocol/index.ts') },
    ...{ outfile, bundle: true, platform: 'node', format: 'esm', external: ['libsql'], logLevel: 'error' },
  })
  return pathToFileURL(outfile)
}
