// A page of a real browser that has one bundle of ours loaded, served on localhost: storage and locks need a secure origin.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { chromium } from 'playwright'
import { findBrowsers } from '../../tools/browsers.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const args = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']
const asRoot = process.getuid?.() === 0

const bundle = async (entry) => {
  const { outputFiles } = await build({
    entryPoints: [join(root, entry)],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: 'es2022',
    alias: { tidings: join(root, 'src/index.ts') },
    logLevel: 'error',
  })
  return outputFiles[0].text
}

const serve = (script) =>
  new Promise((resolve) => {
    const server = createServer((request, response) => {
      // With these two a page's clock ticks in 5 µs instead of 100.
      response.setHeader('cross-origin-opener-policy', 'same-origin')
      response.setHeader('cross-origin-embedder-policy', 'require-corp')
      const isScript = request.url === '/page.js'
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
      response.end(isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>')
    })
    server.listen(0, '127.0.0.1', () => resolve(server))
  })

/** Why nothing can be measured in Chromium here; undefined where it can. */
export const missingChromium = () =>
  findBrowsers().chromium === undefined ? 'there is no Chromium; CHROMIUM_PATH names one' : undefined

/**
 * Opens `entry` in Chromium, with a profile of its own on disk, and runs `use(call)`. The page sets `window.bench`; `call(name, …args)`
 * runs one of its functions there.
 */
export const inChromium = async (entry, use) => {
  const server = await serve(await bundle(entry))
  const profile = mkdtempSync(join(tmpdir(), 'tidings-bench-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findBrowsers().chromium,
    headless: true,
    args: asRoot ? [...args, '--no-sandbox'] : args,
  })
  try {
    const page = await context.newPage()
    page.setDefaultTimeout(0)
    await page.goto(`http://127.0.0.1:${server.address().port}/`)
    await page.waitForFunction('window.bench !== undefined')
    return await use((name, ...given) =>
      page.evaluate(([wanted, values]) => window.bench[wanted](...values), [name, given]),
    )
  } finally {
    await context.close()
    server.close()
    rmSync(profile, { recursive: true, force: true })
  }
}
