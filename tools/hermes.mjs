// React Native's compiler must read `tidings/core` as it is, and find no global there that a bare engine lacks.
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { root, run } from './run.mjs'

// Part of the language, and of every engine that React Native runs on; the compiler does not list it.
const known = new Set(['Promise'])

const folders = { linux: 'linux64-bin', darwin: 'osx-bin', win32: 'win64-bin' }

/** Resolves with what is wrong, nothing when all is well. */
export const checkHermes = async () => {
  const packageFile = createRequire(import.meta.url).resolve('hermes-compiler/package.json')
  const hermesc = join(dirname(packageFile), 'hermesc', folders[process.platform] ?? '', 'hermesc')
  const bundle = join(root, '.out/core.bundle.js')
  mkdirSync(join(root, '.out'), { recursive: true })
  const { metafile } = await build({
    entryPoints: [join(root, 'dist/core/index.js')],
    absWorkingDir: root,
    bundle: true,
    format: 'iife',
    target: 'es2022',
    globalName: 'core',
    outfile: bundle,
    metafile: true,
  })
  const problems = Object.keys(metafile.inputs)
    .filter((file) => /node_modules\/(idb|nanoid|react)\//.test(file))
    .map((file) => `tidings/core holds ${file}`)
  const { status, output } = await run(hermesc, ['-O', '-emit-binary', '-out', `${bundle}.hbc`, bundle], {
    quiet: true,
  })
  if (status !== 0) problems.push(`hermesc cannot read tidings/core:\n${output}`)
  for (const [, name] of output.matchAll(/the variable "([^"]+)" was not declared/g))
    if (!known.has(name)) problems.push(`tidings/core needs the global ${name}`)
  return problems
}
