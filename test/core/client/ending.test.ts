import { describe, expect, it } from 'vitest'
import { createWorld } from './world.js'

describe('a client that ends', () => {
  it('leaves no timer, listener, socket or open store', async () => {
    const world = createWorld({ latencyMs: 10 })
    const profile = world.profile('alice')
    const alice = world.tab(profile)
    alice.client.room('general').open()
    alice.client.connect()
    await world.timeline.advance(200)
    alice.client.room('general').send('on its way')
    alice.client.room('other').open()
    await world.end()
    expect(alice.errors).toEqual([])
    expect(alice.lifecycle.listeners).toBe(0)
    expect(profile.disk.openStores).toBe(0)
    await world.timeline.advance(60_000)
    expect(world.network.open).toBe(0)
    expect(world.timeline.pending).toBe(0)
  })
})
