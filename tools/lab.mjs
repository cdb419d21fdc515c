// Runs a program of the lab: builds what is out of date, bundles the program and hands it the words of the command line.
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

const bundle = async (name) => {
  const { build: esbuild } = await import('esbuild')
  const outfile = join(root, `.out/${name}.mjs`)
  const entry = join(root, `lab/${name}/main.ts`)
  const external = ['ws', 'libsql', 'idb', 'nanoid', 'mitt']
  await esbuild({
    ...{ entryPoints: [entry], outfile, external, tsconfig: join(root, 'tsconfig.json'), bundle: true },
    ...{ platform: 'node', format: 'esm', target: 'node20', sourcemap: true, logLevel: 'warning' },
  })
  return import(pathToFileURL(outfile).href)
}

export async function runLab(name) {
  if (missingPackages().length > 0) {
    console.error('Some npm packages are missing: run npm ci first.')
    process.exit(3)
  }
  if (!(await build())) process.exit(3)
  const { main } = await bundle(name)
  process.exitCode = await main(process.argv.slice(2), join(root, 'server/dist/bin.js'))
  process.exit()
}
