import { describe, expect, it } from 'vitest'
import { platformUses } from './globals.js'
import { importCycles, wrongImports } from './layers.js'
import { parse, sourcesOf } from './sources.js'
import { emptyNames, leftForLater, silencedChecks, tooLong } from './style.js'

const sdk = sourcesOf('src')
const server = sourcesOf('server/src')
const product = [...sdk, ...server]
const examples = sourcesOf('examples/react/src')
const lab = sourcesOf('lab')
const everything = [
  ...product,
  ...examples,
  ...lab,
  ...sourcesOf('test'),
  ...sourcesOf('server/test'),
  ...sourcesOf('tools'),
]

// Only what adapts to a platform, or chooses the adapters, may name one.
const mayTouchPlatform = (path: string) =>
  path.startsWith('src/adapters/') ||
  // Virtual time still needs real turns of the event loop.
  path === 'src/testing/macrotask.ts' ||
  /^src\/[^/]+\.ts$/.test(path) ||
  (path.startsWith('server/src/') && !path.startsWith('server/src/core/'))

describe('the product', () => {
  it('imports along the arrows only', () => {
    expect(wrongImports([...product, ...examples])).toEqual([])
  })
  it('has no import cycle', () => {
    expect(importCycles(product)).toEqual([])
  })
  it('touches a platform in adapters and composition roots only', () => {
    expect(product.filter(({ path }) => !mayTouchPlatform(path)).flatMap(platformUses)).toEqual([])
  })
  it('keeps files to 300 lines and functions to 60', () => {
    expect([...product, ...lab].flatMap(tooLong)).toEqual([])
  })
  it('never silences the compiler', () => {
    expect([...product, ...lab].flatMap(silencedChecks)).toEqual([])
  })
  it('leaves nothing for later', () => {
    expect(everything.filter(({ path }) => !path.startsWith('test/checks/')).flatMap(leftForLater)).toEqual(
      [],
    )
  })
  it('uses names that say something', () => {
    expect([...product, ...lab].flatMap(emptyNames)).toEqual([])
  })
})

describe('the referees', () => {
  it('see an import against the arrows, in each form of import', () => {
    const against = (text: string) => wrongImports([parse('src/core/messages/a.ts', text)])
    expect(against(`import { x } from '../client.js'`)).toEqual([
      'src/core/messages/a.ts must not import src/core/client.ts',
    ])
    expect(against(`export * from '../../adapters/x.js'`)).toHaveLength(1)
    expect(against(`const x = () => import('idb')`)).toHaveLength(1)
    expect(against(`type X = import('../room.js').Room`)).toHaveLength(1)
    expect(against(`import { x } from '../seams/clock.js'`)).toEqual([])
    expect(wrongImports([parse('server/src/a.ts', `import 'tidings'`)])).toHaveLength(1)
    expect(wrongImports([parse('src/core/seams/a.ts', `import './b.js'`)])).toHaveLength(1)
  })
  it('see a cycle of three files, once', () => {
    const files = [
      parse('src/a.ts', `import './b.js'`),
      parse('src/b.ts', `import './c.js'`),
      parse('src/c.ts', `import './a.js'`),
    ]
    expect(importCycles(files)).toEqual(['src/a.ts → src/b.ts → src/c.ts → src/a.ts'])
    expect(importCycles(files.slice(0, 2))).toEqual([])
  })
  it('see a platform being used, and leave seams, keys and types of the same name alone', () => {
    const uses = (text: string) => platformUses(parse('src/core/a.ts', text))
    expect(uses('const t = Date.now()')).toEqual(['src/core/a.ts:1 reads the wall clock'])
    expect(uses('const t = new Date()')).toHaveLength(1)
    expect(uses('setTimeout(() => {}, 1)')).toHaveLength(1)
    expect(uses('const x = { run: setTimeout }')).toHaveLength(1)
    expect(uses('const x = { crypto }')).toHaveLength(1)
    expect(uses('const x = navigator.onLine || Math.random()')).toHaveLength(2)
    expect(uses('const t = new Date(0).toISOString()')).toEqual([])
    expect(uses('const f = (document: string) => document.length')).toEqual([])
    expect(uses('const x = { window: 1, self: 2 }; x.window = clock.setTimeout()')).toEqual([])
    expect(uses('type X = { fetch: () => void; window?: number }')).toEqual([])
  })
  it('see a silenced compiler, a promise for later, an empty name and a long function', () => {
    const text = (line: string) => parse('src/core/a.ts', line)
    expect(silencedChecks(text('const x: any = 1'))).toHaveLength(1)
    expect(silencedChecks(text('const x = y as unknown as string'))).toHaveLength(1)
    expect(silencedChecks(text('const x = 1\n// @ts-ignore\nconst y = 2'))).toHaveLength(1)
    expect(silencedChecks(text('const x = y as const'))).toEqual([])
    expect(leftForLater(text(`const x = 1 // ${'TO'}${'DO'}: more`))).toHaveLength(1)
    expect(emptyNames(text('type UserData = 1; const createRoomManager = () => 1'))).toHaveLength(2)
    expect(emptyNames(text('const openDatabase = () => 1'))).toEqual([])
    const long = `const f = () => {\n${'  g()\n'.repeat(70)}}`
    expect(tooLong(text(long))).toHaveLength(1)
    expect(
      tooLong(text(`const create = () => {\n${'  const h = () => {\n    g()\n  }\n'.repeat(30)}}`)),
    ).toEqual([])
  })
})
