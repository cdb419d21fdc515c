// Judges the packed tarball as its users will meet it. Run after the build.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkHermes } from './hermes.mjs'
import { node, npm, root } from './run.mjs'

const problems = []
const expect = (holds, problem) => {
  if (!holds) problems.push(problem)
}

const pack = async () => {
  const folder = join(root, '.out/package')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const { status, output } = await npm(['pack', '--silent', '--pack-destination', folder], { quiet: true })
  const [name] = readdirSync(folder)
  if (status !== 0 || name === undefined) throw new Error(`npm pack failed:\n${output}`)
  return join(folder, name)
}

const checkTools = async (tarball) => {
  const publint = await node(['node_modules/publint/src/cli.js', tarball, '--strict'], { quiet: true })
  expect(publint.status === 0, `publint:\n${publint.output}`)
  const attw = await node(
    ['node_modules/@arethetypeswrong/cli/dist/index.js', tarball, '--profile', 'node16', '--no-emoji'],
    { quiet: true },
  )
  expect(attw.status === 0, `are the types wrong:\n${attw.output}`)
}

/** The declarations may name React and nothing else: a user's compiler need not find our dependencies. */
const checkTypes = (folder) => {
  for (const file of readdirSync(folder, { recursive: true }))
    if (/\.d\.c?ts$/.test(file))
      // Neither comments nor texts that are types import anything.
      for (const [, name] of readFileSync(join(folder, file), 'utf8')
        .replaceAll(/\/\*[\s\S]*?\*\//g, '')
        .matchAll(/(?:\bfrom\s+|import\(\s*)'([^']+)'/g))
        expect(name.startsWith('.') || name === 'react', `dist/${file} imports the types of ${name}`)
}

/** Where no dependency is installed, CommonJS still loads; and no file of it needs a window to be loaded. */
const checkCommonJs = async (exported) => {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-package-'))
  cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true })
  for (const [subpath, { require }] of exported) {
    if (subpath === './react') continue
    const file = join(folder, require.default)
    const loaded = await node(['-e', `require(${JSON.stringify(file)})`], { quiet: true })
    expect(loaded.status === 0, `require of ${subpath} without dependencies:\n${loaded.output}`)
  }
  rmSync(folder, { recursive: true, force: true })
}

const exported = Object.entries(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).exports).filter(
  ([, target]) => typeof target === 'object',
)
const tarball = await pack()
await Promise.all([checkTools(tarball), checkCommonJs(exported)])
checkTypes(join(root, 'dist'))
for (const problem of await checkHermes()) problems.push(problem)

for (const problem of problems) console.error(problem.trimEnd())
if (problems.length > 0) process.exit(1)
console.log('package: publint, types, CommonJS without dependencies and Hermes are content')
