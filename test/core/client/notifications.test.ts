import { describe, expect, it } from 'vitest'
import type { Readable } from '../../../src/core/seams/readable.js'
import { newPuppet } from './puppet-world.js'
import { numbers, start } from './steps.js'
import { watched } from './watched-room.js'
import { newWorld } from './world.js'

/** Reads a value at every change and counts values that differ from the one before without being told, or are told without differing. */
function honesty<T>(readable: Readable<T>) {
  let last = readable.get()
  const found = { same: 0, changes: 0 }
  readable.subscribe(() => {
    const next = readable.get()
    if (next === last) found.same++
    else found.changes++
    last = next
  })
  return found
}

describe('a list', () => {
  it('is the same reference until something changed, however often it is read', async () => {
    const { p, timeline } = await watched(3)
    const before = timeline.get()
    expect(timeline.get()).toBe(before)
    await p.timeline.advance(20_000)
    expect(timeline.get()).toBe(before)
    p.server.send(p.event(4, { room: 'another one' }))
    p.server.send(p.event(3))
    await p.timeline.settle()
    expect(timeline.get()).toBe(before)
    p.server.send(p.event(4))
    await p.timeline.settle()
    expect(timeline.get()).not.toBe(before)
    expect(timeline.get().items).not.toBe(before.items)
    expect(before.items).toHaveLength(3)
  })

  it('is frozen, items included: a reader cannot change what another one sees', async () => {
    const { timeline } = await watched(1)
    expect(Object.isFrozen(timeline.get())).toBe(true)
    expect(Object.isFrozen(timeline.get().items)).toBe(true)
  })

  it('that changed only in its status keeps its items', async () => {
    const { p, timeline } = await watched(3)
    const { items } = timeline.get()
    p.server.drop()
    await p.timeline.settle()
    expect(timeline.get().status).toBe('cached')
    expect(timeline.get().items).toBe(items)
  })

  it('tells 500 messages of one text once', async () => {
    const { p, told, items } = await watched(1)
    p.server.send(...numbers(2, 501).map((seq) => p.event(seq)))
    await p.timeline.settle()
    expect(items()).toHaveLength(501)
    expect(told.times).toBe(1)
  })

  it('tells a page once', async () => {
    const { p, told, items } = await watched(1)
    p.server.send(p.event(202))
    await p.timeline.settle()
    told.times = 0
    p.page(
      202,
      numbers(2, 202).map((seq) => p.entry(seq)),
    )
    await p.timeline.settle()
    expect(items()).toHaveLength(202)
    expect(told.times).toBe(1)
  })

  it('tells what is sent in one tick once, in the same tick for who reads it', async () => {
    const { p, told, items } = await watched(1)
    const room = p.client.room('general')
    for (const i of numbers(1, 50)) room.send(i)
    expect(items()).toHaveLength(51)
    await Promise.resolve()
    await Promise.resolve()
    expect(told.times).toBe(1)
  })

  it('tells an acknowledgement and an echo in one text once', async () => {
    const { p, told, items } = await watched(0)
    const sent = p.client.room('general').send('hello')
    await p.timeline.settle()
    const stamp = p.framesOf('message')[0]?.stamp ?? ''
    told.times = 0
    p.server.send(
      { type: 'ack', id: sent.key, room: 'general', messageId: 'm1', seq: 1, stamp, ts: p.timeline.now() },
      p.event(1, { from: 'alice', id: sent.key, stamp, body: 'hello' }),
    )
    await p.timeline.settle()
    expect(items()).toMatchObject([{ id: 'm1', status: 'confirmed' }])
    expect(told.times).toBeLessThanOrEqual(2)
  })

  it('is not told of what does not concern it: another room, a probe, a second acknowledgement', async () => {
    const { p, told } = await watched(2)
    p.client.room('other').send('elsewhere')
    p.client.room('other').open()
    p.server.send({ type: 'ping', t: 1 })
    p.server.send({ type: 'ack', id: 'nobody', seq: 1 })
    p.lifecycle.signal('visible', 'hidden', 'online')
    await p.timeline.settle()
    expect(told.times).toBe(0)
  })
})

describe('every readable of a client', () => {
  it('tells changes and nothing but changes', async () => {
    const w = newWorld({ latencyMs: 5 })
    const alice = w.tab(w.profile('alice'))
    const bob = start(w.tab(w.profile('bob')))
    const { client } = alice
    const room = client.room('general')
    const found = {
      connection: honesty(client.connection),
      storage: honesty(client.storage),
      outbox: honesty(client.outbox),
      sync: honesty(client.sync),
      rooms: honesty(client.rooms),
      timeline: honesty(room.timeline),
    }
    start(alice)
    await w.timeline.advance(500)
    for (const i of numbers(1, 10)) {
      room.send(i)
      bob.client.room('general').send(-i)
      if (i === 5) alice.link.drop()
      await w.timeline.advance(300)
    }
    await w.timeline.advance(40_000)
    for (const [name, { same, changes }] of Object.entries(found)) {
      expect([name, same]).toEqual([name, 0])
      expect(changes, name).toBeGreaterThan(0)
    }
  })

  it('does nothing before connect(), whoever looks', async () => {
    const w = newWorld()
    const profile = w.profile('alice')
    const { client, lifecycle } = w.tab(profile)
    const room = client.room('general')
    room.timeline.get()
    client.rooms.get()
    client.sync.get()
    client.outbox.subscribe(() => undefined)
    client.connection.subscribe(() => undefined)
    await w.timeline.advance(10_000)
    expect(profile.disk.names()).toEqual([])
    expect(w.network.attempts).toBe(0)
    expect(lifecycle.listeners).toBe(0)
    expect(w.timeline.pending).toBe(0)
  })
})

describe('arrivals', () => {
  it('I10: tell every message once, in the order of the log, over lost connections and repeated frames', async () => {
    const { p } = await watched(0)
    const arrived: unknown[] = []
    const stop = p.client.room('general').arrivals((message) => arrived.push(message.seq))
    p.server.send(p.event(1), p.event(2), p.event(2))
    p.server.send(p.event(5))
    await p.timeline.settle()
    p.page(
      5,
      [3, 4, 5].map((seq) => p.entry(seq)),
    )
    await p.timeline.settle()
    p.server.drop()
    await p.welcome()
    await p.catchUp(
      7,
      [6, 7].map((seq) => p.entry(seq)),
    )
    expect(arrived).toEqual([1, 2, 3, 4, 5, 6, 7])
    stop()
    p.server.send(p.event(8))
    await p.timeline.settle()
    expect(arrived).toHaveLength(7)
  })

  it('tell nothing of what was there before, nor of changes', async () => {
    const { p, items } = await watched(3)
    const arrived: unknown[] = []
    p.client.room('general').arrivals((message) => arrived.push(message.seq))
    const target = { messageId: 'm2', seq: 2, stamp: items()[1]?.stamp ?? '' }
    p.server.send(p.event(4, { kind: 'edit', target, body: 'x', version: 2 }), p.event(5))
    await p.timeline.settle()
    expect(arrived).toEqual([5])
  })
})

describe('the trace', () => {
  it('is bounded, and holds neither bodies nor tokens', async () => {
    const p = newPuppet({ token: () => 'secret-token' })
    await p.live()
    for (const i of numbers(1, 600)) {
      p.client.room('general').send(`secret body ${i}`)
      p.server.send(p.event(i, { body: 'secret answer' }))
      if (i % 30 === 0) await p.timeline.settle()
    }
    const lines = p.client.trace()
    expect(lines).toHaveLength(500)
    expect(lines.join('\n')).not.toContain('secret')
    expect(lines.at(-1)).toContain('event general op600')
  })
})
