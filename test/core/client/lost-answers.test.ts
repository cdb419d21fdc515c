import type { FrameHead } from 'tidings-server'
import { describe, expect, it } from 'vitest'
import { numbers, start, statuses } from './steps.js'
import { messages, newWorld, texts, type World } from './world.js'

let world: World

describe('an acknowledgement that is lost', () => {
  it('is made up for by the echo: nothing is sent again', async () => {
    const seen: FrameHead[] = []
    world = newWorld({
      outgoing(frame) {
        seen.push(frame)
        return frame.type === 'ack' ? 'drop' : 'pass'
      },
    })
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(100)
    alice.client.room('general').send('once')
    await world.timeline.advance(30_000)
    expect(statuses(alice)).toEqual(['confirmed'])
    expect(seen.filter((frame) => frame.type === 'ack')).toHaveLength(1)
    expect(alice.client.outbox.get().pending).toBe(0)
  })

  it('with the echo as well leads to the same operation again, and to one message (conversation 5)', async () => {
    let lossy = true
    const acks: FrameHead[] = []
    world = newWorld({
      outgoing(frame) {
        if (frame.type === 'ack') acks.push(frame)
        return lossy && (frame.type === 'ack' || frame.type === 'event') ? 'drop' : 'pass'
      },
    })
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(100)
    const sent = alice.client.room('general').send('twice')
    await world.timeline.advance(100)
    lossy = false
    expect(statuses(alice)).toEqual(['pending'])
    await world.timeline.advance(20_000)
    expect(statuses(alice)).toEqual(['confirmed'])
    expect(acks.length).toBe(2)
    const bob = start(world.tab(world.profile('bob')))
    await world.timeline.advance(1_000)
    expect(texts(bob.client)).toEqual(['twice'])
    expect(messages(alice.client)[0]?.key).toBe(sent.key)
  })

  it('with the connection is made up for by a page at resume: nothing is sent again (conversation 4)', async () => {
    const acks: FrameHead[] = []
    let lossy = false
    world = newWorld({
      outgoing(frame) {
        if (frame.type === 'ack') acks.push(frame)
        return lossy ? 'drop' : 'pass'
      },
    })
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(100)
    lossy = true
    alice.client.room('general').send('held by a page')
    await world.timeline.advance(100)
    alice.link.drop()
    lossy = false
    await world.timeline.advance(60_000)
    expect(statuses(alice)).toEqual(['confirmed'])
    expect(acks).toHaveLength(1)
  })
})

describe('a reply whose acknowledgement is lost', () => {
  it('is known by its own id, not by that of what it answers, to a later array that names it', async () => {
    world = newWorld({
      limits: { rate: null },
      outgoing: (frame) => (frame.type === 'ack' ? 'drop' : 'pass'),
    })
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(100)
    alice.client.disconnect()
    const room = alice.client.room('general')
    const parent = room.send('parent')
    const reply = room.send('reply', { replyTo: parent.key })
    for (const i of numbers(1, 50)) room.send(i)
    room.send('to the reply', { replyTo: reply.key })
    alice.client.connect()
    await world.timeline.advance(30_000)
    const shown = messages(alice.client)
    expect(shown.at(-1)).toMatchObject({ body: 'to the reply', status: 'confirmed', replyTo: shown[1]?.id })
    expect(shown[1]?.replyTo).toBe(shown[0]?.id)
  })
})

describe('a live event that is lost', () => {
  it('is noticed by the next one and read from a page (conversation 6)', async () => {
    let drop = false
    world = newWorld({
      outgoing: (frame, to) => (drop && frame.type === 'event' && to.user === 'bob' ? 'drop' : 'pass'),
    })
    const alice = start(world.tab(world.profile('alice')))
    const bob = start(world.tab(world.profile('bob')))
    await world.timeline.advance(100)
    drop = true
    alice.client.room('general').send(1)
    await world.timeline.advance(100)
    drop = false
    alice.client.room('general').send(2)
    await world.timeline.advance(1_000)
    expect(texts(bob.client)).toEqual([1, 2])
    expect(bob.errors).toEqual([])
  })
})
