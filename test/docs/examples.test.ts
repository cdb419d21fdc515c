// @vitest-environment happy-dom
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Client } from '../../src/core/index.js'
import { at, type Block, documentPaths, readDocument } from './markdown.js'
import { createStage, type Stage } from './stage.js'

const made = vi.hoisted((): Client[] => [])
vi.mock('../../src/create-client.js', async (original) => {
  const actual = await original<typeof import('../../src/create-client.js')>()
  const createClient = (options: Parameters<typeof actual.createClient>[0]) => {
    const client = actual.createClient(options)
    made.push(client)
    return client
  }
  return { ...actual, createClient }
})

interface Example extends Block {
  readonly name: string
  readonly file: string
}

const CODE = new Set(['ts', 'tsx', 'js', 'html'])
/** Blocks that no machine runs, in languages that say so. Any other language is a block that nobody checks. */
const NOT_CODE = new Set(['sh', 'json', 'conversation', ''])

const folder = `${at('.out/examples')}/`
const documents = documentPaths.map(readDocument)
const examples: readonly Example[] = documents.flatMap(({ path, sections }) =>
  sections.flatMap(({ title, blocks }) =>
    blocks
      .filter(({ language }) => CODE.has(language))
      .map((block) => ({
        ...block,
        name: `${path}: ${title}`,
        file: `${folder}${path.replaceAll(/\W/g, '-')}-${block.line}.${block.language}`,
      })),
  ),
)
const modules = examples.filter(({ language }) => language !== 'html')

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  // Without an import a block would be a script, and its names everybody's.
  for (const { file, text } of modules) writeFileSync(file, `${text}\nexport {}\n`)
  writeFileSync(`${folder}around.d.ts`, AROUND)
  writeFileSync(`${folder}tsconfig.json`, JSON.stringify(TSCONFIG))
})

const AROUND = `
declare const client: import('tidings').Client
declare const room: import('tidings').Room
declare const message: import('tidings').Message
declare function it(name: string, run: () => unknown): void
`

const TSCONFIG = {
  extends: '../../tsconfig.json',
  // An example may show what it does not use.
  compilerOptions: { noUnusedLocals: false },
  include: ['*'],
}

let stage: Stage
async function set(): Promise<Stage> {
  document.body.innerHTML = '<div id="root"></div>'
  const sdk = await import('../../src/index.js')
  stage = await createStage({
    createClient: sdk.createClient,
    takeClients: () => made.splice(0),
    stub: vi.stubGlobal,
  })
  return stage
}
afterEach(() => {
  vi.unstubAllGlobals()
})

async function run({ file, language, text }: Example): Promise<void> {
  if (language === 'html') return runPage(text)
  const module: Record<string, unknown> = await import(/* @vite-ignore */ file)
  if (typeof module['Chat'] === 'function') await show(module['Chat'])
}

/** Puts a page's elements into the document and runs its scripts, the built file's names being there already. */
async function runPage(html: string): Promise<void> {
  const scripts = [...html.matchAll(/<script(?: src="([^"]+)")?>([\s\S]*?)<\/script>/g)]
  document.body.innerHTML = html.replaceAll(/<script[\s\S]*?<\/script>/g, '')
  for (const [, source, text = ''] of scripts)
    if (source !== undefined) expect(source).toMatch(/tidings\.iife\.min\.js$/)
    else new Function('tidings', text)(await import('../../src/index.js'))
}

async function show(component: unknown): Promise<void> {
  const { createElement } = await import('react')
  const { createRoot } = await import('react-dom/client')
  const { TidingsProvider } = await import('../../src/react/index.js')
  const root = document.getElementById('root')
  if (!root || typeof component !== 'function') throw new Error('There is nothing to show.')
  const Chat = () => component()
  createRoot(root).render(createElement(TidingsProvider, { client: stage.client }, createElement(Chat)))
}

const printed = (what: string) =>
  stage.until(() => stage.printed.some((line) => line.includes(what)), `the example prints ${what}`)
const shown = (what: string) =>
  stage.until(() => document.body.textContent?.includes(what) ?? false, `the page shows ${what}`)
const click = async () => {
  const target = document.querySelector('button') ?? document.querySelector('ol')
  if (target instanceof HTMLElement) target.click()
}

/** What must come of an example, where running without complaint is not enough. */
const OUTCOMES: Readonly<Record<string, (example: Example) => Promise<void>>> = {
  'README.md: Use it': async ({ language }) => {
    if (language === 'ts') return printed('"status":"confirmed"')
    await shown('Hello from bob')
    await click()
    await shown('Hi')
  },
  'docs/guide.md: First client': () => printed('alice {"text":"Hello"} confirmed'),
  'docs/guide.md: Sending': () => printed('3'),
  'docs/guide.md: Retry and discard': async () => {
    stage.room.send({ text: 'FORBIDDEN' })
    await printed('Not sent in general: Not here.')
  },
  'docs/guide.md: Replies, edits, reactions': async () => {
    const bodies = () =>
      stage.room.timeline.get().items.map((item) => item.type === 'message' && item.reactions[0]?.emoji)
    await stage.until(() => ['🎉', '👍'].every((emoji) => bodies().includes(emoji)), 'the reactions show')
  },
  'docs/guide.md: Conflicts': async ({ text }) => {
    if (!text.includes('keepMine')) return
    await printed('conflict {"text":"Lunch at two"} {"text":"Lunch at one"}')
    const shownNow = () => stage.room.message(stage.message.key).get()
    await stage.until(() => shownNow()?.version === 3, 'the retry goes on top')
    expect(shownNow()).toMatchObject({ body: { text: 'Lunch at two' }, error: null })
  },
  'docs/guide.md: Typed bodies': () => printed('dora: Checked'),
  'docs/guide.md: Every message once': () => printed('new: alice {"text":"Is it on?"}'),
  'docs/guide.md: Read receipts': async ({ language }) => {
    if (language === 'tsx') {
      await shown('1 unread')
      await click()
      return shown('0 unread')
    }
    const { createClient, receipts } = await import('../../src/index.js')
    const bob = createClient({ url: 'ws://localhost:8787/v1/ws', user: 'bob', token: () => 'bob' })
    const room = bob.room('general')
    room.timeline.subscribe(() => receipts(room).markRead())
    bob.connect()
    await printed('read by bob')
    await printed('by 1 others')
  },
  'docs/guide.md: Typing': async ({ language }) => {
    const { createClient, typing } = await import('../../src/index.js')
    const bob = createClient({ url: 'ws://localhost:8787/v1/ws', user: 'bob', token: () => 'bob' })
    const room = bob.room('general')
    const { users, keystroke } = typing(room)
    users.subscribe(() => {})
    bob.connect()
    await stage.until(() => room.timeline.get().status === 'live', 'bob is in the room')
    keystroke()
    if (language === 'ts') return printed('bob typing')
    await shown('bob typing')
    await click()
    await shown('Say something')
  },
  'docs/guide.md: Idle': async ({ language }) => {
    if (language === 'tsx') await shown('active')
  },
  'docs/guide.md: Presence': async ({ language, text }) => {
    if (language === 'tsx') {
      await shown('1 here, bob is offline')
      await click()
      await stage.until(() => document.querySelector('[aria-pressed=true]') !== null, 'the button is pressed')
    } else if (text.includes('server')) await printed('0 seen in the last hour')
    else {
      await printed('bob is offline')
      await printed('here: alice busy')
    }
  },
  'docs/guide.md: Notifications': async ({ text }) => {
    if (text.includes('createEmbeddedServer')) return printed('true')
    await stage.until(() => stage.room.timeline.get().status === 'live', 'alice is here')
    await stage.notify('alice', 'mention', 'by bob')
    await printed('notified: mention by bob')
    await printed('1 unread')
  },
  'docs/guide.md: Connection': () => printed('connected'),
  'docs/guide.md: Several servers': () => printed(' 3'),
  'docs/guide.md: Errors': () => printed('A body must be JSON'),
  'docs/guide.md: React': async () => {
    await shown('Hello from bob')
    await shown('connected')
    await click()
    await stage.until(() => stage.room.timeline.get().items.length === 3, 'the button sends')
  },
  'docs/guide.md: A page without a build': () => shown('carol: Hello from a plain page'),
  'docs/guide.md: A server': () => printed('ws://127.0.0.1:'),
  'docs/guide.md: Backends without cursors': () => printed('1 rows read'),
  'docs/guide.md: Records that are not messages': async ({ text }) => {
    if (text.includes('commit:')) await printed('Buy bread false failed')
    if (text.includes('recordsOf')) await printed('Weather confirmed')
  },
  'docs/guide.md: Vector clocks': () => printed('after {"laptop":1,"phone":3}'),
  'docs/server.md: Workers': () => printed('orders/7: 1 messages in the index'),
  'docs/guide.md: Testing': async () => {
    if (stage.cases.length > 0) return
    expect(stage.printed).toEqual(['delayed', 'confirmed'])
  },
}

describe('the examples of the documents', () => {
  it.each(examples)('$name, line $line, runs', async (example) => {
    await set()
    await run(example)
    await OUTCOMES[example.name]?.(example)
    for (const { run: check } of stage.cases) await check()
    await stage.end()
    expect(stage.complaints).toEqual([])
  })

  it('have the types that they use', () => {
    const compiler = at('node_modules/typescript-7/bin/tsc')
    const { status, stdout } = spawnSync(process.execPath, [compiler, '-p', folder], {
      ...{ encoding: 'utf8', cwd: at('.') },
    })
    // What is wrong in the sources themselves is for the type check of the sources to say.
    expect(stdout.split('\n').filter((line) => line.includes('.out/examples/'))).toEqual([])
    expect(status === 0 || stdout.includes('error TS')).toBe(true)
  }, 60_000)

  it('are all known: nothing in the list of outcomes is left over, and no block is in a language that nobody checks', () => {
    const names = new Set(examples.map(({ name }) => name))
    expect(Object.keys(OUTCOMES).filter((name) => !names.has(name))).toEqual([])
    const languages = documents.flatMap(({ blocks }) => blocks.map(({ language }) => language))
    expect(languages.filter((language) => !CODE.has(language) && !NOT_CODE.has(language))).toEqual([])
  })
})
