// Four type checks: everything, the layers that know no platform, the server without a DOM, and all of it by TypeScript 7.
import { node } from './run.mjs'

const six = 'node_modules/typescript/bin/tsc6'
const seven = 'node_modules/typescript-7/bin/tsc'
const checks = [
  ['everything', [six, '-p', 'tsconfig.json']],
  ['core and protocol without a platform', [six, '-p', 'tsconfig.core.json']],
  ['server without a DOM', [six, '-p', 'server/tsconfig.json']],
  ['everything, TypeScript 7', [seven, '-p', 'tsconfig.json']],
]

let failed = false
const check = async ([name, args]) => {
  const { status, output } = await node(args, { quiet: true })
  if (status === 0) return
  failed = true
  console.error(`Type check failed: ${name}\n${output.trimEnd()}`)
}
// Two at a time: each one uses a core and some hundred megabytes.
for (let index = 0; index < checks.length; index += 2)
  await Promise.all(checks.slice(index, index + 2).map(check))
if (failed) process.exit(1)
console.log(`${checks.length} type checks passed`)
