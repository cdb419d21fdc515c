// The things that are built, and whether a build is older than its sources. Node built-ins only.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

const shared = ['package-lock.json', 'tsconfig.json', 'rollup.config.mjs']

const labSources = [
  ...['bin', 'conformance', 'frames', 'kills', 'leaks', 'matrix', 'mutants', 'replay', 'sim'],
  ...['heap.ts', 'tab-clock.ts', 'world.ts', 'package.json'],
]

/** In build order: the others import the built SDK, and the lab the server. `output` is the file that is written last. */
export const parts = [
  { name: 'sdk', sources: ['src', 'package.json', ...shared], output: 'dist/index.d.cts' },
  {
    name: 'server',
    sources: ['server/src', 'server/package.json', ...shared],
    output: 'server/dist/index.d.ts',
  },
  {
    name: 'lab',
    // Its pages hold the SDK, and its worlds the core of the server.
    sources: [
      ...labSources.map((name) => `lab/${name}`),
      'dist/index.d.cts',
      'server/dist/index.d.ts',
      ...shared,
    ],
    output: 'lab/dist/sim/main.js',
  },
  {
    name: 'example',
    sources: [
      'examples/react/src',
      'examples/react/public',
      'examples/react/index.html',
      'examples/react/vite.config.ts',
      'examples/vanilla',
      'dist/index.d.cts',
    ],
    output: 'examples/react/dist/index.html',
  },
]

const newestMs = (path) => {
  if (!existsSync(path)) return 0
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestMs(join(path, name))), 0)
}

const isStale = (part) => {
  const output = join(root, part.output)
  if (!existsSync(output)) return true
  const builtMs = statSync(output).mtimeMs
  return part.sources.some((source) => newestMs(join(root, source)) > builtMs)
}

/** What is made of what is built: it follows whenever that is built anew. */
const follows = { lab: ['sdk', 'server'], example: ['sdk'] }

/** The parts that have to be built, in order. */
export const staleParts = () => {
  const stale = parts.filter(isStale).map((part) => part.name)
  return parts
    .map((part) => part.name)
    .filter((name) => [name, ...(follows[name] ?? [])].some((made) => stale.includes(made)))
}
