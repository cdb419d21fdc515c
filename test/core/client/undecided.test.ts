import { expect, it } from 'vitest'
import { start } from './steps.js'
import { messages, newWorld, type World } from './world.js'

let world: World

it('a reaction of which nobody can tell whether it arrived shows on its message, and goes out again when its author says so', async () => {
  let forgets = true
  world = newWorld({
    screen: ({ kind }) =>
      kind === 'react' && forgets ? { code: 'dedupe_expired', message: 'Too long ago.' } : undefined,
  })
  const alice = start(world.tab(world.profile('alice')))
  const room = alice.client.room('general')
  const { key } = room.send('hello')
  await world.timeline.advance(1_000)
  room.react(key, 'heart')
  await world.timeline.advance(1_000)
  expect(messages(alice.client)[0]).toMatchObject({ status: 'unknown' })
  expect(alice.client.outbox.get().pending).toBe(1)
  forgets = false
  expect(room.retry(key)).toBe(true)
  await world.timeline.advance(1_000)
  expect(messages(alice.client)[0]).toMatchObject({
    status: 'confirmed',
    reactions: [{ emoji: 'heart', users: ['alice'] }],
  })
  expect(alice.client.outbox.get().pending).toBe(0)
})
