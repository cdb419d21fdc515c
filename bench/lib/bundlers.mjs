// The same import through several bundlers, minified as each does it where nobody says otherwise: bytes of brotli.
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'
import { build as buildEsbuild } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))
const target = 'es2022'

const kB = (code) => brotliCompressSync(code).length / 1_000

/** Code that is read as if it stood in a file beside package.json, where ours has no dependencies installed below it. */
const entry = `${root}bench-entry.js`
const fromText = (code) => ({
  name: 'entry',
  resolveId: (id) => (id === entry ? id : undefined),
  load: (id) => (id === entry ? code : undefined),
})

/** kB of an import as esbuild bundles it for browsers. */
export const sizeByEsbuild = async (code, resolveDir = root) => {
  const { outputFiles } = await buildEsbuild({
    stdin: { contents: code, resolveDir, loader: 'js' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target,
    define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
    external: ['react', 'crypto', 'fs', 'path'],
    logLevel: 'silent',
  })
  return kB(outputFiles[0].contents)
}

const sizeByRollup = async (code) => {
  const { rollup } = await import('rollup')
  const { nodeResolve } = await import('@rollup/plugin-node-resolve')
  const { default: terser } = await import('@rollup/plugin-terser')
  const plugins = [fromText(code), nodeResolve({ browser: true }), terser({ module: true, ecma: 2020 })]
  const bundle = await rollup({ input: entry, plugins })
  const { output } = await bundle.generate({ format: 'es' })
  await bundle.close()
  return kB(output[0].code)
}

const sizeByVite = async (code) => {
  const { build } = await import('vite')
  const { output } = await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'error',
    plugins: [{ ...fromText(code), enforce: 'pre' }],
    build: { write: false, target, modulePreload: false, rollupOptions: { input: entry } },
  })
  return kB(output[0].code)
}

/** Bundlers by name: each gives the kB of an import. */
export const bundlers = { esbuild: sizeByEsbuild, rollup: sizeByRollup, vite: sizeByVite }
