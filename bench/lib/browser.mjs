// A page of a real browser that has one bundle of ours loaded, served on localhost: storage and locks need a secure origin.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { chromium } from 'playwright'
import { findBrowsers } from '../../tools/browsers.mjs'
import { peersFolder } from './peers.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const args = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']
const asRoot = process.getuid?.() === 0

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

/**
 * Opens a page of these modules in Chromium, with a profile of its own on disk, and runs `use(call, {page, origin})`. The modules set
 * functions in `window.bench`; `call(name, …args)` runs one of them there. `flags` are more of Chromium's.
 */
export const inChromium = async (entries, use, { flags = [] } = {}) => {
  const server = await serve(await bundle([entries].flat()))
  const origin = `http://127.0.0.1:${server.address().port}`
  const profile = mkdtempSync(join(tmpdir(), 'tidings-bench-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findBrowsers().chromium,
    headless: true,
    args: [...args, ...flags, ...(asRoot ? ['--no-sandbox'] : [])],
  })
  try {
    const page = await context.newPage()
    page.on('pageerror', (error) => console.error(error))
    await page.goto(`${origin}/`)
    await page.waitForFunction('window.benchIsReady')
    page.setDefaultTimeout(0)
    const call = (name, ...given) =>
      page.evaluate(([wanted, values]) => window.bench[wanted](...values), [name, given])
    return await use(call, { page, origin })
  } finally {
    await context.close()
    server.close()
    rmSync(profile, { recursive: true, force: true })
  }
}
