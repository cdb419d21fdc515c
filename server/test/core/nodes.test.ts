import { describe, expect, it, onTestFinished } from 'vitest'
import { createMemoryBus, createMemoryLog, type Log, type Loss } from '../../src/index.js'
import { busLaws } from '../bus-laws.js'
import { createBench, frames } from '../support/bench.js'
import { createTimeline } from '../support/timeline.js'

busLaws('the memory bus', () => {
  const bus = createMemoryBus()
  return {
    node: async () => bus.node(),
    until: async (isSo) => expect(isSo()).toBe(true),
    clean: async () => {},
  }
})

describe('two servers on one log', () => {
  const begin = () => {
    const time = createTimeline()
    const bus = createMemoryBus()
    const losses = new Set<(loss: Loss) => void>()
    const log: Log = {
      ...createMemoryLog({ clock: time }),
      onLost(listener) {
        losses.add(listener)
        return () => losses.delete(listener)
      },
    }
    const bench = () => createBench({ time, log, bus: bus.node() })
    const lose = (loss: Loss) => {
      for (const told of losses) told(loss)
    }
    return { one: bench(), two: bench(), lose }
  }

  it('show who types on either', async () => {
    const { one, two } = begin()
    const alice = await one.join('alice', 'general')
    const bob = await two.join('bob', 'general')
    await alice.send({ type: 'typing_start', room: 'general' })
    expect(bob.takeOnly('typing_start')).toEqual([
      { type: 'typing_start', room: 'general', userId: 'alice', expires: 5_000 },
    ])
    await alice.send({ type: 'typing_stop', room: 'general' })
    await two.settle()
    expect(bob.takeOnly('typing_stop')).toHaveLength(1)
  })

  it('put somebody out of a room wherever they are connected', async () => {
    const { one, two } = begin()
    const bob = await two.join('bob', 'general')
    one.core.kick('bob', 'general', 'forbidden')
    await two.settle()
    expect(bob.takeOnly('unsubscribed')).toMatchObject([{ room: 'general', code: 'forbidden' }])
  })

  it('put somebody out of a room that nobody follows where they are connected', async () => {
    const { one, two } = begin()
    const alice = await one.join('alice', 'general')
    await alice.send(frames(one).message('a'), frames(one).message('b'))
    const bob = await two.join('bob')
    await bob.send({ type: 'sync_request', id: 's', room: 'general', limit: 1 })
    expect(bob.takeOnly('sync_response')).toHaveLength(1)
    one.core.kick('bob', 'general', 'forbidden')
    await two.settle()
    await bob.send({ type: 'sync_credit', id: 's', pages: 1 })
    expect(bob.take()).toEqual([
      { type: 'unsubscribed', room: 'general', code: 'forbidden', retryable: false },
    ])
  })

  it('tell those in a room that its past is another one, and go on', async () => {
    const { one, two, lose } = begin()
    const alice = await one.join('alice', 'general')
    const bob = await two.join('bob', 'other')
    lose({ room: 'general', reason: 'fork', head: 0 })
    await one.settle()
    expect(alice.take()).toEqual([{ type: 'reset', room: 'general', reason: 'fork', head: 0 }])
    expect(bob.take()).toEqual([])
    await alice.send(frames(one).message('m'))
    expect(alice.take().map(({ type }) => type)).toContain('event')
  })

  it('tell whoever is just joining nothing of a past that was lost meanwhile', async () => {
    const time = createTimeline()
    const memory = createMemoryLog({ clock: time })
    let lose: (loss: Loss) => void = () => {}
    let isLost = false
    const log: Log = {
      ...memory,
      onLost(listener) {
        lose = listener
        return () => {}
      },
      async locate(asked) {
        if (!isLost) return memory.locate(asked)
        await new Promise<void>((resolve) => time.after(100, resolve))
        return asked.map(() => ({ head: 0, cursor: '0.lostlost', first: 1 }))
      },
    }
    const bench = createBench({ time, log })
    const bob = await bench.join('bob', 'general')
    isLost = true
    const alice = bench.connect('alice')
    await alice.hello({ rooms: [{ room: 'general' }] })
    await bob.send(frames(bench).message('a'))
    lose({ room: 'general', reason: 'restored', head: 0 })
    await time.advance(100)
    expect(alice.take().map(({ type }) => type)).toEqual(['welcome', 'subscribed'])
  })

  it('say that a room cannot be entered while nothing can be heard of it', async () => {
    const time = createTimeline()
    const quiet = createMemoryBus().node()
    const bus = { ...quiet, enter: () => Promise.reject(new Error('no Redis')) }
    const bench = createBench({ time, bus })
    const alice = bench.connect('alice')
    await alice.hello({ rooms: [{ room: 'general' }] })
    expect(alice.takeOnly('unsubscribed')).toEqual([
      { type: 'unsubscribed', room: 'general', code: 'unavailable', retryable: true },
    ])
  })

  it('outlive somebody who is not let in while nothing can be heard', async () => {
    const unhandled: unknown[] = []
    const note = (cause: unknown) => void unhandled.push(cause)
    process.on('unhandledRejection', note)
    onTestFinished(() => void process.off('unhandledRejection', note))
    const bus = { ...createMemoryBus().node(), enter: () => Promise.reject(new Error('no Redis')) }
    const bench = createBench({ bus, authorize: () => 'forbidden' })
    const alice = bench.connect('alice')
    await alice.hello({ rooms: [{ room: 'general' }] })
    expect(alice.takeOnly('unsubscribed')).toMatchObject([{ code: 'forbidden' }])
    // Node says so once the microtasks are over.
    await new Promise((resolve) => setImmediate(resolve))
    expect(unhandled).toEqual([])
  })
})
