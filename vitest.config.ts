import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig, type TestUserConfig } from 'vitest/config'
import { webkitGtk } from './test/browser/setup/webkit-gtk.js'
import { findBrowsers } from './tools/browsers.mjs'

// `npm test` runs them all; the loop of a developer leaves them out.
const slow = [
  // They start processes, threads or a compiler, or parse every source.
  'server/test/program.test.ts',
  'server/test/log/sqlite.test.ts',
  'server/test/archive/processes.test.ts',
  'server/test/consuming/servers.test.ts',
  'test/docs/examples.test.ts',
  'test/lab/conformance.test.ts',
  'test/checks/rules.test.ts',
  // Walks, storms and models that chance leads, and rooms of very many messages.
  'test/core/client/eviction.test.ts',
  'test/core/client/full-outbox.test.ts',
  'test/core/client/gap.test.ts',
  'test/core/client/hand-overs.test.ts',
  'test/core/client/history.test.ts',
  'test/core/client/jumps-{rare,to-messages,to-moments}.test.ts',
  'test/core/client/random.test.ts',
  'test/core/client/slow-disk.test.ts',
  'test/core/client/standing-in-the-past.test.ts',
  'test/core/client/timeline-model.test.ts',
  'test/core/client/wandering.test.ts',
  'test/core/connection/never-gives-up.test.ts',
  'test/core/connection/router-shares.test.ts',
  'test/core/messages/ordered-buffer-many.test.ts',
  'test/core/messages/ordered-buffer-model.test.ts',
  'test/core/messages/outbox-model.test.ts',
  'test/core/messages/steps.test.ts',
  'test/core/people/typing-together.test.ts',
  'test/core/records/optimistic-laws.test.ts',
  'test/protocol/codec-hostile.test.ts',
  'test/protocol/codec-model.test.ts',
  'test/protocol/stamp-text.test.ts',
  // The example, drawn whole for each test.
  'test/react/example/{actions,people,room-view}.test.tsx',
  // Conversations of a document, played against a server.
  'test/docs/conversations.test.ts',
  // Servers with real sockets, and who talks to them.
  'server/test/{collections,deploy,embedded,http-session-limits,http-sessions,jwks,operating,readers,tls,webhook}.test.ts',
  'test/adapters/http/http.test.ts',
  'test/core/client/real-sockets.test.ts',
  'test/core/messages/timestamp-{http,server}.test.ts',
  'test/laws/{http,web-socket}.test.ts',
]

// Components without a window, as on a server.
const windowless = ['test/react/{receipts-server,server}.test.tsx']

// The long programs of the lab: `npm test` runs each as a part of its own, with its share of the time.
const lab = ['frames', 'leaks', 'matrix', 'mutants', 'replay', 'sim'].map(
  (name) => `test/lab/${name}.test.ts`,
)

// They start Redis processes of their own: a part of `npm test` with its share of the time.
const redis = ['server/test/redis/**/*.test.ts']

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// Tests run on the sources: no build is needed, and a stack trace names the line that is wrong.
const alias = [
  { find: /^tidings$/, replacement: at('src/index.ts') },
  { find: /^tidings\/(core|protocol|react|testing)$/, replacement: at('src/$1/index.ts') },
  { find: /^tidings-server\/core$/, replacement: at('server/src/core.ts') },
  { find: /^tidings-server$/, replacement: at('server/src/index.ts') },
]

const { chromium, firefox, webkit } = findBrowsers()
const asRoot = process.getuid?.() === 0
const chromiumArgs = [
  ...(asRoot ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

// `BROWSERS=chromium` narrows a run to one engine; without it every engine that is on the machine takes part.
const wanted = process.env['BROWSERS']?.split(',')
const takesPart = (name: string) => wanted === undefined || wanted.includes(name)
const instances = [
  ...(chromium !== undefined && takesPart('chromium')
    ? [
        {
          browser: 'chromium' as const,
          provider: playwright({ launchOptions: { executablePath: chromium, args: chromiumArgs } }),
        },
      ]
    : []),
  ...(firefox !== undefined && takesPart('firefox')
    ? [
        {
          browser: 'firefox' as const,
          provider: playwright({ launchOptions: { channel: 'moz-firefox', executablePath: firefox } }),
        },
      ]
    : []),
]

const browserTests = { include: ['test/browser/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 30_000 }

type Browsers = NonNullable<NonNullable<TestUserConfig['browser']>['instances']>
const browserProject = (name: string, browsers: Browsers) => ({
  extends: true as const,
  // Named here, else Vite finds them during the first run and reloads the page under the tests.
  optimizeDeps: { include: ['idb', 'mitt', 'nanoid'] },
  test: {
    ...browserTests,
    name,
    globalSetup: ['test/browser/setup/global.ts'],
    browser: {
      ...{ enabled: true, headless: true, ui: false, screenshotFailures: false, instances: browsers },
      // Engines start side by side: on a machine that has much to do, one of them takes minutes.
      connectTimeout: 240_000,
    },
  },
})

// One project cannot mix providers.
const projects = [
  ...(instances.length > 0 ? [browserProject('browser', instances)] : []),
  ...(webkit !== undefined && takesPart('webkit')
    ? [browserProject('browser-webkit', [{ browser: 'webkit', provider: webkitGtk(webkit) }])]
    : []),
]

// Where a browser is missing its tests are collected and reported as skipped: never silently left out.
const present: readonly string[] = projects.flatMap(({ test }) =>
  test.browser.instances.map(({ browser }) => browser),
)
const absent = ['chromium', 'firefox', 'webkit'].filter((name) => !present.includes(name))
const skipped = absent.map((name) => ({
  extends: true as const,
  test: { ...browserTests, name: `browser-${name}-missing`, environment: 'node', testNamePattern: /^never$/ },
}))

export default defineConfig({
  resolve: { alias },
  test: {
    passWithNoTests: true,
    pool: 'threads',
    // No test waits for a clock: this bounds what hangs, on a machine however slow.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // One worker a core: most of the time goes into computing.
    maxWorkers: availableParallelism(),
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          environment: 'node',
          setupFiles: ['test/setup-fast-check.ts'],
          include: ['test/**/*.test.ts', 'server/test/**/*.test.ts', ...windowless],
          exclude: [
            'test/browser/**',
            'test/react/**/*.test.ts',
            'test/e2e/**',
            ...slow,
            ...lab,
            ...redis,
            '**/node_modules/**',
          ],
        },
      },
      {
        extends: true,
        test: { name: 'slow', environment: 'node', setupFiles: ['test/setup-fast-check.ts'], include: slow },
      },
      { extends: true, test: { name: 'redis', environment: 'node', include: redis } },
      { extends: true, test: { name: 'lab', environment: 'node', include: lab, testTimeout: 600_000 } },
      {
        extends: true,
        test: {
          name: 'dom',
          environment: 'happy-dom',
          include: ['test/react/**/*.test.{ts,tsx}'],
          exclude: [...windowless, ...slow],
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // One real server and one real browser a file: two files at once would fight for two cores.
          fileParallelism: false,
        },
      },
      ...projects,
      ...skipped,
    ],
  },
})
