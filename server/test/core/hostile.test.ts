import { CLOSE, WIRE } from 'tidings/protocol'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Bench, createBench, frames, type Puppet } from '../support/bench.js'

const codes = (puppet: Puppet) => puppet.takeOnly('error').map(({ code, re }) => [code, re])

describe('a connection that does not greet', () => {
  const firsts: [string, unknown][] = [
    ['data before hello', { type: 'message', id: 'm', room: 'r' }],
    ['a ping before hello', { type: 'ping', t: 1 }],
    ['no frame at all', 'hello'],
    ['a hello that does not fit', { type: 'hello', v: 'one', device: 'd' }],
    [
      'a hello with company',
      [
        { type: 'hello', v: 1, device: 'd', token: 'alice' },
        { type: 'ping', t: 1 },
      ],
    ],
  ]
  it.each(firsts)('is closed for %s', async (_, first) => {
    const puppet = createBench().connect()
    await puppet.raw(typeof first === 'string' ? first : JSON.stringify(first))
    expect(puppet.closed).toMatchObject({ code: CLOSE.protocolError })
  })
  it('is closed after 10 s, also while its token is being checked', async () => {
    const bench = createBench({ verify: () => new Promise(() => {}) })
    const [silent, greeting] = [bench.connect(), bench.connect()]
    await greeting.hello()
    await bench.time.advance(9_999)
    expect([silent.closed, greeting.closed]).toEqual([undefined, undefined])
    await bench.time.advance(1)
    expect([silent.closed?.code, greeting.closed?.code]).toEqual([CLOSE.noHello, CLOSE.noHello])
    expect(bench.core.connections).toBe(0)
    expect(bench.time.timers).toBe(0)
  })
  it('is told which versions there are', async () => {
    const puppet = createBench().connect()
    await puppet.hello({ v: 2 })
    expect(puppet.closed).toEqual({
      code: CLOSE.unsupportedVersion,
      reason: { code: 'unsupported_version', supported: [1] },
    })
  })
  it('S139: is closed for data between hello and welcome', async () => {
    const bench = createBench({ verify: () => new Promise(() => {}) })
    const puppet = bench.connect()
    await puppet.hello()
    await puppet.send(frames(bench).message('m1'))
    expect(puppet.closed).toMatchObject({ code: CLOSE.protocolError, reason: { code: 'welcome_first' } })
  })
  it('is closed for a second hello', async () => {
    const alice = await createBench().join('alice')
    await alice.hello()
    expect(alice.closed).toMatchObject({ code: CLOSE.protocolError, reason: { code: 'second_hello' } })
  })
  it('is told when its user has too many', async () => {
    const bench = createBench({ limits: { connectionsPerUser: 1 } })
    await bench.join('alice')
    const second = bench.connect('alice')
    await second.hello()
    expect(second.closed?.code).toBe(CLOSE.tooManyConnections)
    expect((await bench.join('bob')).closed).toBeUndefined()
  })
})

describe('frames that are wrong', () => {
  const wrong = async (frame: unknown, bench: Bench = createBench()) => {
    const alice = await bench.join('alice', 'general')
    await alice.raw(typeof frame === 'string' ? frame : JSON.stringify(frame))
    return alice
  }
  const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

  it('S136, S176: cost one error, and a second malformed text the connection', async () => {
    for (const text of ['{', '"x"', '[1]', 'null', deep(30_000)]) {
      const alice = await wrong(text)
      expect(codes(alice)).toEqual([['invalid', undefined]])
      expect(alice.closed).toBeUndefined()
      await alice.raw(text)
      expect(alice.closed?.code).toBe(CLOSE.protocolError)
    }
  })
  it('S124: of an operation get a nack, and cost its neighbours nothing', async () => {
    const bench = createBench()
    const { message } = frames(bench)
    const bad = [
      { ...message('b1'), stamp: 'yesterday' },
      { ...message('b2'), body: undefined },
      { ...message('b3'), room: 'x'.repeat(129) },
      { ...message('b4'), body: JSON.parse(deep(17)) },
    ]
    const alice = await bench.join('alice')
    await alice.raw(JSON.stringify([...bad, message('good')]))
    const received = alice.take()
    expect(received.filter((frame) => frame.type === 'nack').map(({ id, code }) => [id, code])).toEqual([
      ...['b1', 'b2', 'b3', 'b4'].map((id) => [id, 'invalid']),
    ])
    expect(received.filter((frame) => frame.type === 'ack')).toMatchObject([{ id: 'good', seq: 1 }])
  })
  it('of an unknown type, and unknown fields, are ignored', async () => {
    const bench = createBench()
    const alice = await wrong({ type: 'teleport', id: 'x' }, bench)
    await alice.raw(JSON.stringify({ ...frames(bench).message('m'), author: 'bob', seq: 99, from: 'bob' }))
    expect(alice.takeOnly('event')).toMatchObject([{ id: 'm', from: 'alice', seq: 1 }])
    expect(alice.closed).toBeUndefined()
  })
  it('that are not text or too large are refused', async () => {
    const binary = await wrong('{}')
    await binary.raw(new Uint8Array(3))
    expect(binary.closed?.code).toBe(CLOSE.protocolError)
    const large = await wrong(JSON.stringify({ type: 'ping', t: 1, pad: 'x'.repeat(WIRE.clientTextBytes) }))
    expect(large.closed?.code).toBe(1009)
  })
  it('a body above 32 KiB is too large, in bytes and not in characters', async () => {
    const bench = createBench()
    const alice = await bench.join('alice')
    const { message } = frames(bench)
    await alice.send(message('fits', { body: 'x'.repeat(WIRE.bodyBytes - 2) }))
    await alice.send(message('large', { body: '€'.repeat(11_000) }))
    expect(alice.take()).toMatchObject([
      { type: 'ack', id: 'fits' },
      { type: 'nack', id: 'large', code: 'too_large', retryable: false },
    ])
  })
  it('updates without what they need are invalid', async () => {
    const bench = createBench()
    const { message, update } = frames(bench)
    const alice = await bench.join('alice')
    await alice.send(
      message('m'),
      update('e', 'edit', 'm'),
      update('r1', 'react', 'm'),
      update('r2', 'react', 'm', { body: '' }),
      update('r3', 'unreact', 'm', { body: { emoji: 'x' } }),
      update('r4', 'react', 'm', { body: 'x'.repeat(WIRE.reactionChars + 1) }),
    )
    expect(alice.takeOnly('nack').map(({ id, code }) => [id, code])).toEqual(
      ['e', 'r1', 'r2', 'r3', 'r4'].map((id) => [id, 'invalid']),
    )
  })
  it('names like __proto__ are names', async () => {
    const bench = createBench()
    const { message, update } = frames(bench)
    const alice = await bench.join('__proto__', '__proto__', 'constructor')
    const body = JSON.parse('{"__proto__":{"admin":true},"constructor":1}')
    const room = '__proto__'
    await alice.send(message('toString', { room, body }))
    await alice.send(update('r', 'react', 'toString', { room, body: '__proto__' }))
    expect(alice.takeOnly('event')).toMatchObject([{ room, from: '__proto__', seq: 1 }, { seq: 2 }])
    await alice.send({ type: 'sync_request', id: 's', room, limit: 5 })
    const [entry] = alice.takeOnly('sync_response')[0]?.messages ?? []
    expect(JSON.stringify(entry)).toContain('"body":{"__proto__":{"admin":true},"constructor":1}')
    expect(JSON.stringify(entry)).toContain('"reactions":{"__proto__":["__proto__"]}')
    bench.core.kick('__proto__', '__proto__', 'forbidden')
    expect(Object.prototype).not.toHaveProperty('admin')
  })
})

describe('rights', () => {
  it('S141, S155, S168, S187: every verb is asked for, and no means no', async () => {
    const asked: string[] = []
    const bench = createBench({
      authorize: ({ user, verb, room }) => {
        asked.push(`${user} ${verb} ${room}`)
        return 'not_member'
      },
    })
    const { message, update } = frames(bench)
    const alice = await bench.join('alice')
    await alice.send({ type: 'subscribe', id: 'q', rooms: [{ room: 'general', pages: 3 }] })
    expect(alice.take()).toEqual([
      { type: 'unsubscribed', room: 'general', code: 'not_member', retryable: false },
    ])
    await alice.send(
      message('m'),
      update('e', 'edit', 'm', { body: 1 }),
      update('r', 'react', 'm', { body: 'x' }),
    )
    expect(alice.takeOnly('nack').map(({ code }) => code)).toEqual(['not_member', 'not_member', 'not_member'])
    await alice.send({ type: 'sync_request', id: 's', room: 'general', limit: 5 })
    expect(codes(alice)).toEqual([['not_member', 's']])
    expect(asked.map((ask) => ask.split(' ')[1])).toEqual([
      ...['read', 'write', 'change', 'moderate', 'react', 'read'],
    ])
  })
  it('S146: an authority that fails allows nothing and loses nothing', async () => {
    for (const authorize of [
      () => {
        throw new Error('down')
      },
      () => Promise.reject(new Error('down')),
    ]) {
      const bench = createBench({ authorize })
      const alice = await bench.join('alice')
      await alice.send({ type: 'subscribe', id: 'q', rooms: [{ room: 'general' }] })
      await alice.send(frames(bench).message('m1'), frames(bench).message('m2'))
      expect(alice.take()).toMatchObject([
        { type: 'unsubscribed', code: 'unavailable', retryable: true },
        { type: 'nack', id: 'm1', code: 'unavailable', retryable: true },
        { type: 'nack', id: 'm2', code: 'not_ready', retryable: true },
      ])
    }
  })
  it('an authority that throws for one room and rejects for another ends no process', async () => {
    const unhandled: unknown[] = []
    const note = (cause: unknown) => void unhandled.push(cause)
    process.on('unhandledRejection', note)
    onTestFinished(() => void process.off('unhandledRejection', note))
    const bench = createBench({
      authorize({ room }) {
        if (room === 'odd') throw new Error('What is that?')
        return Promise.reject(new Error('The directory is down.'))
      },
    })
    const { message } = frames(bench)
    const alice = await bench.join('alice', 'general', 'odd')
    await alice.send(message('a'), message('b', { room: 'odd' }))
    await alice.send({ type: 'typing_start', room: 'general' }, { type: 'typing_start', room: 'odd' })
    expect(alice.takeOnly('nack')).toMatchObject([{ code: 'unavailable' }, { code: 'unavailable' }])
    // Node says so once the microtasks are over.
    await new Promise((resolve) => setImmediate(resolve))
    expect(unhandled).toEqual([])
  })

  it('keeps the order of operations whose rights take their time', async () => {
    let slow = true
    const bench = createBench({
      authorize: async ({ verb }) => {
        if (verb === 'write' && slow) {
          slow = false
          for (let i = 0; i < 10; i++) await Promise.resolve()
        }
        return 'allow' as const
      },
    })
    const { message } = frames(bench)
    const alice = await bench.join('alice', 'general')
    await Promise.all([alice.send(message('m1')), alice.send(message('m2'), message('m3'))])
    expect(alice.takeOnly('event').map(({ id }) => id)).toEqual(['m1', 'm2', 'm3'])
  })
  it('a room left while it was being looked up is not joined', async () => {
    const answers: (() => void)[] = []
    const bench = createBench({
      authorize: () => new Promise((resolve) => answers.push(() => resolve('allow'))),
    })
    const alice = await bench.join('alice')
    await alice.send({ type: 'subscribe', id: 'q', rooms: [{ room: 'general' }] })
    await alice.send({ type: 'unsubscribe', rooms: ['general'] })
    for (const answer of answers) answer()
    await bench.settle()
    expect(alice.take()).toEqual([])
  })
  it('a user may follow only so many rooms on one connection', async () => {
    const bench = createBench({ limits: { roomsPerConnection: 2 } })
    const alice = await bench.join('alice')
    await alice.send({ type: 'subscribe', id: 'q', rooms: ['a', 'b', 'c', 'a'].map((room) => ({ room })) })
    const received = alice.take()
    expect(received.filter((frame) => frame.type === 'unsubscribed')).toMatchObject([{ room: 'c' }])
    const joined = received.filter((frame) => frame.type === 'subscribed').map(({ room }) => room)
    expect(joined.sort()).toEqual(['a', 'b'])
  })
})
