// What an import costs, in kB of brotli. `limit` is what it may cost today: more fails the build. `bar` is what it should cost one
// day, and is shown until it is reached. Run after the build.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { build } from 'esbuild'
import { root } from './run.mjs'

/** What is not part of a client: whoever leaves one out pays nothing for it. */
const parts = {
  typing: 1.8,
  receipts: 5.6,
  presence: 4.4,
  idle: 1.8,
  createOptimistic: 4.4,
  recordsOf: 3.3,
  createRouter: 1.6,
  createChannels: 3.3,
  vectorClock: 1.1,
  createFallbackConnect: 4.6,
}

const budgets = [
  {
    name: 'createConnection only',
    code: "export { createConnection } from './dist/index.js'",
    limit: 9.2,
    bar: 4,
  },
  { name: 'createClient', code: "export { createClient } from './dist/index.js'", limit: 49.7, bar: 11 },
  {
    name: 'createClient, and over HTTP',
    limit: 52,
    bar: 11,
    code: "export { createClient, createFallbackConnect } from './dist/index.js'",
  },
  { name: 'everything, browser file', file: 'dist/tidings.iife.min.js', limit: 63.8, bar: 16 },
  { name: 'tidings/core, everything', code: "export * from './dist/core/index.js'", limit: 57.2, bar: 14 },
  {
    name: 'tidings/protocol, everything',
    code: "export * from './dist/protocol/index.js'",
    limit: 4,
    bar: 4,
  },
  {
    name: 'tidings/react, lists and sending',
    code: "export { TidingsProvider, useTimeline, useMessage, useSend, useConnection, useOutbox } from './dist/react/index.js'",
    limit: 2,
    bar: 2,
  },
  ...Object.entries(parts).map(([name, limit]) => ({
    name: `${name}, alone`,
    code: `export { ${name} } from './dist/index.js'`,
    limit,
    bar: limit,
  })),
]

const bundled = async (code) => {
  const result = await build({
    stdin: { contents: code, resolveDir: root, loader: 'js' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    external: ['react'],
  })
  return result.outputFiles[0].contents
}

const sizes = []
for (const { name, code, file, limit, bar } of budgets) {
  const bytes = code === undefined ? readFileSync(join(root, file)) : await bundled(code)
  sizes.push({ name, kB: brotliCompressSync(bytes).length / 1000, limit, bar })
}
const remark = ({ kB, limit, bar }) => (kB > limit ? '   TOO LARGE' : kB > bar ? `   the bar is ${bar}` : '')
if (process.argv.includes('--json')) console.log(JSON.stringify(sizes))
else
  for (const size of sizes)
    console.log(
      `${size.name.padEnd(30)} ${size.kB.toFixed(2).padStart(6)} kB of ${size.limit}${remark(size)}`,
    )
if (sizes.some(({ kB, limit }) => kB > limit)) process.exit(1)
