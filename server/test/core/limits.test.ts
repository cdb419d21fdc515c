import { CLOSE, decodeServerText, WIRE } from 'tidings/protocol'
import { describe, expect, it } from 'vitest'
import { type Committed, createMemoryLog, type Log, type Loss } from '../../src/index.js'
import { createBench, frames } from '../support/bench.js'
import { createTimeline } from '../support/timeline.js'

describe('rates', () => {
  it('S121: operations are taken from a bucket that says when it has another', async () => {
    const bench = createBench({ limits: { rate: { perSecond: 2, burst: 3 } } })
    const { message } = frames(bench)
    const alice = await bench.join('alice')
    await alice.send(...['a', 'b', 'c', 'd', 'e'].map((id) => message(id)))
    const received = alice.take()
    expect(received.filter(({ type }) => type === 'ack')).toHaveLength(3)
    const nacks = received.filter((frame) => frame.type === 'nack')
    expect(nacks.map(({ id, code, retryAfter }) => [id, code, retryAfter])).toEqual([
      ['d', 'rate_limited', 500],
      ['e', 'not_ready', undefined],
    ])
    await bench.time.advance(500)
    await alice.send(message('d'))
    expect(alice.takeOnly('ack')).toMatchObject([{ id: 'd', seq: 4 }])
  })
  it('S122: inventing types of frames widens no bucket, and a flood ends the connection', async () => {
    const bench = createBench({ limits: { frameRate: { perSecond: 10, burst: 20 } } })
    const alice = await bench.join('alice')
    for (let i = 0; i < 19; i++) await alice.raw(JSON.stringify({ type: `invented-${i}` }))
    expect(alice.take()).toEqual([])
    await alice.raw('{"type":"one-more"}')
    expect(alice.takeOnly('error')).toMatchObject([
      { code: 'rate_limited', retryable: true, retryAfter: 100 },
    ])
    for (let i = 0; i < 30 && !alice.closed; i++) await alice.raw('{"type":"ping","t":1}')
    expect(alice.closed).toMatchObject({ code: CLOSE.rateLimited })
  })
  it('whoever used up more than there is waits as long as was said, also when the wall clock goes back', async () => {
    let overdrawnMs = 5_000
    const quotas = { use: (quota: string) => (quota === 'operations' ? overdrawnMs : 0) }
    const bench = createBench({ quotas })
    const { message } = frames(bench)
    const alice = await bench.join('alice', 'general')
    await alice.send(message('a'))
    overdrawnMs = 0
    bench.time.jump(-3_600_000)
    await alice.send(message('b'))
    expect(alice.takeOnly('nack')).toMatchObject([{ id: 'b', code: 'rate_limited', retryAfter: 5_000 }])
    await bench.time.advance(5_000)
    await alice.send(message('b'))
    expect(alice.takeOnly('ack')).toMatchObject([{ id: 'b' }])
  })
  it('can be switched off', async () => {
    const bench = createBench({ limits: { rate: null } })
    const { message } = frames(bench)
    const alice = await bench.join('alice')
    for (let i = 0; i < 40; i++)
      await alice.send(...Array.from({ length: 50 }, (_, n) => message(`${i}-${n}`)))
    expect(alice.takeOnly('ack')).toHaveLength(2_000)
  })
  it('operations that wait for a log that hangs are bounded', async () => {
    const time = createTimeline()
    const log = { ...createMemoryLog({ clock: time }), append: () => new Promise<never>(() => {}) }
    const bench = createBench({ time, log, limits: { rate: null, operationsInFlight: 3 } })
    const { message } = frames(bench)
    const alice = await bench.join('alice')
    await alice.send(message('a'), message('b'))
    await alice.send(message('c'), message('d'))
    expect(alice.takeOnly('nack')).toMatchObject([
      { id: 'c', code: 'rate_limited' },
      { id: 'd', code: 'not_ready' },
    ])
  })
})

describe('a log that fails', () => {
  it('costs no operation: all of them may be sent again', async () => {
    const time = createTimeline()
    const log = { ...createMemoryLog({ clock: time }), append: () => Promise.reject(new Error('disk full')) }
    const bench = createBench({ time, log })
    const { message } = frames(bench)
    const alice = await bench.join('alice')
    await alice.send(message('a'), message('b'), message('c', { room: 'other' }))
    expect(alice.takeOnly('nack').map(({ id, code, retryable }) => [id, code, retryable])).toEqual([
      ['a', 'unavailable', true],
      ['b', 'not_ready', true],
      ['c', 'unavailable', true],
    ])
  })
  it('refuses rooms and pages for now', async () => {
    const time = createTimeline()
    const fail = () => Promise.reject(new Error('gone'))
    const log = { ...createMemoryLog({ clock: time }), locate: fail, page: fail, since: fail }
    const bench = createBench({ time, log })
    const alice = await bench.join('alice')
    await alice.send({ type: 'subscribe', id: 'q', rooms: [{ room: 'general' }] })
    await alice.send({ type: 'sync_request', id: 's', room: 'general', limit: 5 })
    await alice.send({ type: 'sync_request', id: 't', room: 'general', limit: 5, lastSyncTimestamp: 0 })
    expect(alice.take()).toMatchObject([
      { type: 'unsubscribed', code: 'unavailable', retryable: true },
      { type: 'error', re: 's', code: 'unavailable', retryable: true },
      { type: 'error', re: 't', code: 'unavailable', retryable: true },
    ])
  })
  it('that has thrown away the past says so', async () => {
    const time = createTimeline()
    const memory = createMemoryLog({ clock: time })
    const trimmed = async () => ({ lost: 'trimmed' as const, head: 9 })
    const bench = createBench({ time, log: { ...memory, page: trimmed } })
    const alice = await bench.join('alice')
    await alice.send({ type: 'sync_request', id: 's', room: 'general', limit: 5, cursor: '1.aaaaaaaa' })
    expect(alice.take()).toEqual([{ type: 'reset', room: 'general', reason: 'trimmed', head: 9 }])
  })
})

describe('fan-out', () => {
  it('S181: frames of one tick leave as one text, the same one for everybody', async () => {
    const bench = createBench()
    const { message } = frames(bench)
    const sender = await bench.join('sender', 'general')
    const readers = [await bench.join('r1', 'general'), await bench.join('r2', 'general')]
    for (const reader of readers) reader.texts.length = 0
    await sender.send(message('a'), message('b'), message('c'))
    expect(readers.map(({ texts }) => texts.length)).toEqual([1, 1])
    expect(readers[0]?.texts[0]).toBe(readers[1]?.texts[0])
    expect(readers[0]?.takeOnly('event')).toHaveLength(3)
  })
  it('texts of members with as many frames, but others, are not mixed up', async () => {
    const bench = createBench()
    const { message } = frames(bench)
    const sender = await bench.join('sender')
    const [one, two] = [await bench.join('one', 'a'), await bench.join('two', 'b')]
    const [a, b] = [{ room: 'a' }, { room: 'b' }]
    await sender.send(message('a1', a), message('a2', a), message('b1', b), message('b2', b))
    expect(one.takeOnly('event').map(({ id }) => id)).toEqual(['a1', 'a2'])
    expect(two.takeOnly('event').map(({ id }) => id)).toEqual(['b1', 'b2'])
  })
  it('S175: a socket that throws costs the others nothing, and is closed', async () => {
    const bench = createBench()
    const { message } = frames(bench)
    const sender = await bench.join('sender', 'general')
    const broken = await bench.join('broken', 'general')
    const reader = await bench.join('reader', 'general')
    broken.socket.broken = true
    await sender.send(message('a'))
    await sender.send(message('b'))
    expect(reader.takeOnly('event')).toHaveLength(2)
    expect(sender.takeOnly('ack')).toHaveLength(2)
    expect(broken.closed?.code).toBe(CLOSE.internal)
    expect(bench.core.connections).toBe(2)
  })
  it('S154, S181: a reader that is too slow is closed and may resume', async () => {
    const bench = createBench()
    const { message } = frames(bench)
    const sender = await bench.join('sender', 'general')
    const slow = await bench.join('slow', 'general')
    slow.socket.buffered = 2 * 1024 * 1024
    await sender.send(message('a'))
    expect(slow.closed).toMatchObject({ code: CLOSE.slowConsumer })
    await sender.send(message('b'))
    expect(sender.takeOnly('event')).toHaveLength(2)
  })
  it('pages wait for a reader that is behind, instead of making it a slow one', async () => {
    const bench = createBench()
    const { message } = frames(bench)
    const alice = await bench.join('alice')
    await alice.send(message('a'), message('b'), message('c'))
    alice.take()
    alice.socket.buffered = 300 * 1024
    await alice.send({ type: 'sync_request', id: 's', room: 'general', limit: 1, pages: 5 })
    await bench.time.advance(1_000)
    expect(alice.take()).toEqual([])
    alice.socket.buffered = 0
    await bench.time.advance(20)
    expect(alice.takeOnly('sync_response').map(({ seq }) => seq)).toEqual([1, 2, 3])
  })
  it('pushed pages grow while they go out at once, and shrink where one waits for long; one alone is as long as asked', async () => {
    const bench = createBench({ limits: { rate: null } })
    const { message } = frames(bench)
    const alice = await bench.join('alice')
    for (let i = 0; i < 2_000; i += 50)
      await alice.send(...Array.from({ length: 50 }, (_, n) => message(`m${i + n}`)))
    alice.take()
    const ask = { type: 'sync_request', id: 's', room: 'general', limit: 400 } as const
    await alice.send({ ...ask, pages: 2 })
    expect(alice.takeOnly('sync_response').map(({ seq }) => seq)).toEqual([200, 600, 1_000])
    alice.socket.buffered = 300 * 1024
    await alice.send({ type: 'sync_credit', id: 's', pages: 3 })
    await bench.time.advance(3_000)
    alice.socket.buffered = 0
    await bench.time.advance(3_000)
    expect(alice.takeOnly('sync_response').map(({ seq }) => seq)).toEqual([1_400, 1_600, 2_000])
    await alice.send({ ...ask, id: 'one' })
    expect(alice.takeOnly('sync_response').map(({ seq }) => seq)).toEqual([400])
  })
  it('pages behind checkpoints go forward, also where the request said otherwise', async () => {
    const bench = createBench()
    const { message } = frames(bench)
    const alice = await bench.join('alice', 'general')
    await alice.send(...['a', 'b', 'c', 'd'].map((id) => message(id)))
    const checkpoints = alice.takeOnly('event').map(({ cursor }) => cursor)
    const request = { type: 'sync_request', id: 's', room: 'general', limit: 1, dir: 'backward' } as const
    await alice.send({ ...request, pages: 1, checkpoints: checkpoints.slice(0, 1) })
    expect(alice.takeOnly('sync_response').map(({ seq }) => seq)).toEqual([2, 3])
  })
  it('no text to a client is above 1 MiB, however much a tick holds', async () => {
    const bench = createBench({ limits: { rate: null } })
    const { message } = frames(bench)
    const sender = await bench.join('sender', 'general')
    const body = 'x'.repeat(WIRE.bodyBytes - 2)
    for (let i = 0; i < 60; i++) await sender.send(message(`m${i}`, { body }))
    sender.texts.length = 0
    for (let i = 0; i < 9; i++)
      await sender.send({ type: 'sync_request', id: `s${i}`, room: 'general', limit: 500, pages: 20 })
    expect(sender.takeOnly('sync_response').length).toBeGreaterThan(9 * 8)
    for (const text of sender.texts) expect(decodeServerText(text).refused).toEqual([])
  })
})

describe('a large room', () => {
  const limits = { gatherConnections: 2, gatherMs: 100 }
  async function threeIn(options: Parameters<typeof createBench>[0] = {}) {
    const bench = createBench({ limits, ...options })
    const [alice, bob] = [await bench.join('alice', 'general'), await bench.join('bob', 'general')]
    const carol = bench.connect('carol')
    await carol.hello({ rooms: [{ room: 'general' }] })
    return { bench, alice, bob, carol, ...frames(bench) }
  }

  it('is told what happened in 100 ms as one text; its authors have their answers at once', async () => {
    const { bench, alice, carol, message } = await threeIn()
    expect(carol.takeOnly('subscribed')).toMatchObject([{ limits: { gatherMs: 100 } }])
    const before = carol.texts.length
    for (const id of ['a', 'b', 'c']) {
      await alice.send(message(id))
      expect(alice.take()).toMatchObject([{ type: 'ack', id }])
      await bench.time.advance(30)
    }
    expect(carol.take()).toEqual([])
    await bench.time.advance(10)
    expect(carol.takeOnly('event').map(({ seq }) => seq)).toEqual([1, 2, 3])
    expect(carol.texts.length - before).toBe(1)
    expect(alice.takeOnly('event')).toHaveLength(3)
  })
  it('tells whoever comes or goes meanwhile nothing twice, and keeps nothing of it when it is empty', async () => {
    const { bench, alice, bob, carol, message } = await threeIn()
    await alice.send(message('a'))
    const dave = await bench.join('dave', 'general')
    await bob.hangUp()
    await alice.send(message('b'))
    await bench.time.advance(100)
    expect(dave.takeOnly('event').map(({ seq }) => seq)).toEqual([2])
    expect(carol.takeOnly('event').map(({ seq }) => seq)).toEqual([1, 2])
    await alice.send(message('c'))
    for (const puppet of [alice, carol, dave]) await puppet.hangUp()
    expect(bench.time.timers).toBe(0)
  })
  it('that becomes a small one is told the rest in order', async () => {
    const { bench, alice, bob, carol, message } = await threeIn()
    await alice.send(message('a'))
    await carol.hangUp()
    await alice.send(message('b'))
    expect(bob.takeOnly('event')).toEqual([])
    await bench.time.advance(100)
    await alice.send(message('c'))
    expect(bob.takeOnly('event').map(({ seq }) => seq)).toEqual([1, 2, 3])
  })
  it('whose past was another is told nothing of what was gathered of it, and what comes then from its beginning', async () => {
    const time = createTimeline()
    const lose: ((loss: Loss) => void)[] = []
    const follow: ((committed: readonly Committed[]) => void)[] = []
    const inner = createMemoryLog({ clock: time })
    const log: Log = {
      ...inner,
      follow(listener) {
        follow.push(listener)
        return inner.follow(listener)
      },
      onLost(listener) {
        lose.push(listener)
        return () => {}
      },
    }
    const { bench, alice, carol, message } = await threeIn({ time, log })
    await alice.send(message('a'))
    await bench.time.advance(100)
    const [first] = carol.takeOnly('event')
    await alice.send(message('b'))
    for (const each of lose) each({ room: 'general', reason: 'fork', head: 0 })
    if (!first) throw new Error('Carol was told of it.')
    const { type: _type, ...entry } = first
    for (const each of follow) each([{ ...entry, kind: 'create', body: '1' }])
    await bench.time.advance(100)
    expect(carol.take()).toMatchObject([{ type: 'reset' }, { type: 'event', seq: 1, body: 1 }])
  })
})
