// Usage: node tools/build.mjs [sdk] [server] [example] — everything when nothing is named.
import { rmSync } from 'node:fs'
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

const rollup = (part) =>
  node(['node_modules/rollup/dist/bin/rollup', '-c', '--silent'], { env: { PART: part } })
const recipes = {
  sdk: { folder: 'dist', build: () => rollup('sdk') },
  server: { folder: 'server/dist', build: () => rollup('server') },
  example: {
    folder: 'examples/react/dist',
    build: () => node(['node_modules/vite/bin/vite.js', 'build', 'examples/react', '--logLevel', 'warn']),
  },
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
