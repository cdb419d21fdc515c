import { describe, expect, it } from 'vitest'
import { start, statuses } from './steps.js'
import { messages, newWorld, texts, type World } from './world.js'

let world: World

describe('a person who writes without a network', () => {
  it('keeps what was written over a crash, and sends it once when the network is back', async () => {
    world = newWorld({ latencyMs: 20 })
    const profile = world.profile('alice')
    const first = world.tab(profile)
    first.link.refuse(true)
    start(first)
    await world.timeline.advance(100)
    for (let i = 1; i <= 5; i++) first.client.room('general').send(`m${i}`)
    const keys = messages(first.client).map((message) => message.key)
    await world.timeline.advance(100)
    expect(statuses(first)).toEqual(Array(5).fill('pending'))
    first.crash()

    const second = start(world.tab(profile))
    second.link.refuse(true)
    await world.timeline.advance(100)
    expect(texts(second.client)).toEqual(['m1', 'm2', 'm3', 'm4', 'm5'])
    expect(messages(second.client).map((message) => message.key)).toEqual(keys)
    second.link.refuse(false)
    await world.timeline.advance(40_000)
    expect(statuses(second)).toEqual(Array(5).fill('confirmed'))
    expect(messages(second.client).map((message) => message.key)).toEqual(keys)

    const bob = start(world.tab(world.profile('bob')))
    await world.timeline.advance(1_000)
    expect(texts(bob.client)).toEqual(['m1', 'm2', 'm3', 'm4', 'm5'])
    expect(bob.errors).toEqual([])
  })

  it('is told after 5 s that a message is delayed', async () => {
    world = newWorld()
    const alice = world.tab(world.profile('alice'))
    alice.link.refuse(true)
    start(alice)
    await world.timeline.advance(10)
    alice.client.room('general').send('hello')
    let notified = 0
    alice.client.room('general').timeline.subscribe(() => notified++)
    await world.timeline.advance(4_000)
    expect(statuses(alice)).toEqual(['pending'])
    await world.timeline.advance(1_500)
    expect(statuses(alice)).toEqual(['delayed'])
    expect(notified).toBeGreaterThan(0)
  })

  it('sees the conversation again after a reload without any network', async () => {
    world = newWorld()
    const profile = world.profile('alice')
    const bob = start(world.tab(world.profile('bob')))
    const first = start(world.tab(profile))
    await world.timeline.advance(100)
    bob.client.room('general').send('from bob')
    await world.timeline.advance(100)
    first.crash()
    world.killServer()
    const second = start(world.tab(profile))
    second.client.room('general').send('from alice')
    await world.timeline.advance(500)
    expect(texts(second.client)).toEqual(['from bob', 'from alice'])
    expect(statuses(second)).toEqual(['confirmed', 'pending'])
    expect(second.client.room('general').timeline.get().status).toBe('cached')
  })

  it('stays disconnected by choice, whatever the page or the network says (sticky disconnect)', async () => {
    world = newWorld()
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(100)
    alice.client.disconnect()
    alice.client.room('general').send('later')
    alice.lifecycle.signal('online')
    alice.lifecycle.signal('visible')
    await world.timeline.advance(120_000)
    expect(alice.client.connection.get().state).toBe('idle')
    expect(statuses(alice)).toEqual(['delayed'])
    alice.client.connect()
    await world.timeline.advance(1_000)
    expect(statuses(alice)).toEqual(['confirmed'])
  })

  it('writes a chain: message, reply to it, edit, reaction and delete arrive as one array, resolved by id (conversation 12)', async () => {
    const kinds: string[] = []
    world = newWorld({
      latencyMs: 5,
      screen({ kind }) {
        kinds.push(kind)
        return undefined
      },
    })
    const alice = world.tab(world.profile('alice'))
    const bob = start(world.tab(world.profile('bob')))
    alice.link.refuse(true)
    start(alice)
    await world.timeline.advance(100)
    const room = alice.client.room('general')
    const first = room.send('first')
    const reply = room.send('reply', { replyTo: first.key })
    room.edit(first.key, 'first, edited')
    room.react(reply.key, '👍')
    const gone = room.send('gone')
    room.send('answer to it', { replyTo: gone.key })
    room.remove(gone.key)
    const never = room.send('never sent')
    room.remove(never.key)
    const wanted = ['first, edited', 'reply', null, 'answer to it']
    expect(texts(alice.client)).toEqual(wanted)
    await world.timeline.advance(100)
    alice.link.refuse(false)
    await world.timeline.advance(60_000)
    expect(kinds).toEqual(['create', 'create', 'react', 'create', 'create', 'delete'])
    expect(texts(alice.client)).toEqual(wanted)
    expect(statuses(alice)).toEqual(wanted.map(() => 'confirmed'))
    expect(texts(bob.client)).toEqual(wanted)
    const seen = messages(bob.client)
    expect(seen[1]?.replyTo).toBe(seen[0]?.id)
    // It was said otherwise before anybody saw it.
    expect(seen[0]).toMatchObject({ edited: false, version: 1 })
    expect(seen[1]?.reactions).toEqual([{ emoji: '👍', users: ['alice'] }])
    expect(seen[2]).toMatchObject({ deleted: true, body: null })
    expect(seen[3]?.replyTo).toBe(seen[2]?.id)
    expect(messages(alice.client)[1]?.replyTo).toBe(messages(alice.client)[0]?.id)
    expect(alice.client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
  })

  it('sends 200 waiting messages in arrays of at most 50, in order', async () => {
    world = newWorld({ latencyMs: 50, limits: { rate: null } })
    const alice = world.tab(world.profile('alice'))
    alice.link.refuse(true)
    start(alice)
    await world.timeline.advance(10)
    for (let i = 0; i < 200; i++) alice.client.room('general').send(i)
    await world.timeline.advance(100)
    alice.link.refuse(false)
    alice.lifecycle.signal('online')
    await world.timeline.advance(2_000)
    expect(statuses(alice)).toEqual(Array(200).fill('confirmed'))
    expect(texts(alice.client)).toEqual(Array.from({ length: 200 }, (_, i) => i))
    expect(messages(alice.client).map((message) => message.seq)).toEqual(
      Array.from({ length: 200 }, (_, i) => i + 1),
    )
  })
})

describe('two tabs of one person', () => {
  it('show what either of them writes, and send it once', async () => {
    world = newWorld({ latencyMs: 5 })
    const profile = world.profile('alice')
    const [one, two] = [start(world.tab(profile)), start(world.tab(profile))]
    await world.timeline.advance(200)
    one.client.room('general').send('from one')
    await world.timeline.advance(100)
    two.client.room('general').send('from two')
    await world.timeline.advance(200)
    for (const tab of [one, two]) {
      expect(texts(tab.client)).toEqual(['from one', 'from two'])
      expect(statuses(tab)).toEqual(['confirmed', 'confirmed'])
      expect(tab.errors).toEqual([])
    }
    expect(messages(one.client).map((m) => m.key)).toEqual(messages(two.client).map((m) => m.key))
  })

  it('show in the second what was written offline in the first, and the second sends it when the first is offline by choice', async () => {
    world = newWorld({ latencyMs: 5 })
    const profile = world.profile('alice')
    const [one, two] = [start(world.tab(profile)), start(world.tab(profile))]
    await world.timeline.advance(200)
    one.client.disconnect()
    await world.timeline.advance(50)
    one.client.room('general').send('through the other')
    await world.timeline.advance(100)
    expect(texts(two.client)).toEqual(['through the other'])
    expect(statuses(two)).toEqual(['confirmed'])
    await world.timeline.advance(100)
    expect(statuses(one)).toEqual(['confirmed'])
  })

  it('go on where there are no locks: the other one takes over what a dead tab left, after its lease', async () => {
    world = newWorld({ latencyMs: 5 })
    const profile = world.profile('alice')
    const one = world.tab(profile, { locks: false })
    one.link.refuse(true)
    start(one)
    await world.timeline.advance(100)
    one.client.room('general').send('left behind')
    await world.timeline.advance(100)
    one.crash()
    const two = start(world.tab(profile, { locks: false }))
    await world.timeline.advance(20_000)
    expect(texts(two.client)).toEqual(['left behind'])
    expect(statuses(two)).toEqual(['confirmed'])
  })
})
