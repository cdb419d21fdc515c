import { type ServerFrames, WIRE } from 'tidings/protocol'
import { describe, expect, it } from 'vitest'
import { createBench, frames } from '../support/bench.js'

type PageFrame = ServerFrames['sync_response']
const seqs = (frame: { messages: PageFrame['messages'] } | undefined) => frame?.messages.map(({ seq }) => seq)

describe('conversation 1, cold start', () => {
  it('hello, welcome, subscribed, pages until there is no more, then live', async () => {
    const bench = createBench()
    const { message } = frames(bench)
    const bob = await bench.join('bob', 'general')
    for (let i = 1; i <= 5; i++) await bob.send(message(`m${i}`))
    const alice = bench.connect('alice')
    await alice.hello({ rooms: [{ room: 'general' }] })
    const [welcome, subscribed, ...rest] = alice.take()
    expect(welcome).toMatchObject({ type: 'welcome', user: 'alice', t: bench.time.now() })
    expect(subscribed).toMatchObject({ type: 'subscribed', room: 'general', seq: 5, head: 5, first: 1 })
    expect(rest).toEqual([])
    await alice.send({ type: 'sync_request', id: 's1', room: 'general', limit: 3 })
    const [first] = alice.takeOnly('sync_response')
    expect(first).toMatchObject({ id: 's1', seq: 3, hasMore: true, head: 5 })
    const cursor = first?.cursor ?? ''
    await alice.send({ type: 'sync_request', id: 's2', room: 'general', limit: 3, cursor })
    const [second] = alice.takeOnly('sync_response')
    expect(second).toMatchObject({ id: 's2', prev: cursor, seq: 5, hasMore: false })
    await bob.send(message('m6'))
    const [event] = alice.takeOnly('event')
    expect(event).toMatchObject({ seq: 6, prev: second?.cursor, from: 'bob', kind: 'create' })
  })
  it('tells who the token speaks for and what the limits are', async () => {
    const bench = createBench({ limits: { rate: { perSecond: 7, burst: 9 } }, node: 'n1' })
    const alice = bench.connect('alice')
    await alice.hello()
    expect(alice.takeOnly('welcome')[0]).toMatchObject({
      ...{ user: 'alice', node: 'n1', ping: { interval: 25_000, timeout: 10_000 } },
      limits: { frame: WIRE.clientTextBytes, body: WIRE.bodyBytes, rate: { perSecond: 7, burst: 9 } },
    })
  })
  it('subscribes in one frame or later, and answers each by its id', async () => {
    const alice = await createBench().join('alice')
    await alice.send({ type: 'subscribe', id: 'q', rooms: [{ room: 'a' }, { room: 'b' }] })
    expect(alice.take()).toMatchObject([
      { type: 'subscribed', id: 'q', room: 'a', seq: 0 },
      { type: 'subscribed', id: 'q', room: 'b', seq: 0 },
    ])
  })
  it('S172: joins at the head and tells nothing older when only what is new is wanted', async () => {
    const bench = createBench()
    const { message } = frames(bench)
    const bob = await bench.join('bob', 'general')
    await bob.send(message('m1'))
    const alice = bench.connect('alice')
    await alice.hello({ rooms: [{ room: 'general', from: 'head', pages: 5 }] })
    expect(alice.take().map(({ type }) => type)).toEqual(['welcome', 'subscribed'])
    await bob.send(message('m2'))
    expect(alice.takeOnly('event')).toHaveLength(1)
  })
})

describe('conversation 2, resume', () => {
  it('pages from the cursor on come with the hello, as many as there is credit, then live', async () => {
    const bench = createBench()
    const { message } = frames(bench)
    const bob = await bench.join('bob', 'general')
    await bob.send(message('m1'), message('m2'))
    const cursor = bob.takeOnly('event')[0]?.cursor ?? ''
    for (let i = 0; i < 650; i += 50) {
      await bob.send(...Array.from({ length: 50 }, (_, n) => message(`n${i + n}`)))
      await bench.time.advance(2_000)
    }
    const alice = bench.connect('alice')
    await alice.hello({ rooms: [{ room: 'general', cursor, pages: 2 }] })
    const pages = alice.takeOnly('sync_response')
    expect(pages.map(({ id, seq, hasMore }) => [id, seq, hasMore])).toEqual([
      ['general', 201, true],
      ['general', 501, true],
    ])
    expect(pages[0]?.prev).toBe(cursor)
    expect(pages[1]?.prev).toBe(pages[0]?.cursor)
    await alice.send({ type: 'sync_credit', id: 'general', pages: 9 })
    expect(alice.takeOnly('sync_response')).toMatchObject([{ seq: 652, hasMore: false }])
    await alice.send({ type: 'sync_credit', id: 'general', pages: 9 })
    expect(alice.take()).toEqual([])
  })
  it('S74, S151, S173: no message falls between pages and events, whenever it is committed', async () => {
    for (let pause = 0; pause < 24; pause++) {
      // Rights are looked up for a while: long enough for messages to be committed before the log is asked.
      const bench = createBench({
        authorize: async () => {
          for (let i = 0; i < pause % 3; i++) await Promise.resolve()
          return 'allow' as const
        },
      })
      const { message } = frames(bench)
      const bob = await bench.join('bob', 'general')
      await bob.send(message('m0'))
      const alice = bench.connect('alice')
      const hello = alice.hello({ rooms: [{ room: 'general', pages: 5 }] })
      for (let i = 0; i < pause / 2; i++) await Promise.resolve()
      const sent = bob.send(message('m1'), message('m2'))
      await Promise.all([hello, sent])
      const received = alice.take()
      const types = received.map(({ type }) => type)
      expect(types.indexOf('event') === -1 || types.indexOf('event') > types.indexOf('subscribed')).toBe(true)
      const page = received.find((frame) => frame.type === 'sync_response')
      const subscribed = received.find((frame) => frame.type === 'subscribed')
      const events = received.filter((frame) => frame.type === 'event').map(({ seq }) => seq)
      const joins = subscribed?.seq ?? 0
      expect(events).toEqual([1, 2, 3].filter((seq) => seq > joins))
      expect(new Set([...(seqs(page) ?? []), ...events])).toEqual(new Set([1, 2, 3]))
    }
  })
})

describe('conversations 3 to 6, sending', () => {
  it('an ack and an event for the author, the event for the others, encoded alike', async () => {
    const bench = createBench()
    const { message } = frames(bench)
    const [alice, bob] = [await bench.join('alice', 'general'), await bench.join('bob', 'general')]
    await alice.send(message('m1', { body: { text: 'Hello' } }))
    const received = alice.take()
    const ack = received.find((frame) => frame.type === 'ack')
    const event = received.find((frame) => frame.type === 'event')
    expect(ack).toMatchObject({ id: 'm1', room: 'general', seq: 1, version: 1 })
    expect(event).toMatchObject({ id: 'm1', from: 'alice', seq: 1, body: { text: 'Hello' }, ts: ack?.ts })
    expect([event?.messageId, event?.stamp]).toEqual([ack?.messageId, ack?.stamp])
    expect(bob.take()).toEqual([event])
  })
  it('a lost ack: the page of the resume holds the message', async () => {
    let drops = 1
    const bench = createBench({ outgoing: ({ type }) => (type === 'ack' && drops-- > 0 ? 'drop' : 'pass') })
    const { message } = frames(bench)
    const alice = await bench.join('alice')
    await alice.send(message('m1'))
    expect(alice.take()).toEqual([])
    await alice.hangUp()
    const again = bench.connect('alice')
    await again.hello({ rooms: [{ room: 'general', pages: 1 }] })
    expect(again.takeOnly('sync_response')[0]?.messages).toMatchObject([{ id: 'm1', from: 'alice' }])
  })
  it('a repeat: two equal acks, one event', async () => {
    const bench = createBench()
    const { message } = frames(bench)
    const alice = await bench.join('alice', 'general')
    const operation = message('m1')
    await alice.send(operation)
    await alice.send({ ...operation, attempt: 2 })
    const received = alice.take()
    const [first, second] = received.filter((frame) => frame.type === 'ack')
    expect(second).toEqual({ ...first, dup: true })
    expect(received.filter((frame) => frame.type === 'event')).toHaveLength(1)
  })
  it('a gap can be seen by prev and filled from the cursor', async () => {
    let lost = 0
    const bench = createBench({
      outgoing: ({ type }) => (type === 'event' && ++lost === 2 ? 'drop' : 'pass'),
    })
    const { message } = frames(bench)
    const alice = await bench.join('alice', 'general')
    for (const id of ['m1', 'm2', 'm3']) await alice.send(message(id))
    const [first, third] = alice.takeOnly('event')
    expect(third?.prev).not.toBe(first?.cursor)
    const cursor = first?.cursor ?? ''
    await alice.send({ type: 'sync_request', id: 's', room: 'general', cursor, limit: 50 })
    const [page] = alice.takeOnly('sync_response')
    expect([page?.prev, page?.cursor, seqs(page)]).toEqual([cursor, third?.cursor, [2, 3]])
  })
})

describe('conversation 7, reset', () => {
  it('a cursor of another log is told, and checkpoints find where the logs part', async () => {
    const [old, now] = [createBench(), createBench()]
    const before = await old.join('alice', 'general')
    const after = await now.join('alice', 'general')
    const shared = [frames(old).message('m1'), frames(old).message('m2')]
    await before.send(...shared, frames(old).message('lost'))
    await after.send(...shared)
    await after.send(frames(now).message('other'), frames(now).message('more'))
    const [first, second, third] = before.takeOnly('event').map(({ cursor }) => cursor)
    const alice = now.connect('alice')
    await alice.hello({ rooms: [{ room: 'general', cursor: third ?? '', pages: 3 }] })
    expect(alice.take().slice(1)).toMatchObject([
      { type: 'subscribed', room: 'general', seq: 4 },
      { type: 'reset', room: 'general', reason: 'fork', head: 4 },
    ])
    const checkpoints = [third ?? '', second ?? '', first ?? '']
    await alice.send({ type: 'sync_request', id: 's', room: 'general', limit: 50, checkpoints })
    const [page] = alice.takeOnly('sync_response')
    expect([page?.prev, seqs(page)]).toEqual([second, [3, 4]])
  })
  it('a log that lost everything starts anew', async () => {
    const [old, now] = [createBench(), createBench()]
    const before = await old.join('alice', 'general')
    await before.send(frames(old).message('m1'))
    const cursor = before.takeOnly('event')[0]?.cursor ?? ''
    const alice = now.connect('alice')
    await alice.hello({ rooms: [{ room: 'general', cursor }] })
    expect(alice.takeOnly('reset')).toMatchObject([{ reason: 'restored', head: 0 }])
    await alice.send({ type: 'sync_request', id: 's', room: 'general', limit: 5, checkpoints: [cursor] })
    expect(alice.takeOnly('sync_response')).toMatchObject([{ prev: null, messages: [], hasMore: false }])
  })
})
