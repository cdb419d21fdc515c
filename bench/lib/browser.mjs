// A page of a real browser that has one bundle of ours loaded, served on localhost: storage and locks need a secure origin. It is driven by
// the browser's own protocol: libraries for tests listen to the network as well, and so every frame of a socket is copied to them.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { findBrowsers } from '../../tools/browsers.mjs'
import { loadSource } from './apart.mjs'
import { peersFolder } from './peers.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const asRoot = process.getuid?.() === 0
const always = [
  ...['--headless', '--no-startup-window', '--remote-debugging-pipe', '--disable-gpu', '--disable-quic'],
  ...['--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  ...(asRoot ? ['--no-sandbox'] : []),
]

/** A script for each module: ours from its sources, peers from where they are installed. */
const bundle = async (entries) => {
  const { outputFiles } = await build({
    entryPoints: entries.map((entry) => join(root, entry)),
    outdir: root,
    nodePaths: [peersFolder],
    define: { 'process.env.NODE_ENV': '"production"' },
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    alias: { tidings: join(root, 'src/index.ts'), 'tidings/react': join(root, 'src/react/index.ts') },
    logLevel: 'error',
  })
  return outputFiles.map(({ text }) => text)
}

const documentOf = (scripts) => {
  const tags = scripts.map((_, i) => `<script type="module" src="/${i}.js"></script>`)
  // Modules run in their order: this one last.
  return `<!doctype html><body>${tags.join('')}<script type="module">window.benchIsReady = true</script>`
}

const serve = (scripts) =>
  new Promise((resolve) => {
    const server = createServer((request, response) => {
      // With these two a page's clock ticks in 5 µs instead of 100.
      response.setHeader('cross-origin-opener-policy', 'same-origin')
      response.setHeader('cross-origin-embedder-policy', 'require-corp')
      const script = scripts[Number(/^\/(\d+)\.js$/.exec(request.url)?.[1])]
      response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript')
      response.end(script ?? documentOf(scripts))
    })
    server.listen(0, '127.0.0.1', () => resolve(server))
  })

/** Why nothing can be measured in Chromium here; undefined where it can. */
export const missingChromium = () =>
  findBrowsers().chromium === undefined ? 'there is no Chromium; CHROMIUM_PATH names one' : undefined

const launch = async (profile, flags) => {
  const { createDevtools } = await loadSource('lab/kills/devtools.ts')
  const child = spawn(findBrowsers().chromium, [...always, ...flags, `--user-data-dir=${profile}`], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  })
  const devtools = createDevtools(child.stdio[3], child.stdio[4])
  const exited = once(child, 'exit').finally(devtools.end)
  const close = async () => {
    await devtools.send('Browser.close').catch(() => child.kill())
    await exited
  }
  return { devtools, close }
}

const openPage = async (devtools, url) => {
  const { openDevtoolsPage } = await loadSource('lab/kills/devtools-page.ts')
  devtools.on('Runtime.exceptionThrown', ({ exceptionDetails: { exception, text } }) =>
    console.error(exception?.description ?? text),
  )
  const page = await openDevtoolsPage(devtools)
  await page.go(url)
  return page
}

/**
 * Opens a page of these modules in Chromium, with a profile of its own on disk, and runs `use(call, {send, origin})`. The modules set
 * functions in `window.bench`; `call(name, …args)` runs one of them there, `send(method, params)` asks the page's developer tools. `flags`
 * are more of Chromium's.
 */
export const inChromium = async (entries, use, { flags = [] } = {}) => {
  const server = await serve(await bundle([entries].flat()))
  const origin = `http://127.0.0.1:${server.address().port}`
  const profile = mkdtempSync(join(tmpdir(), 'tidings-bench-'))
  const { devtools, close } = await launch(profile, flags)
  try {
    const { evaluate, send } = await openPage(devtools, `${origin}/`)
    if (!(await evaluate('window.benchIsReady'))) throw new Error('The modules of the page did not run.')
    const call = (name, ...given) =>
      evaluate(`window.bench[${JSON.stringify(name)}](...${JSON.stringify(given)})`)
    return await use(call, { send, origin })
  } finally {
    await close()
    server.close()
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}
