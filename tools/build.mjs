// Usage: node tools/build.mjs [sdk] [server] [lab] [example] — everything when nothing is named.
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parts } from './parts.mjs'
import { node, root } from './run.mjs'

const names = parts.map((part) => part.name)
const asked = process.argv.slice(2)
const unknown = asked.find((name) => !names.includes(name))
if (unknown !== undefined) {
  console.error(`There is no part named "${unknown}". The parts are: ${names.join(', ')}.`)
  process.exit(2)
}

// The page without a build lies beside the React one, with the script where its relative address expects it.
const addVanillaPage = () => {
  const served = join(root, 'examples/react/dist')
  cpSync(join(root, 'examples/vanilla'), join(served, 'vanilla'), { recursive: true })
  for (const file of ['dist/tidings.iife.min.js', 'dist/tidings.iife.min.js.map'])
    cpSync(join(root, file), join(served, file))
}

const buildExample = async () => {
  const vite = ['node_modules/vite/bin/vite.js', 'build', 'examples/react', '--logLevel', 'warn']
  // Whatever the shell says: a page built for development would not keep itself for a reload without a network.
  const built = await node(vite, { env: { NODE_ENV: 'production' } })
  if (built.status === 0) addVanillaPage()
  return built
}

const rollup = (part) =>
  node(['node_modules/rollup/dist/bin/rollup', '-c', '--silent'], { env: { PART: part } })
const recipes = {
  sdk: { folder: 'dist', build: () => rollup('sdk') },
  server: { folder: 'server/dist', build: () => rollup('server') },
  lab: { folder: 'lab/dist', build: () => rollup('lab') },
  example: { folder: 'examples/react/dist', build: buildExample },
}

for (const name of names.filter((name) => asked.length === 0 || asked.includes(name))) {
  const startedAt = performance.now()
  rmSync(join(root, recipes[name].folder), { recursive: true, force: true })
  const { status } = await recipes[name].build()
  if (status !== 0) {
    console.error(`The build of ${name} failed.`)
    process.exit(1)
  }
  console.log(`built ${name} in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
}
