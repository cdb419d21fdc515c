import { CLOSE } from 'tidings/protocol'
import { describe, expect, it } from 'vitest'
import { createBucket } from '../../src/core/bucket.js'
import { createMemoryLog, type Log, roomsOfToken, type Verified } from '../../src/index.js'
import { createBench, frames, type Puppet } from '../support/bench.js'
import { createTimeline } from '../support/timeline.js'

describe('what is under way when a connection ends', () => {
  it('a token check that answers too late greets nobody', async () => {
    let answer: (verified: Verified) => void = () => {}
    const bench = createBench({
      verify: () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    })
    const alice = bench.connect('alice')
    await alice.hello({ rooms: [{ room: 'general' }] })
    await alice.hangUp()
    answer({ user: 'alice' })
    await bench.settle()
    expect([bench.core.connections, bench.time.timers, alice.take()]).toEqual([0, 0, []])
  })
  it('a token that runs out between its check and the welcome shows nobody as present', async () => {
    const time = createTimeline()
    const verify = (): Verified => ({ user: 'alice', expiresAt: time.now() })
    const bench = createBench({ time, verify })
    const alice = bench.connect('alice')
    await alice.hello({ rooms: [{ room: 'general' }] })
    expect(alice.closed?.code).toBe(CLOSE.tokenExpired)
    expect([await bench.core.online(), bench.core.connections, time.timers]).toEqual([[], 0, 0])
  })
  it('a page that was held back is dropped', async () => {
    const bench = createBench()
    const alice = await bench.join('alice')
    await alice.send(frames(bench).message('a'))
    alice.socket.buffered = 300 * 1024
    await alice.send({ type: 'sync_request', id: 's', room: 'general', limit: 1 })
    await alice.hangUp()
    expect(bench.time.timers).toBe(0)
  })
  it('a drain refuses what is new, for the slot, and does not wait for a log that hangs', async () => {
    const time = createTimeline()
    const log = { ...createMemoryLog({ clock: time }), append: () => new Promise<never>(() => {}) }
    const bench = createBench({ time, log })
    const { message } = frames(bench)
    const alice = await bench.join('alice')
    await alice.send(message('a'))
    void bench.core.drain({ retryAfterMs: 700 })
    await alice.send(message('b'))
    expect(alice.takeOnly('nack')).toMatchObject([{ id: 'b', code: 'unavailable', retryAfter: 700 }])
    await bench.time.advance(4_999)
    expect(alice.closed).toBeUndefined()
    await bench.time.advance(1)
    expect(alice.closed?.code).toBe(CLOSE.goingAway)
    expect(bench.time.timers).toBe(0)
  })
  it('a drain waits for those who were there, and not for ever for those who still come', async () => {
    const time = createTimeline()
    const log = { ...createMemoryLog({ clock: time }), append: () => new Promise<never>(() => {}) }
    const bench = createBench({ time, log })
    const alice = await bench.join('alice')
    await alice.send(frames(bench).message('a'))
    let isDrained = false
    void bench.core.drain().then(() => {
      isDrained = true
    })
    // Somebody new each second, who says nothing for now.
    for (let second = 0; second < 4; second++) {
      bench.connect('bob')
      await time.advance(1_000)
    }
    expect(isDrained).toBe(false)
    bench.connect('bob')
    await time.advance(1_000)
    expect([alice.closed?.code, isDrained]).toEqual([CLOSE.goingAway, true])
    bench.core.close()
    expect(time.timers).toBe(0)
  })
  it('a server that is closed listens to its log no more', async () => {
    const time = createTimeline()
    const memory = createMemoryLog({ clock: time })
    let followers = 0
    const log = {
      ...memory,
      follow: (listener: Parameters<typeof memory.follow>[0]) => {
        followers += 1
        const stop = memory.follow(listener)
        return () => {
          followers -= 1
          stop()
        }
      },
    }
    const bench = createBench({ time, log })
    const alice = await bench.join('alice', 'general')
    expect(followers).toBe(1)
    bench.core.close()
    expect([followers, alice.closed?.code, bench.time.timers]).toEqual([0, CLOSE.goingAway, 0])
  })
})

describe('somebody who is put out of a room', () => {
  const unsubscribed = ['unsubscribed']
  const types = (puppet: Puppet) => puppet.take().map(({ type }) => type)

  it('is sent nothing more of it that the log was asked for before', async () => {
    const time = createTimeline()
    const memory = createMemoryLog({ clock: time })
    const slow = <T>(ask: () => Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => time.after(100, () => ask().then(resolve, reject)))
    const log: Log = {
      ...memory,
      around: (...asked) => slow(() => memory.around(...asked)),
      since: (...asked) => slow(() => memory.since(...asked)),
    }
    const bench = createBench({ time, log })
    const alice = await bench.join('alice', 'general')
    await alice.send(frames(bench).message('a'))
    const request = { type: 'sync_request', room: 'general', limit: 1 } as const
    await alice.send(
      { ...request, id: 's1', around: { seq: 1 } },
      { ...request, id: 's2', lastSyncTimestamp: 0 },
    )
    alice.take()
    bench.core.kick('alice', 'general', 'not_member')
    await time.advance(100)
    expect(types(alice)).toEqual(unsubscribed)
  })
  it('is told so when a renewed token does not name it any more, and reads it no further', async () => {
    const verify = (token = ''): Verified => {
      const [user = '', ...rooms] = token.split(' ')
      return { user, rights: { rooms } }
    }
    const bench = createBench({ verify, authorize: roomsOfToken })
    const { message } = frames(bench)
    const bob = await bench.join('bob general other read')
    await bob.send(message('a', { room: 'read' }), message('b', { room: 'read' }))
    const alice = await bench.join('alice general other read', 'general', 'other')
    await alice.send({ type: 'sync_request', id: 's', room: 'read', limit: 1 })
    alice.take()
    await alice.send({ type: 'auth', id: 'a', token: 'alice other' })
    expect(alice.take()).toMatchObject([
      { type: 'ack', id: 'a' },
      { type: 'unsubscribed', room: 'general', code: 'not_member', retryable: false },
      { type: 'unsubscribed', room: 'read', code: 'not_member', retryable: false },
    ])
    await bob.send(message('c'), message('d', { room: 'other' }))
    await alice.send({ type: 'sync_credit', id: 's', pages: 1 })
    expect(alice.take()).toMatchObject([{ type: 'event', room: 'other' }])
  })
  it('reads nothing by rights that were looked up before', async () => {
    let allow: (() => void) | undefined
    let isSlow = false
    const later = () =>
      new Promise<'allow'>((resolve) => {
        allow = () => resolve('allow')
      })
    const bench = createBench({ authorize: () => (isSlow ? later() : 'allow') })
    const alice = await bench.join('alice', 'general')
    await alice.send(frames(bench).message('a'))
    isSlow = true
    await alice.send({ type: 'sync_request', id: 's', room: 'general', limit: 1, pages: 1 })
    alice.take()
    bench.core.kick('alice', 'general', 'not_member')
    allow?.()
    await bench.settle()
    expect(types(alice)).toEqual(unsubscribed)
  })
})

describe('what the host brings in', () => {
  it('S159: a filter that throws hides, and a screen that throws puts off; nobody else notices', async () => {
    const bench = createBench({
      sees: (user) => {
        if (user === 'odd') throw new Error('who?')
        return true
      },
      screen: ({ id }) => {
        if (id === 'odd') throw new Error('what?')
        return undefined
      },
    })
    const { message } = frames(bench)
    const [odd, alice] = [await bench.join('odd', 'general'), await bench.join('alice', 'general')]
    await alice.send(message('m1'), message('odd'), message('m2'))
    expect(alice.take().map((frame) => [frame.type, 'id' in frame && frame.id])).toEqual([
      ...[
        ['event', 'm1'],
        ['ack', 'm1'],
        ['nack', 'odd'],
        ['nack', 'm2'],
      ],
    ])
    expect(odd.take()).toEqual([])
    await alice.send(message('m3'))
    expect(alice.takeOnly('ack')).toMatchObject([{ id: 'm3' }])
  })
  it('a log that forgets ids has clients told after how long', async () => {
    const time = createTimeline()
    const weekMs = 7 * 24 * 60 * 60_000
    const log: Log = { ...createMemoryLog({ clock: time }), dedupeMs: weekMs }
    const alice = createBench({ time, log }).connect('alice')
    await alice.hello()
    expect(alice.takeOnly('welcome')[0]?.limits.dedupeWindow).toBe(weekMs)
  })
  it('the check of tokens is told where a connection comes from', async () => {
    const from: unknown[] = []
    const bench = createBench({
      verify: (_, origin) => {
        from.push(origin)
        return 'refused'
      },
    })
    const hello = JSON.stringify({ type: 'hello', v: 1, device: 'd' })
    const socket = { send() {}, close() {}, bufferedAmount: 0 }
    bench.core.opened(socket, { origin: 'https://a.example', address: '::1' }).received(hello)
    expect(from).toEqual([{ origin: 'https://a.example', address: '::1' }])
  })
})

describe('joining', () => {
  it('what was committed while rights were looked up is in the pages, not told as an event again', async () => {
    let allow = () => {}
    const bench = createBench({
      authorize: ({ user }) =>
        user === 'bob'
          ? 'allow'
          : new Promise((resolve) => {
              allow = () => resolve('allow')
            }),
    })
    const { message } = frames(bench)
    const [alice, bob] = [await bench.join('alice'), await bench.join('bob')]
    await alice.send({ type: 'subscribe', id: 'q', rooms: [{ room: 'general' }] })
    await bob.send(message('m1'))
    allow()
    await bench.settle()
    await bob.send(message('m2'))
    expect(alice.take()).toMatchObject([
      { type: 'subscribed', seq: 1 },
      { type: 'event', seq: 2 },
    ])
  })
  it('at the head, a cursor of another log does not matter', async () => {
    const alice = await createBench().join('alice')
    const rooms = [{ room: 'general', cursor: '5.aaaaaaaa', from: 'head' as const }]
    await alice.send({ type: 'subscribe', id: 'q', rooms })
    expect(alice.take().map(({ type }) => type)).toEqual(['subscribed'])
  })
  it('anew ends the pages of before', async () => {
    const bench = createBench({ limits: { rate: null } })
    const { message } = frames(bench)
    const alice = await bench.join('alice')
    await alice.send(...Array.from({ length: 450 }, (_, i) => message(`m${i}`)))
    await alice.send({ type: 'subscribe', id: 'q1', rooms: [{ room: 'general', pages: 1 }] })
    expect(alice.takeOnly('sync_response')).toHaveLength(1)
    await alice.send({ type: 'subscribe', id: 'q2', rooms: [{ room: 'general' }] })
    await alice.send({ type: 'sync_credit', id: 'general', pages: 5 })
    expect(alice.take().map(({ type }) => type)).toEqual(['subscribed'])
  })
  it('and leaving end no pages that were asked for; being expelled ends all', async () => {
    const bench = createBench({ limits: { rate: null } })
    const { message } = frames(bench)
    const alice = await bench.join('alice', 'general')
    await alice.send(...Array.from({ length: 9 }, (_, i) => message(`m${i}`)))
    await alice.send({ type: 'sync_request', id: 's', room: 'general', limit: 2 })
    await alice.send({ type: 'subscribe', id: 'q', rooms: [{ room: 'general' }] })
    await alice.send({ type: 'unsubscribe', rooms: ['general'] })
    alice.take()
    await alice.send({ type: 'sync_credit', id: 's', pages: 1 })
    expect(alice.takeOnly('sync_response')).toMatchObject([{ id: 's', seq: 4 }])
    bench.core.kick('alice', 'general', 'forbidden')
    await alice.send({ type: 'sync_credit', id: 's', pages: 1 })
    expect(alice.take()).toMatchObject([{ type: 'unsubscribed' }])
  })
})

describe('a bucket', () => {
  it('fills by the clock, forgets refusals once it is full, and takes no harm from a clock that goes back', () => {
    let now = 0
    const bucket = createBucket({ perSecond: 10, burst: 2 }, { now: () => now })
    expect([bucket.take(), bucket.take(), bucket.take(), bucket.refused]).toEqual([0, 0, 100, 1])
    now = -3_600_000
    expect([bucket.take(), bucket.refused]).toEqual([100, 2])
    now += 100
    expect([bucket.take(), bucket.take()]).toEqual([0, 100])
    now += 3_600_000
    expect([bucket.take(), bucket.refused, bucket.take(), bucket.take()]).toEqual([0, 0, 0, 100])
  })
})
