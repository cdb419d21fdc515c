// `npm run mutants`: deliberate defects, and whether the simulation notices them. See --help.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { missingPackages } from './install.mjs'
import { root } from './run.mjs'

if (missingPackages().length > 0) {
  console.error('Some npm packages are missing: run npm ci first.')
  process.exit(3)
}
const { build } = await import('esbuild')
const outfile = join(root, '.out/mutants.mjs')
await build({
  entryPoints: [join(root, 'lab/mutants/main.ts')],
  outfile,
  external: ['esbuild'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
})
const { main } = await import(pathToFileURL(outfile).href)
process.exit(await main(process.argv.slice(2), root))
