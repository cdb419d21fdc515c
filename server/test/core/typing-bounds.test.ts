import { describe, expect, it } from 'vitest'
import type { Verb } from '../../src/index.js'
import { createBench, frames } from '../support/bench.js'
import { start, stop, told } from './typing.js'

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
