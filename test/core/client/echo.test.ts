import { describe, expect, it } from 'vitest'
import { messages, newWorld, texts, type World } from './world.js'

let world: World

describe('the echo of a reply', () => {
  it('confirms the reply itself, not the message that it answers', async () => {
    world = newWorld({ latencyMs: 10, outgoing: (frame) => (frame.type === 'ack' ? 'drop' : 'pass') })
    const { client } = world.tab(world.profile('alice'))
    const room = client.room('general')
    room.open()
    client.connect()
    await world.timeline.advance(200)
    const question = room.send('question')
    await world.timeline.advance(100)
    const confirmed: string[] = []
    client.on('confirmed', ({ id }) => confirmed.push(id))
    const answer = room.send('answer', { replyTo: question.key })
    // The answer is on its way and known by its operation only.
    await world.timeline.advance(5)
    room.send('thanks', { replyTo: answer.key })
    await world.timeline.advance(200)
    expect(texts(client)).toEqual(['question', 'answer', 'thanks'])
    const [first, second, third] = messages(client)
    expect(confirmed).toEqual([second?.id, third?.id])
    expect([second?.replyTo, third?.replyTo]).toEqual([first?.id, second?.id])
  })
})
