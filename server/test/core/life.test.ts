import { CLOSE } from 'tidings/protocol'
import { describe, expect, it } from 'vitest'
import { createBench, frames } from '../support/bench.js'
import { createTimeline } from '../support/timeline.js'

describe('signs of life', () => {
  it('the server pings after silence and gives up after its timeout', async () => {
    const bench = createBench()
    const alice = await bench.join('alice')
    alice.socket.mute = true
    await bench.time.advance(24_999)
    expect(alice.take()).toEqual([])
    await bench.time.advance(1)
    expect(alice.take()).toMatchObject([{ type: 'ping', t: bench.time.now() }])
    await bench.time.advance(9_999)
    expect(alice.closed).toBeUndefined()
    await bench.time.advance(1)
    expect(alice.closed).toMatchObject({ code: CLOSE.pingTimeout })
    expect(bench.time.timers).toBe(0)
  })
  it('any frame counts as life, and pings are answered with server time', async () => {
    const bench = createBench()
    const alice = await bench.join('alice')
    alice.socket.mute = true
    for (let i = 0; i < 10; i++) {
      await bench.time.advance(20_000)
      await alice.send({ type: 'ping', t: 7 })
    }
    expect(alice.takeOnly('pong').at(-1)).toEqual({ type: 'pong', t: 7, now: bench.time.now() })
    expect(alice.closed).toBeUndefined()
  })
  it('a jump of the wall clock kills nobody', async () => {
    for (const jump of [-3_600_000, 3_600_000]) {
      const bench = createBench()
      const alice = await bench.join('alice')
      bench.time.jump(jump)
      await bench.time.advance(60_000)
      expect(alice.closed).toBeUndefined()
      alice.socket.mute = true
      bench.time.jump(jump)
      await bench.time.advance(25_000 + 25_000 + 10_000)
      expect(alice.closed?.code).toBe(CLOSE.pingTimeout)
    }
  })
  it('S182: a connection that ends leaves nothing behind', async () => {
    const asked = new Set<string>()
    const time = createTimeline()
    const bench = createBench({
      time,
      verify: (token) => ({ user: token ?? '', expiresAt: time.now() + 3_600_000 }),
      sees: (user) => asked.add(user).has(user),
    })
    const alice = await bench.join('alice', 'a', 'b')
    await alice.hangUp()
    expect([bench.core.connections, bench.time.timers]).toEqual([0, 0])
    const bob = await bench.join('bob', 'a')
    await bob.send(frames(bench).message('m', { room: 'a' }))
    expect(bob.takeOnly('ack')).toHaveLength(1)
    expect([...asked]).toEqual(['bob'])
  })
})

describe('entries that a user may not see', () => {
  const secretive = () =>
    createBench({
      sees: (user, { from }) => from !== 'spy' || user === 'spy',
    })
  it('become a skip before the next visible one, neighbours merged', async () => {
    const bench = secretive()
    const { message } = frames(bench)
    const [alice, spy] = [await bench.join('alice', 'general'), await bench.join('spy', 'general')]
    await alice.send(message('a'))
    await spy.send(message('s1'))
    await spy.send(message('s2'))
    await alice.send(message('b'))
    const [first, skip, second] = alice.take().filter(({ type }) => type !== 'ack')
    if (first?.type !== 'event' || skip?.type !== 'skip' || second?.type !== 'event') throw new Error('order')
    expect([first.seq, skip.seq, second.seq]).toEqual([1, 3, 4])
    expect([skip.prev, second.prev]).toEqual([first.cursor, skip.cursor])
    expect(spy.takeOnly('event')).toHaveLength(4)
  })
  it('are told after a second, when nothing visible follows', async () => {
    const bench = secretive()
    const [alice, spy] = [await bench.join('alice', 'general'), await bench.join('spy', 'general')]
    await spy.send(frames(bench).message('s1'))
    await bench.time.advance(999)
    expect(alice.take()).toEqual([])
    await bench.time.advance(1)
    expect(alice.take()).toMatchObject([{ type: 'skip', room: 'general', seq: 1 }])
  })
  it('are left out of pages, whose range still covers them', async () => {
    const bench = secretive()
    const { message } = frames(bench)
    const [alice, spy] = [await bench.join('alice', 'general'), await bench.join('spy', 'general')]
    await alice.send(message('a'))
    await spy.send(message('s'))
    alice.take()
    await alice.send({ type: 'sync_request', id: 's', room: 'general', limit: 5 })
    expect(alice.takeOnly('sync_response')).toMatchObject([
      { messages: [{ seq: 1 }], seq: 2, hasMore: false },
    ])
  })
})

describe('two servers on one log', () => {
  it('S169, S177: tell each event once, with the same cursors', async () => {
    const one = createBench()
    const two = createBench({ time: one.time, log: one.log })
    const [alice, bob] = [await one.join('alice', 'general'), await two.join('bob', 'general')]
    await alice.send(frames(one).message('m1'))
    await one.settle()
    const [seen] = bob.takeOnly('event')
    expect(alice.takeOnly('event')).toEqual([seen])
    const again = two.connect('alice')
    await again.hello({ rooms: [{ room: 'general', cursor: seen?.cursor ?? '', pages: 1 }] })
    expect(again.takeOnly('sync_response')).toMatchObject([{ messages: [], hasMore: false }])
  })
})

describe('the profile without cursors', () => {
  it('answers with everything since a timestamp, inclusive', async () => {
    const bench = createBench()
    const { message } = frames(bench)
    const alice = await bench.join('alice')
    await alice.send(message('a'))
    await bench.time.advance(10)
    await alice.send(message('b'), message('c'))
    const since = alice.takeOnly('ack')[1]?.ts ?? 0
    await alice.send({ type: 'sync_request', id: 's', room: 'general', limit: 1, lastSyncTimestamp: since })
    expect(alice.takeOnly('sync_response')).toMatchObject([
      { messages: [{ id: 'b', ts: since }], hasMore: true },
    ])
  })
})
