import { directRoom } from 'tidings/protocol'
import { describe, expect, it } from 'vitest'
import type { Verb } from '../../src/index.js'
import { createBench, frames, type Puppet } from '../support/bench.js'

const start = (room = 'general') => ({ type: 'typing_start' as const, room })
const stop = (room = 'general') => ({ type: 'typing_stop' as const, room })
const told = (puppet: Puppet) =>
  puppet
    .take()
    .flatMap((frame) =>
      frame.type === 'typing_start' || frame.type === 'typing_stop'
        ? `${frame.type === 'typing_start' ? '+' : '-'}${frame.userId}`
        : [],
    )

describe('typing', () => {
  it('is told to everybody else in the room, and to no connection of the author', async () => {
    const bench = createBench()
    const alice = await bench.join('alice', 'general')
    const phone = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    const carol = await bench.join('carol', 'random')
    await alice.send(start())
    expect(bob.take()).toEqual([{ type: 'typing_start', room: 'general', userId: 'alice', expires: 5_000 }])
    await alice.send(stop())
    expect(bob.take()).toEqual([{ type: 'typing_stop', room: 'general', userId: 'alice' }])
    expect([...alice.take(), ...phone.take(), ...carol.take()]).toEqual([])
  })

  it('S45: a start runs out 5 s after it came, and that is told', async () => {
    const bench = createBench()
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    await alice.send(start())
    await bench.time.advance(4_400)
    expect(told(bob)).toEqual(['+alice'])
    await bench.time.advance(600)
    expect(told(bob)).toEqual(['-alice'])
    await alice.send(stop())
    expect(told(bob)).toEqual([])
  })

  it('S45: a start that comes at any moment never lasts longer than 5 s', async () => {
    for (const begun of [1, 250, 499, 500, 501, 990]) {
      const bench = createBench()
      const [alice, bob, carol] = [
        await bench.join('alice', 'general'),
        await bench.join('bob', 'general'),
        await bench.join('carol', 'general'),
      ]
      await carol.send(start())
      await bench.time.advance(begun)
      await alice.send(start())
      bob.take()
      await bench.time.advance(4_490)
      expect(told(bob)).not.toContain('-alice')
      await bench.time.advance(510)
      expect(told(bob)).toContain('-alice')
    }
  })

  it('S46: 50 starts a second are told at most once a second, and keep one timer', async () => {
    const bench = createBench()
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    const timers = bench.time.timers
    for (let i = 0; i < 200; i++) {
      await alice.send(start())
      await bench.time.advance(20)
    }
    expect(told(bob).length).toBeLessThanOrEqual(4)
    expect(bench.time.timers).toBe(timers + 1)
  })

  it('a start that comes again within the second is left out, not put off', async () => {
    const bench = createBench()
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    await alice.send(start(), start(), start())
    await bench.time.advance(1_900)
    expect(told(bob)).toEqual(['+alice'])
  })

  it('a start that waits for its second is forgotten with its connection', async () => {
    const bench = createBench()
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    await alice.send(start(), stop(), start())
    await alice.hangUp()
    await bench.time.advance(10_000)
    expect(told(bob)).toEqual(['+alice', '-alice'])
  })

  it('a start every two seconds keeps it up', async () => {
    const bench = createBench()
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    for (let i = 0; i < 10; i++) {
      await alice.send(start())
      await bench.time.advance(2_000)
    }
    expect(told(bob)).toEqual(Array(10).fill('+alice'))
  })

  it('S50: a stop is told however soon it comes; the next start waits until its second is over', async () => {
    const bench = createBench()
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    await alice.send(start(), stop(), start(), stop(), start())
    expect(told(bob)).toEqual(['+alice', '-alice'])
    await bench.time.advance(1_000)
    expect(told(bob)).toEqual([])
    await bench.time.advance(500)
    expect(told(bob)).toEqual(['+alice'])
    await alice.send(stop())
    expect(told(bob)).toEqual(['-alice'])
  })

  it('a start that was taken back while it waited is never told', async () => {
    const bench = createBench()
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    await alice.send(start(), stop(), start(), stop())
    await bench.time.advance(10_000)
    expect(told(bob)).toEqual(['+alice', '-alice'])
  })

  it('a stop without a start is told to nobody', async () => {
    const bench = createBench()
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    await alice.send(stop())
    expect(told(bob)).toEqual([])
  })

  it('S47: names that join to the same text are told apart', async () => {
    const bench = createBench()
    const first = await bench.join('c', 'a:b')
    const second = await bench.join('b:c', 'a')
    const [inAb, inA] = [await bench.join('x', 'a:b'), await bench.join('x', 'a')]
    await first.send(start('a:b'))
    expect([told(inAb), told(inA)]).toEqual([['+c'], []])
    await second.send(start('a'))
    await first.send(stop('a:b'))
    expect([told(inAb), told(inA)]).toEqual([['-c'], ['+b:c']])
    const proto = await bench.join('__proto__', 'constructor')
    const reader = await bench.join('toString', 'constructor')
    await proto.send(start('constructor'))
    expect(told(reader)).toEqual(['+__proto__'])
  })

  it('ends with the connection that types, and with its leaving the room', async () => {
    const bench = createBench()
    const bob = await bench.join('bob', 'general')
    for (const leave of [
      (puppet: Puppet) => puppet.hangUp(),
      (puppet: Puppet) => puppet.send({ type: 'unsubscribe', rooms: ['general'] }),
    ]) {
      const alice = await bench.join('alice', 'general')
      await alice.send(start())
      await leave(alice)
      expect(told(bob)).toEqual(['+alice', '-alice'])
      await bench.time.advance(3_000)
    }
  })

  it('goes on while another connection of the user types', async () => {
    const bench = createBench()
    const laptop = await bench.join('alice', 'general')
    const phone = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    await laptop.send(start())
    await bench.time.advance(2_000)
    await phone.send(start())
    await laptop.send(stop())
    expect(told(bob)).toEqual(['+alice', '+alice'])
    await laptop.hangUp()
    expect(told(bob)).toEqual([])
    await phone.hangUp()
    expect(told(bob)).toEqual(['-alice'])
  })

  it('S53: `recipientId` is the direct room of the two, whoever of them types', async () => {
    const bench = createBench()
    const room = directRoom('alice', 'bob')
    const alice = await bench.join('alice', room)
    const bob = await bench.join('bob', room)
    const carol = await bench.join('carol', directRoom('alice', 'carol'))
    await alice.send({ type: 'typing_start', recipientId: 'bob' })
    expect(bob.take()).toEqual([{ type: 'typing_start', room, userId: 'alice', expires: 5_000 }])
    await bob.send({ type: 'typing_start', recipientId: 'alice' })
    expect(told(alice)).toEqual(['+bob'])
    await alice.send({ type: 'typing_stop', recipientId: 'bob' })
    expect(told(bob)).toEqual(['-alice'])
    await alice.send({ type: 'typing_start' })
    expect([...told(alice), ...told(carol)]).toEqual([])
  })
})

describe('typing, and who may', () => {
  const only =
    (allowed: Record<string, readonly Verb[]>) =>
    ({ user, verb }: { user: string; verb: Verb }) =>
      allowed[user]?.includes(verb) ? 'allow' : 'forbidden'

  it('is of those who may write', async () => {
    const bench = createBench({ authorize: only({ reader: ['read'], bob: ['read'], blind: ['write'] }) })
    const bob = await bench.join('bob', 'general')
    const reader = await bench.join('reader', 'general')
    const blind = await bench.join('blind')
    await reader.send(start())
    await blind.send(start())
    await bench.time.advance(6_000)
    expect(told(bob)).toEqual([])
    expect(reader.take()).toEqual([])
  })

  it('reaches nobody who may not see the room', async () => {
    const bench = createBench({ authorize: only({ alice: ['read', 'write'], bob: ['write'] }) })
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    await alice.send(start())
    expect(told(bob)).toEqual([])
  })

  it('waits for a slow authorisation, and forgets a start that was taken back meanwhile', async () => {
    const asked: ((permit: 'allow' | 'forbidden') => void)[] = []
    const bench = createBench({
      authorize: ({ verb }) => (verb === 'read' ? 'allow' : new Promise((resolve) => asked.push(resolve))),
    })
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    await alice.send(start())
    expect(told(bob)).toEqual([])
    asked.shift()?.('allow')
    await bench.settle()
    expect(told(bob)).toEqual(['+alice'])
    await bench.time.advance(2_000)
    await alice.send(start(), stop())
    asked.shift()?.('allow')
    await bench.time.advance(6_000)
    expect(told(bob)).toEqual(['-alice'])
  })

  it('ends when the right was withdrawn, and when the authorisation fails', async () => {
    let answer: () => 'allow' | 'forbidden' = () => 'allow'
    const bench = createBench({ authorize: ({ verb }) => (verb === 'read' ? 'allow' : answer()) })
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    for (const refused of [
      () => 'forbidden' as const,
      () => {
        throw new Error('the rights are out of order')
      },
    ]) {
      answer = () => 'allow'
      await alice.send(start())
      await bench.time.advance(2_000)
      answer = refused
      await alice.send(start())
      expect(told(bob)).toEqual(['+alice', '-alice'])
      await bench.time.advance(2_000)
    }
  })

  it('ends when its author is kicked, who is told nothing any more', async () => {
    let banned = false
    const bench = createBench({
      authorize: ({ user }) => (banned && user === 'alice' ? 'forbidden' : 'allow'),
    })
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    await alice.send(start())
    banned = true
    bench.core.kick('alice', 'general', 'not_member')
    await bench.settle()
    expect(told(bob)).toEqual(['+alice', '-alice'])
    await alice.send(start())
    await bob.send(start())
    await bench.time.advance(2_000)
    expect([told(alice), told(bob)]).toEqual([[], []])
  })

  it('is not told in a room that too many follow, and they hear of that when they enter', async () => {
    const bench = createBench({ limits: { typingConnections: 2 } })
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    await alice.send(start())
    expect(told(bob)).toEqual(['+alice'])
    const carol = bench.connect('carol')
    await carol.hello({ rooms: [{ room: 'general' }] })
    expect(carol.takeOnly('subscribed')).toMatchObject([{ limits: { typing: false } }])
    await bench.time.advance(2_000)
    await alice.send(start())
    expect(told(bob)).toEqual([])
    await alice.send(stop())
    expect(told(bob)).toEqual(['-alice'])
  })
})

describe('typing, and what it costs', () => {
  it('leaves no timer behind, neither when all have stopped nor when the server closes', async () => {
    const bench = createBench()
    const alice = await bench.join('alice', 'general')
    const before = bench.time.timers
    await alice.send(start())
    expect(bench.time.timers).toBe(before + 1)
    await alice.send(stop())
    await bench.time.advance(2_000)
    expect(bench.time.timers).toBe(before)
    await alice.send(start())
    bench.core.close()
    await bench.settle()
    expect(bench.time.timers).toBe(0)
  })

  it('lets a connection type in a few rooms at once, not in any number', async () => {
    const bench = createBench({ limits: { typingRooms: 2 } })
    const names = ['one', 'two', 'three']
    const alice = await bench.join('alice', ...names)
    const bob = await bench.join('bob', ...names)
    await alice.send(...names.map(start))
    expect(bob.takeOnly('typing_start').map(({ room }) => room)).toEqual(['one', 'two'])
    await alice.send(stop('one'), start('three'))
    expect(bob.takeOnly('typing_start').map(({ room }) => room)).toEqual(['three'])
  })

  it('leaves starts away from a reader who is behind, not stops', async () => {
    const bench = createBench()
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    await alice.send(start())
    await bench.time.advance(2_000)
    bob.socket.buffered = 300 * 1024
    await alice.send(start())
    await alice.send(stop())
    expect(told(bob)).toEqual(['+alice', '-alice'])
  })

  it('keeps its time when the wall clock jumps an hour, either way', async () => {
    const bench = createBench()
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    for (const jump of [3_600_000, -3_600_000]) {
      await alice.send(start())
      bench.time.jump(jump)
      await bench.time.advance(4_000)
      expect(told(bob)).toEqual(['+alice'])
      await bench.time.advance(1_000)
      expect(told(bob)).toEqual(['-alice'])
      await bench.time.advance(2_000)
    }
  })

  it('stores nothing', async () => {
    const bench = createBench()
    const alice = await bench.join('alice', 'general')
    await alice.send(start(), frames(bench).message('m1'), stop())
    const [standing] = await bench.log.locate([{ room: 'general' }])
    expect(standing?.head).toBe(1)
  })
})
