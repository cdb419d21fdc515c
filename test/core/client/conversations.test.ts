import { describe, expect, it } from 'vitest'
import { messages, newWorld, texts, type World } from './world.js'

let world: World

describe('two people in a room', () => {
  it('see what the other writes, in the same order, confirmed once', async () => {
    world = newWorld({ latencyMs: 10 })
    const alice = world.tab(world.profile('alice'))
    const bob = world.tab(world.profile('bob'))
    for (const { client } of [alice, bob]) {
      client.room('general').open()
      client.connect()
    }
    await world.timeline.advance(200)
    expect(alice.client.connection.get().state).toBe('connected')
    const sent = alice.client.room('general').send('Hello')
    expect(texts(alice.client)).toEqual(['Hello'])
    expect(sent.message.status).toBe('pending')
    await world.timeline.advance(100)
    bob.client.room('general').send('Hi')
    await world.timeline.advance(100)
    expect(texts(alice.client)).toEqual(['Hello', 'Hi'])
    expect(texts(bob.client)).toEqual(['Hello', 'Hi'])
    expect(messages(alice.client).map((message) => message.status)).toEqual(['confirmed', 'confirmed'])
    expect(messages(alice.client)[0]?.key).toBe(sent.key)
    expect(alice.errors).toEqual([])
    expect(alice.client.outbox.get().pending).toBe(0)
  })
})
