import { writeFileSync } from 'node:fs'
import nodeResolve from '@rollup/plugin-node-resolve'
import terser from '@rollup/plugin-terser'
import dts from 'rollup-plugin-dts'
import esbuild from 'rollup-plugin-esbuild'

const dependencies = ['idb', 'mitt', 'nanoid']
const peers = [/^react($|\/)/]
const entriesOf = (folder, names) => Object.fromEntries(names.map((name) => [name, `${folder}/${name}.ts`]))
const entries = entriesOf('src', ['index', 'core/index', 'protocol/index', 'react/index', 'testing/index'])
const typescript = () => esbuild({ target: 'es2022', tsconfig: 'tsconfig.json' })

// Neither our modules nor the dependencies do anything when they are imported: what is not used leaves no trace.
const treeshake = { moduleSideEffects: false }

/** Twins of the declarations for CommonJS, without which TypeScript takes the `.cjs` files for modules. */
const commonjsTypes = () => ({
  name: 'commonjs-types',
  writeBundle(options, bundle) {
    for (const [file, { code }] of Object.entries(bundle))
      if (file.endsWith('.d.ts'))
        writeFileSync(
          `${options.dir}/${file.replace(/\.d\.ts$/, '.d.cts')}`,
          code.replace(/(from\s+'\.[^']*)\.js'/g, "$1.cjs'"),
        )
  },
})

const sdk = [
  {
    input: entries,
    external: [...dependencies, ...peers],
    treeshake,
    plugins: [typescript()],
    output: {
      dir: 'dist',
      format: 'esm',
      sourcemap: true,
      entryFileNames: '[name].js',
      preserveModules: true,
      preserveModulesRoot: 'src',
    },
  },
  {
    // Jest and React Native's preset cannot load ES modules from node_modules: everything is inlined for them.
    input: entries,
    external: peers,
    treeshake,
    plugins: [nodeResolve({ browser: true }), typescript()],
    output: {
      dir: 'dist',
      format: 'cjs',
      entryFileNames: '[name].cjs',
      chunkFileNames: 'shared/[name]-[hash].cjs',
    },
  },
  {
    input: 'src/index.ts',
    treeshake,
    plugins: [nodeResolve({ browser: true }), typescript()],
    output: [
      {
        file: 'dist/tidings.iife.min.js',
        format: 'iife',
        name: 'tidings',
        sourcemap: true,
        plugins: [terser({ compress: { passes: 3 } })],
      },
      {
        file: 'dist/tidings.min.js',
        format: 'esm',
        sourcemap: true,
        plugins: [terser({ module: true, compress: { passes: 3 } })],
      },
    ],
  },
  {
    input: entries,
    external: [...dependencies, ...peers],
    plugins: [dts(), commonjsTypes()],
    output: {
      dir: 'dist',
      format: 'esm',
      entryFileNames: '[name].d.ts',
      chunkFileNames: 'shared/[name]-[hash].d.ts',
    },
  },
]

const serverExternal = [
  /^node:/,
  /^tidings(-server)?($|\/)/,
  'ws',
  'jose',
  'nanoid',
  'libsql',
  '@redis/client',
  'postgres',
  'prom-client',
  'rate-limiter-flexible',
]
const server = [
  {
    // The worker that owns the database is loaded by its address, so it is an entry of its own.
    input: entriesOf('server/src', ['index', 'core', 'bin', 'log/sqlite-worker']),
    external: serverExternal,
    plugins: [typescript()],
    output: {
      dir: 'server/dist',
      format: 'esm',
      sourcemap: true,
      preserveModules: true,
      preserveModulesRoot: 'server/src',
    },
  },
  {
    input: entriesOf('server/src', ['index', 'core']),
    external: serverExternal,
    plugins: [dts({ compilerOptions: { paths: { 'tidings/protocol': ['./dist/protocol/index.d.ts'] } } })],
    output: { dir: 'server/dist', format: 'esm', entryFileNames: '[name].d.ts' },
  },
]

/** The least document that runs a script. */
const documentOf = (script) => ({
  name: 'document',
  generateBundle() {
    const source = `<!doctype html><link rel="icon" href="data:,"><script type="module" src="${script}"></script>\n`
    this.emitFile({ type: 'asset', fileName: 'index.html', source })
  },
})

const lab = [
  {
    // On the built SDK, as a page of an application is.
    input: entriesOf('lab/kills', ['page']),
    plugins: [nodeResolve({ browser: true }), typescript(), documentOf('page.js')],
    output: { dir: 'lab/dist/kills/page', format: 'esm' },
  },
  {
    // Seeds and cases are played in threads, each loaded by its address.
    input: entriesOf('lab', [
      'conformance/main',
      'frames/main',
      'kills/main',
      'leaks/main',
      'matrix/main',
      'matrix/work',
      'replay/main',
      'sim/main',
      'sim/worker',
    ]),
    external: serverExternal,
    plugins: [typescript()],
    output: {
      dir: 'lab/dist',
      format: 'esm',
      sourcemap: true,
      preserveModules: true,
      preserveModulesRoot: 'lab',
    },
  },
]

const parts = { sdk, server, lab }
const chosen = parts[process.env.PART] ?? Object.values(parts).flat()

// A warning here is an unresolved import or a cycle: it would reach users.
const onLog = (level, log) => {
  if (level === 'warn') throw new Error(log.message)
}
export default chosen.map((options) => ({ ...options, onLog }))
