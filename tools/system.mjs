// Debian packages that the tests use, installed only when asked for. Node built-ins only.
import { spawnSync } from 'node:child_process'
import { findBrowsers } from './browsers.mjs'
import { retry, run } from './run.mjs'

const install = async (names) => {
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  const apt = async (...args) => {
    const [program, ...rest] = [...asRoot, 'apt-get', ...args]
    return run(program, rest, { quiet: true, env: { DEBIAN_FRONTEND: 'noninteractive' } })
  }
  await retry(() => apt('update', '-qq'))
  const { status, output } = await retry(() =>
    apt('install', '-y', '-qq', '--no-install-recommends', ...names),
  )
  if (status !== 0) console.error(output.split('\n').slice(-20).join('\n'))
}

const packages = {
  chromium: ['chromium'],
  firefox: ['firefox-esr'],
  webkit: ['xvfb', 'libwebkit2gtk-4.1-0'],
}

/**
 * Names of the browsers that are not on this machine. With `mayInstall` they are installed first, so that what is
 * returned then could not be had at all.
 */
export const missingBrowsers = async (mayInstall) => {
  const missing = () =>
    Object.entries(findBrowsers()).flatMap(([name, path]) => (path === undefined ? [name] : []))
  const before = missing()
  if (before.length === 0 || !mayInstall || process.platform !== 'linux') return before
  const wanted = before.flatMap((name) => packages[name])
  console.log(`Installing ${wanted.join(' and ')} …`)
  await install(wanted)
  return missing()
}

const lacksRedis = () => spawnSync('redis-server', ['--version']).status !== 0

/** Whether there is no redis-server on this machine; with `mayInstall` it is installed first. */
export const missingRedis = async (mayInstall) => {
  if (lacksRedis() && mayInstall && process.platform === 'linux') {
    console.log('Installing redis-server …')
    await install(['redis-server'])
  }
  return lacksRedis()
}

/** The command that gets a redis-server onto this machine. */
export const redisCommand = 'sudo apt-get install redis-server'

/** The command that gets a browser onto this machine. */
export const commandFor = (name) =>
  name === 'chromium' ? 'npx playwright install chromium' : `sudo apt-get install ${packages[name].join(' ')}`
