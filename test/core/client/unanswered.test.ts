import { afterEach, describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { createPuppetWorld, type PuppetWorld } from './puppet-world.js'
import { texts } from './world.js'

let p: PuppetWorld
afterEach(() => p.end())

const statusOf = () => p.client.room('general').timeline.get().status

/** Somebody who answers pings and nothing else. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    await p.timeline.advance(500)
    for (const { t } of p.framesOf('ping')) if (p.server.open > 0) p.server.send({ type: 'pong', t })
  }
}

describe('a room that the server says nothing about, on a connection that lives', () => {
  it('is asked for again after a while, and again, and goes on as soon as there is an answer', async () => {
    p = createPuppetWorld()
    p.client.room('general').open()
    p.client.room('general').send('waits')
    await p.welcome()
    await pass(LIMITS.pageTimeoutMs - 1_000)
    expect(p.framesOf('subscribe')).toEqual([])
    await pass(1_000)
    expect(p.framesOf('subscribe')).toMatchObject([{ rooms: [{ room: 'general' }] }])
    expect(p.framesOf('ping').length).toBeGreaterThan(0)
    await pass(LIMITS.pageTimeoutMs)
    expect(p.framesOf('subscribe')).toHaveLength(2)
    expect(statusOf()).toBe('syncing')
    p.server.send(p.subscribed(1))
    await p.timeline.settle()
    p.page(1, [p.entry(1)])
    await p.timeline.settle()
    expect(statusOf()).toBe('live')
    expect(texts(p.client)).toEqual(['waits', 1])
    expect(p.framesOf('message')).toHaveLength(1)
    await pass(2 * LIMITS.pageTimeoutMs)
    expect(p.framesOf('subscribe')).toHaveLength(2)
    expect(p.server.attempts).toHaveLength(1)
    expect(p.errors).toEqual([])
  })

  it('whose connection turns out to be dead has another one made', async () => {
    p = createPuppetWorld()
    p.client.room('general').open()
    await p.welcome()
    await p.timeline.advance(LIMITS.pageTimeoutMs + 10_000)
    expect(p.server.attempts.length).toBeGreaterThan(1)
  })

  it('takes two answers for one', async () => {
    p = createPuppetWorld()
    p.client.room('general').open()
    await p.welcome()
    await pass(LIMITS.pageTimeoutMs)
    expect(p.framesOf('subscribe')).toHaveLength(1)
    p.server.send(p.subscribed(0), p.subscribed(0))
    await p.timeline.settle()
    p.page(0, [])
    p.server.send(p.subscribed(0), p.event(1))
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([1])
    expect(statusOf()).toBe('live')
  })
})
