// `npm run replay -- FILE`: builds what is out of date, bundles the lab and runs it. See --help.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { missingPackages } from './install.mjs'
import { staleParts } from './parts.mjs'
import { node, root } from './run.mjs'

const build = async () => {
  const stale = staleParts().filter((name) => name === 'sdk' || name === 'server')
  if (stale.length === 0) return true
  // Standard output belongs to the result.
  const { status, output } = await node([join(root, 'tools/build.mjs'), ...stale], { quiet: true })
  if (status !== 0) console.error(output)
  return status === 0
}

const bundle = async () => {
  const { build: esbuild } = await import('esbuild')
  const outfile = join(root, '.out/replay.mjs')
  const entry = join(root, 'lab/replay/main.ts')
  const external = ['ws', 'libsql', 'idb', 'nanoid', 'mitt']
  await esbuild({
    ...{ entryPoints: [entry], outfile, external, tsconfig: join(root, 'tsconfig.json'), bundle: true },
    ...{ platform: 'node', format: 'esm', target: 'node20', sourcemap: true, logLevel: 'warning' },
  })
  return import(pathToFileURL(outfile).href)
}

if (missingPackages().length > 0) {
  console.error('Some npm packages are missing: run npm ci first.')
  process.exit(3)
}
if (!(await build())) process.exit(3)
const { main } = await bundle()
process.exitCode = await main(process.argv.slice(2), join(root, 'server/dist/bin.js'))
process.exit()
