import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMemoryStorage } from '../../../src/adapters/memory.js'
import { type Foldable, fold } from '../../../src/core/messages/fold.js'
import { createLog } from '../../../src/core/messages/log.js'
import type { StoredMessage } from '../../../src/core/messages/record.js'
import { createWindow } from '../../../src/core/messages/window.js'
import { formatStamp, type LogEntry } from '../../../src/protocol/index.js'

const ROOM = 'general'
const MESSAGES = 3
const at = (seq: number) => ({ seq, cursor: `c${seq}` })
const stamp = (seq: number) => formatStamp(1_000 + seq, 0, 'node-of-ali')

/** What is done to one of the messages with which the room begins. */
interface Deed {
  readonly on: number
  readonly kind: 'edit' | 'delete' | 'react' | 'unreact'
  readonly by: string
  readonly emoji: string
}

/** The log of a room: its messages, and then what is done to them, as a server numbers it. */
function logOf(deeds: readonly Deed[]): readonly LogEntry[] {
  const versions = new Map<number, number>()
  const common = (seq: number, from: string) => ({
    seq,
    messageId: `m${seq}`,
    id: `o${seq}`,
    from,
    stamp: stamp(seq),
    ts: 1_000 + seq,
  })
  const creates = Array.from({ length: MESSAGES }, (_, i): LogEntry => {
    return { ...common(i + 1, 'alice'), kind: 'create', body: 'first words' }
  })
  // A server takes nothing for a message that was deleted.
  const possible = deeds.filter(
    ({ on }, i) => !deeds.slice(0, i).some((before) => before.kind === 'delete' && before.on === on),
  )
  const changes = possible.map(({ on, kind, by, emoji }, i): LogEntry => {
    const seq = MESSAGES + 1 + i
    const entry = { ...common(seq, by), target: { messageId: `m${on}`, seq: on, stamp: stamp(on) } }
    if (kind === 'react' || kind === 'unreact') return { ...entry, kind, body: emoji }
    const version = (versions.get(on) ?? 1) + 1
    versions.set(on, version)
    return { ...entry, kind, version, ...(kind === 'edit' && { body: `version ${version}` }) }
  })
  return [...creates, ...changes]
}

const faceOf = ({ body, version, edited, deleted, reactions }: Foldable) => ({
  ...{ body, version, edited, deleted },
  reactions: reactions.map(({ emoji, users }) => [emoji, [...users].sort()]),
})
const facesOf = (messages: readonly StoredMessage[]) =>
  [...messages].sort((a, b) => a.seq - b.seq).map(faceOf)

/** What the messages are when everything was done to them in turn. */
function truth(log: readonly LogEntry[]) {
  return Array.from({ length: MESSAGES }, (_, i) => {
    const begun: Foldable = { body: 'first words', version: 1, edited: false, deleted: false, reactions: [] }
    return faceOf(
      log
        .filter(({ target }) => target?.seq === i + 1)
        .reduce((message, { kind, from, body, version }) => {
          if (kind === 'create' || kind === 'system') return message
          return fold(message, { kind, from, body, version })
        }, begun),
    )
  })
}

/** The log, where a client stood, where it came back to, and how many entries each page of the gap brings from the newer end. */
const away = fc
  .array(
    fc.record({
      on: fc.integer({ min: 1, max: MESSAGES }),
      kind: fc.constantFrom('edit', 'react', 'unreact', 'react', 'unreact', 'delete' as const),
      by: fc.constantFrom('alice', 'bob'),
      emoji: fc.constantFrom('heart', 'eyes'),
    }),
    { minLength: 3, maxLength: 24 },
  )
  .map(logOf)
  .filter(({ length }) => length >= MESSAGES + 2)
  .chain((log) => {
    return fc.record({
      log: fc.constant(log),
      ends: fc
        .uniqueArray(fc.integer({ min: MESSAGES, max: log.length }), { minLength: 3, maxLength: 3 })
        .map((ends) => ends.sort((a, b) => a - b)),
      step: fc.integer({ min: 1, max: 10 }),
    })
  })

/** Pages of a gap, from the newer end. */
function* pagesOf(after: number, upTo: number, step: number) {
  for (let end = upTo; end > after; end = Math.max(after, end - step))
    yield { after: Math.max(after, end - step), upTo: end }
}

describe('operations on messages below a gap', () => {
  it('come to the same on the device, in whatever order they are heard', async () => {
    await fc.assert(
      fc.asyncProperty(away, async ({ log, ends: [stood = 0, back = 0, live = 0], step }) => {
        const store = await createMemoryStorage().open('cache')
        const kept = createLog({ open: async () => store, now: () => 0, onBadRecord() {}, onGrown() {} })
        const page = (after: number, upTo: number) =>
          kept.insert(ROOM, {
            range: { after, afterCursor: `c${after}`, upTo, cursor: `c${upTo}` },
            entries: log.slice(after, upTo),
            head: log.length,
          })
        await kept.follow(ROOM, null, { entries: log.slice(0, stood), end: at(stood) })
        await page(back, live)
        await kept.follow(ROOM, at(live), { entries: log.slice(live), end: at(log.length) })
        for (const { after, upTo } of pagesOf(stood, back, step)) await page(after, upTo)
        expect(facesOf(await kept.read(ROOM, 1, MESSAGES))).toEqual(truth(log))
      }),
    )
  })

  it('come to the same in memory', () => {
    fc.assert(
      fc.property(away, ({ log, ends: [stood = 0, back = 0, live = 0], step }) => {
        const window = createWindow('alice')
        window.reset(1, null, [])
        window.follow(log.slice(0, stood), at(stood))
        window.fill(log.slice(back, live), { after: back, upTo: live })
        window.stand(at(live))
        window.follow(log.slice(live), at(log.length))
        for (const span of pagesOf(stood, back, step)) window.fill(log.slice(span.after, span.upTo), span)
        expect(facesOf(window.messages())).toEqual(truth(log))
      }),
    )
  })

  it('go with the messages when the log falls back behind them', async () => {
    const log = logOf([
      { on: 1, kind: 'edit', by: 'alice', emoji: '' },
      { on: 2, kind: 'react', by: 'bob', emoji: 'heart' },
      { on: 2, kind: 'react', by: 'bob', emoji: 'eyes' },
    ])
    const store = await createMemoryStorage().open('cache')
    const kept = createLog({ open: async () => store, now: () => 0, onBadRecord() {}, onGrown() {} })
    await kept.follow(ROOM, null, { entries: log.slice(0, 4), end: at(4) })
    const range = { after: 5, afterCursor: 'c5', upTo: 6, cursor: 'c6' }
    await kept.insert(ROOM, { range, entries: log.slice(5), head: 6 })
    await kept.cut(ROOM, at(4), 0)
    expect(await kept.read(ROOM, 1, MESSAGES)).toEqual([])
  })
})
