import { describe, expect, it } from 'vitest'
import { messages, newWorld, type World } from './world.js'

let world: World

describe('the id of a message', () => {
  it('is taken by every method as soon as the acknowledgement is here, before the log holds the message', async () => {
    let lossy = true
    world = newWorld({ outgoing: ({ type }) => (lossy && type === 'event' ? 'drop' : 'pass') })
    const { client } = world.tab(world.profile('alice'))
    const room = client.room('general')
    room.open()
    client.connect()
    await world.timeline.advance(100)
    const sent = room.send('Hello')
    await world.timeline.advance(100)
    const { id, key, status } = messages(client)[0] ?? sent.message
    expect([key, status, id.startsWith('tmp_')]).toEqual([sent.key, 'confirmed', false])
    expect(room.message(id).get()?.key).toBe(key)
    room.react(id, '👍')
    expect(messages(client)[0]?.reactions).toEqual([{ emoji: '👍', users: ['alice'] }])
    room.send('An answer', { replyTo: id })
    expect(messages(client)[1]?.replyTo).toBe(id)
    lossy = false
    room.edit(id, 'Hello!')
    await world.timeline.advance(60_000)
    expect(messages(client)).toMatchObject([
      { key, id, body: 'Hello!', reactions: [{ emoji: '👍', users: ['alice'] }] },
      { replyTo: id },
    ])
    expect(client.outbox.get().pending).toBe(0)
  })
})
