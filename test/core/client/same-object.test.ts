import { describe, expect, it } from 'vitest'
import { messages, newWorld, type World } from './world.js'

let world: World

describe('a message to which nothing happened', () => {
  it('is the same object wherever it is read, while others are written and while an own reaction waits', async () => {
    world = newWorld()
    const { client, link } = world.tab(world.profile('alice'))
    const room = client.room('general')
    room.open()
    client.connect()
    await world.timeline.advance(1_000)
    link.blackHole()
    const first = room.send('Hello')
    room.react(first.key, '👍')
    await world.timeline.advance(1_000)
    const shown = room.message(first.key).get()
    expect(shown?.reactions).toEqual([{ emoji: '👍', users: ['alice'] }])
    expect(room.message(first.key).get()).toBe(shown)
    const others = Array.from({ length: 300 }, (_, i) => room.send(`Number ${i}`))
    expect(room.message(first.key).get()).toBe(shown)
    expect(messages(client)[0]).toBe(shown)
    expect(messages(client).slice(1)).toEqual(others.map(({ message }) => message))
    expect(messages(client)[300]).toBe(others[299]?.message)
  })
})
