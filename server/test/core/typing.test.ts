import { directRoom } from 'tidings/protocol'
import { describe, expect, it } from 'vitest'
import { createBench, type Puppet } from '../support/bench.js'
import { start, stop, told } from './typing.js'

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
