import { describe, expect, it } from 'vitest'
import { roomOf, watched } from './changes.js'
import { start } from './steps.js'
import { messages } from './world.js'

describe('reactions', () => {
  it('are a set: the same one twice is one, and taking back what is not there does nothing', async () => {
    const { world, kinds } = watched()
    const bob = start(world.tab(world.profile('bob')))
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(200)
    const sent = roomOf(alice).send('one')
    await world.timeline.advance(200)
    const [seen] = messages(bob.client)
    const room = roomOf(bob)
    const key = seen?.key ?? sent.key
    room.react(key, '👍')
    await world.timeline.advance(200)
    await room.react(key, '👍').confirmed()
    await room.unreact(key, '🎉').confirmed()
    await world.timeline.advance(200)
    expect(kinds()).toEqual(['create', 'react'])
    expect(messages(alice.client)[0]?.reactions).toEqual([{ emoji: '👍', users: ['bob'] }])
    expect(bob.client.outbox.get().pending).toBe(0)
  })

  it('taken back before they were sent are not sent, and a reaction taken back and given again is one', async () => {
    const { kinds, offline, online, inATunnel } = watched()
    const alice = await inATunnel()
    const room = roomOf(alice)
    const { key } = room.send('one')
    room.react(key, '👍')
    room.unreact(key, '👍')
    room.react(key, '🎉')
    room.unreact(key, '🎉')
    room.react(key, '🎉')
    expect(messages(alice.client)[0]?.reactions).toEqual([{ emoji: '🎉', users: ['alice'] }])
    await online(alice)
    expect(kinds()).toEqual(['create', 'react'])
    await offline(alice)
    room.unreact(key, '🎉')
    room.react(key, '🎉')
    await online(alice)
    expect(kinds()).toEqual(['create', 'react'])
    expect(messages(alice.client)[0]?.reactions).toEqual([{ emoji: '🎉', users: ['alice'] }])
  })

  it('given and taken back while the first is on its way end as they were meant last', async () => {
    const { world } = watched({ latencyMs: 50 })
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(500)
    const { key } = roomOf(alice).send('one')
    await world.timeline.advance(500)
    roomOf(alice).react(key, '👍')
    await world.timeline.advance(20)
    roomOf(alice).unreact(key, '👍')
    expect(messages(alice.client)[0]?.reactions).toEqual([])
    await world.timeline.advance(1_000)
    expect(messages(alice.client)[0]?.reactions).toEqual([])
    expect(alice.client.outbox.get().pending).toBe(0)
  })

  it('of no or too many characters are refused at once, like a body that cannot travel', async () => {
    const { world } = watched()
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(100)
    const { key } = roomOf(alice).send('one')
    for (const emoji of ['', 'x'.repeat(33), 7 as never])
      for (const act of [roomOf(alice).react, roomOf(alice).unreact])
        expect(() => act(key, emoji)).toThrow(expect.objectContaining({ code: 'invalid_body' }))
    await world.timeline.advance(100)
    expect(alice.client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
  })

  it('of two devices of one person are the reaction of one person', async () => {
    const { world, online, twoInATunnel } = watched()
    const { phone, laptop, key } = await twoInATunnel()
    roomOf(phone).react(key, '👍')
    roomOf(laptop).react(key, '👍')
    await online(phone)
    await online(laptop)
    for (const { client } of [phone, laptop]) {
      expect(messages(client)[0]?.reactions).toEqual([{ emoji: '👍', users: ['alice'] }])
      expect(client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
    }
    roomOf(laptop).unreact(key, '👍')
    await world.timeline.advance(200)
    for (const { client } of [phone, laptop]) expect(messages(client)[0]?.reactions).toEqual([])
  })
})
