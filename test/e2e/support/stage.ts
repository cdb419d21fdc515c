import { type Browser, type BrowserContext, chromium, type LaunchOptions } from 'playwright'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from 'vitest'
import { findBrowsers } from '../../../tools/browsers.mjs'
import { type ChatPage, chatPage } from './chat-page.js'
import { type Relay, startRelay } from './relay.js'
import { type ChatServer, startServer } from './server.js'

/** Everything that one test stands on; gone when the test is over. */
export interface Stage {
  readonly server: ChatServer
  /** Another browser profile: storage, service worker and network of its own. */
  profile(): Promise<BrowserContext>
  /** A window on the chat, in a profile of its own unless one is given; connected unless it was told not to be. */
  enter(user: string, options?: EnterOptions): Promise<ChatPage>
  /** A window on any address, in a profile of its own. */
  visit(url: string): Promise<ChatPage>
  /** Something between a page and the server that breaks what passes. */
  relay(): Promise<Relay>
  /** Errors in a console that belong to what this test does, such as those about a server that is away. */
  excuse(...patterns: readonly RegExp[]): void
}

export interface EnterOptions {
  readonly profile?: BrowserContext
  readonly relay?: Relay
  readonly room?: string
  /** `/` is the React example. */
  readonly path?: string
}

/** What a browser says by itself when a page asks for something that it cannot reach. */
export const UNREACHABLE =
  /net::ERR_(CONNECTION_(REFUSED|RESET|CLOSED)|EMPTY_RESPONSE|INTERNET_DISCONNECTED|NETWORK_CHANGED|FAILED)|WebSocket (connection to|is closed)/

const asRoot = process.getuid?.() === 0
const flags = [...(asRoot ? ['--no-sandbox'] : []), '--disable-gpu', '--disable-quic', '--no-first-run']

async function createStage(browser: Browser, server: ChatServer) {
  const ends: (() => Promise<unknown>)[] = []
  const troubles: string[] = []
  const excused: RegExp[] = []

  async function profile(): Promise<BrowserContext> {
    const context = await browser.newContext({
      viewport: { width: 900, height: 700 },
      reducedMotion: 'reduce',
    })
    context.setDefaultTimeout(20_000)
    context.on('console', (line) => {
      if (line.type() === 'error') troubles.push(`${line.text()} (${line.location().url})`)
    })
    context.on('weberror', (thrown) => troubles.push(thrown.error().stack ?? thrown.error().message))
    ends.push(() => context.close())
    return context
  }

  async function open(url: string, context: BrowserContext): Promise<ChatPage> {
    const page = await context.newPage()
    await page.goto(url)
    return chatPage(page)
  }

  const stage: Stage = {
    server,
    profile,
    visit: async (url) => open(url, await profile()),
    async enter(user, { profile: given, relay, room = 'general', path = '/' } = {}) {
      const origin = relay?.origin ?? server.origin
      const query = new URLSearchParams({ user, room }).toString()
      return open(`${origin}${path}?${query}`, given ?? (await profile()))
    },
    async relay() {
      const made = await startRelay(server.port)
      ends.push(() => made.close())
      return made
    },
    excuse: (...patterns) => excused.push(...patterns),
  }
  return {
    stage,
    async end(): Promise<readonly string[]> {
      for (const each of ends) await each()
      return troubles.filter((text) => !excused.some((pattern) => pattern.test(text)))
    },
  }
}

const executablePath = findBrowsers().chromium

/**
 * Tests in Chromium against the server process: each with a server, a file and profiles of its own, and each of them fails when a page
 * logs an error or throws one that nobody catches. Without a Chromium on this machine they are reported as skipped.
 */
export function inChromium(
  name: string,
  tests: (on: () => Stage) => void,
  options: LaunchOptions = {},
): void {
  describe.skipIf(executablePath === undefined)(name, () => {
    let browser: Browser
    let server: ChatServer
    let next: Promise<ChatServer>
    let current: Awaited<ReturnType<typeof createStage>>

    beforeAll(async () => {
      next = startServer()
      browser = await chromium.launch({ ...(executablePath && { executablePath }), args: flags, ...options })
    })
    afterAll(async () => {
      await browser.close()
      await (await next).remove()
    })
    beforeEach(async () => {
      server = await next
      // The next test's server starts while this test runs.
      next = startServer()
      current = await createStage(browser, server)
    })
    afterEach(async () => {
      const troubles = await current.end()
      await server.remove()
      expect(troubles).toEqual([])
    })
    tests(() => current.stage)
  })
}
