import { expect, it } from 'vitest'
import { numbers, start } from './steps.js'
import { messages, newWorld, texts, type World } from './world.js'

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

it('a message that stands in the log is confirmed, though its answer was lost and the server cannot tell any more', async () => {
  let forgets = false
  world = newWorld({
    screen: ({ kind }) =>
      kind === 'create' && forgets ? { code: 'dedupe_expired', message: 'Too long ago.' } : undefined,
  })
  const profile = world.profile('alice')
  const first = start(world.tab(profile))
  await world.timeline.advance(1_000)
  first.client.room('general').send('hello')
  await world.timeline.advance(20)
  const [outbox = ''] = profile.disk.names().filter((name) => name.includes('outbox'))
  const [[key, sent] = ['', null]] = profile.disk.entries(outbox)
  await world.timeline.advance(1_000)
  first.crash()
  // The device kept the room, and not the acknowledgement: they are two databases.
  profile.disk.corrupt(outbox, key, sent)
  forgets = true
  const second = start(world.tab(profile))
  await world.timeline.advance(2_000)
  expect(messages(second.client).map(({ body, status }) => [body, status])).toEqual([['hello', 'confirmed']])
  expect(second.client.outbox.get().pending).toBe(0)
})

it('a reaction of which nobody can tell whether it arrived is made again where its own message is not in the list any more', async () => {
  let forgets = true
  world = newWorld({
    screen: ({ kind }) =>
      kind === 'react' && forgets ? { code: 'dedupe_expired', message: 'Too long ago.' } : undefined,
  })
  const profile = world.profile('alice')
  const first = start(world.tab(profile))
  const bob = start(world.tab(world.profile('bob')))
  const { key } = first.client.room('general').send('hello')
  // Before the message has any other name.
  first.client.room('general').react(key, 'heart')
  await world.timeline.advance(1_000)
  for (const i of numbers(1, 300)) bob.client.room('general').send(`b${i}`)
  await world.timeline.advance(60_000)
  await first.close()
  forgets = false
  const second = start(world.tab(profile))
  await world.timeline.advance(60_000)
  expect(texts(second.client)).not.toContain('hello')
  expect(second.client.outbox.get().pending).toBe(0)
  expect(messages(bob.client)[0]).toMatchObject({
    body: 'hello',
    reactions: [{ emoji: 'heart', users: ['alice'] }],
  })
})

it('a reaction of which nobody can tell whether it arrived is made again where its message is held back from the list', async () => {
  let forgets = true
  world = newWorld({
    screen: ({ kind }) =>
      kind === 'react' && forgets ? { code: 'dedupe_expired', message: 'Too long ago.' } : undefined,
  })
  const profile = world.profile('alice')
  const bob = start(world.tab(world.profile('bob')))
  const first = start(world.tab(profile))
  await world.timeline.advance(1_000)
  // Written long before it arrives: it belongs far above the messages that it comes with.
  first.client.disconnect()
  const { key } = first.client.room('general').send('hello')
  first.client.room('general').react(key, 'heart')
  await world.timeline.advance(60_000)
  for (const i of numbers(1, 300)) bob.client.room('general').send(`b${i}`)
  await world.timeline.advance(60_000)
  first.client.connect()
  await world.timeline.advance(10_000)
  expect(first.client.outbox.get().pending).toBe(1)
  await first.close()
  forgets = false
  const second = start(world.tab(profile))
  await world.timeline.advance(60_000)
  expect(texts(second.client)).not.toContain('hello')
  expect(second.client.room('general').timeline.get().late).toBe(1)
  expect(second.client.outbox.get().pending).toBe(0)
  expect(second.client.room('general').message(key).get()).toMatchObject({
    status: 'confirmed',
    reactions: [{ emoji: 'heart', users: ['alice'] }],
  })
})
