// What an import costs, in kB of brotli, against its budget. Run after the build.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { build } from 'esbuild'
import { root } from './run.mjs'

const budgets = [
  { name: 'createConnection only', code: "export { createConnection } from './dist/index.js'", kB: 4 },
  { name: 'createClient', code: "export { createClient } from './dist/index.js'", kB: 11 },
  { name: 'everything, browser file', file: 'dist/tidings.iife.min.js', kB: 16 },
  { name: 'tidings/core, everything', code: "export * from './dist/core/index.js'", kB: 14 },
  { name: 'tidings/protocol, everything', code: "export * from './dist/protocol/index.js'", kB: 4 },
  { name: 'tidings/react, hooks alone', code: "export * from './dist/react/index.js'", kB: 2 },
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
for (const { name, code, file, kB } of budgets) {
  const bytes = code === undefined ? readFileSync(join(root, file)) : await bundled(code)
  sizes.push({ name, kB: brotliCompressSync(bytes).length / 1000, budget: kB })
}
if (process.argv.includes('--json')) console.log(JSON.stringify(sizes))
else
  for (const { name, kB, budget } of sizes)
    console.log(
      `${name.padEnd(30)} ${kB.toFixed(2).padStart(6)} kB of ${budget}${kB > budget ? '   TOO LARGE' : ''}`,
    )
if (sizes.some(({ kB, budget }) => kB > budget)) process.exit(1)
