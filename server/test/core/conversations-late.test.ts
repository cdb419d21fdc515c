import { CLOSE } from 'tidings/protocol'
import { describe, expect, it } from 'vitest'
import { createBench, frames } from '../support/bench.js'

describe('conversation 9, tokens', () => {
  const expiring = (bench: { time: { now(): number } }) => (token: string | undefined) =>
    token === undefined
      ? 'refused'
      : { user: token.split('#')[0] ?? '', expiresAt: bench.time.now() + 60_000 }

  it('warns 10 s before the end and takes a fresh one in band', async () => {
    const holder = createBench()
    const bench = createBench({ time: holder.time, verify: expiring(holder) })
    const alice = await bench.join('alice')
    await bench.time.advance(49_999)
    expect(alice.takeOnly('error')).toEqual([])
    await bench.time.advance(1)
    expect(alice.takeOnly('error')).toMatchObject([{ code: 'token_expiring', retryable: true }])
    await alice.send({ type: 'auth', id: 'q', token: 'alice#2' })
    expect(alice.take()).toEqual([{ type: 'ack', id: 'q' }])
    await bench.time.advance(59_999)
    expect(alice.closed).toBeUndefined()
    await bench.time.advance(1)
    expect(alice.closed).toMatchObject({ code: CLOSE.tokenExpired })
  })
  it('S148: says which tokens it does not take, and how final that is', async () => {
    const bench = createBench({
      verify: (token) => {
        if (token === 'broken') throw new Error('no keys')
        return token === undefined ? 'refused' : token === 'old' ? 'expired' : { user: token }
      },
    })
    for (const [token, code] of [
      [undefined, CLOSE.unauthorised],
      ['old', CLOSE.tokenExpired],
      ['broken', CLOSE.internal],
      ['x'.repeat(200), CLOSE.unauthorised],
    ] as const) {
      const alice = bench.connect()
      await alice.raw(JSON.stringify({ type: 'hello', v: 1, device: 'd', token }))
      expect(alice.closed?.code).toBe(code)
    }
    const alice = await bench.join('alice')
    await alice.send({ type: 'auth', id: 'q1', token: 'old' })
    expect(alice.take()).toMatchObject([{ type: 'error', re: 'q1', code: 'unauthorised' }])
    await alice.send({ type: 'auth', id: 'q2', token: 'bob' })
    expect(alice.closed).toMatchObject({ code: CLOSE.unauthorised, reason: { code: 'wrong_user' } })
    expect(bench.core.connections).toBe(0)
  })
})

describe('conversation 10, drain', () => {
  it('gives everybody a slot of their own, waits for what is in flight, and closes with the slot', async () => {
    const bench = createBench({ limits: { acceptPerSecond: 10 } })
    const { message } = frames(bench)
    const puppets = [await bench.join('a', 'general'), await bench.join('b'), await bench.join('c')]
    const [first] = puppets
    void first?.send(message('m1'))
    const drained = bench.core.drain({ retryAfterMs: 500, reason: 'deploy' })
    await bench.settle()
    expect(first?.takeOnly('ack')).toHaveLength(1)
    expect(puppets.map((puppet) => puppet.closed)).toMatchObject([
      { code: CLOSE.goingAway, reason: { retryAfter: 500 } },
      { code: CLOSE.goingAway, reason: { retryAfter: 600 } },
      { code: CLOSE.goingAway, reason: { retryAfter: 700 } },
    ])
    expect(puppets[1]?.takeOnly('goaway')).toMatchObject([{ retryAfter: 600, reason: 'deploy' }])
    await drained
    const late = bench.connect('d')
    await late.hello()
    expect(late.closed).toMatchObject({ code: CLOSE.goingAway, reason: { retryAfter: 800 } })
  })
  it('tells a mass of clients to spread their return', async () => {
    const bench = createBench({ limits: { acceptPerSecond: 2 } })
    await bench.join('a')
    await bench.join('b')
    const late = bench.connect('c')
    await late.hello()
    expect(late.takeOnly('welcome')[0]?.reconnectWindow).toBe(1_500)
  })
})

describe('conversation 11, a batch of 50 with a refusal in the middle', () => {
  const batch = async (code: 'unavailable' | 'content_rejected') => {
    const bench = createBench({
      screen: ({ id }) => (id === 'm20' ? { code, message: 'no', retryAfter: 5 } : undefined),
    })
    const { message } = frames(bench)
    const alice = await bench.join('alice', 'general')
    const other = message('o1', { room: 'other' })
    await alice.send(...Array.from({ length: 50 }, (_, i) => message(`m${i + 1}`)), other)
    return alice.take()
  }
  it('once retryable: the rest of the room waits, other rooms do not', async () => {
    const received = await batch('unavailable')
    const nacks = received.filter((frame) => frame.type === 'nack')
    expect(nacks).toHaveLength(31)
    expect(nacks[0]).toMatchObject({ id: 'm20', code: 'unavailable', retryable: true, retryAfter: 5 })
    for (const nack of nacks.slice(1)) expect(nack).toMatchObject({ code: 'not_ready', retryable: true })
    const acks = received.filter((frame) => frame.type === 'ack').map(({ id }) => id)
    expect(acks).toEqual([...Array.from({ length: 19 }, (_, i) => `m${i + 1}`), 'o1'])
  })
  it('once final: the lane goes on', async () => {
    const received = await batch('content_rejected')
    expect(received.filter((frame) => frame.type === 'nack')).toMatchObject([{ id: 'm20', retryable: false }])
    const seqsOf = received.filter((frame) => frame.type === 'ack').map(({ seq }) => seq)
    expect(seqsOf).toEqual([...Array.from({ length: 49 }, (_, i) => i + 1), 1])
  })
})

describe('conversation 12, a chain made offline', () => {
  it('is resolved by ids in one array', async () => {
    const bench = createBench()
    const { message, update } = frames(bench)
    const alice = await bench.join('alice', 'general')
    await alice.send(
      message('m'),
      message('r', { replyTo: 'm' }),
      update('e', 'edit', 'r', { body: { text: 'edited' } }),
      update('h', 'react', 'm', { body: '👍' }),
      update('d', 'delete', 'm'),
      update('x', 'edit', 'never sent', { body: 1 }),
    )
    const received = alice.take()
    expect(received.filter((frame) => frame.type === 'ack').map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
    expect(received.filter((frame) => frame.type === 'nack')).toMatchObject([{ id: 'x', code: 'not_found' }])
    const events = received.filter((frame) => frame.type === 'event')
    const [m, r] = events
    expect(events.map(({ kind, target }) => [kind, target?.messageId])).toEqual([
      ['create', undefined],
      ['create', m?.messageId],
      ['edit', r?.messageId],
      ['react', m?.messageId],
      ['delete', m?.messageId],
    ])
  })
})

describe('conversation 13, kicked', () => {
  it('S144: the room is taken away at once, on every connection', async () => {
    const bench = createBench()
    const { message } = frames(bench)
    const [one, two] = [await bench.join('alice', 'general'), await bench.join('alice', 'general')]
    const bob = await bench.join('bob', 'general')
    bench.core.kick('alice', 'general', 'forbidden')
    await bob.send(message('m1'))
    for (const alice of [one, two])
      expect(alice?.take()).toEqual([
        { type: 'unsubscribed', room: 'general', code: 'forbidden', retryable: false },
      ])
    expect(bob.takeOnly('event')).toHaveLength(1)
  })
})
