import { createMemoryLog } from 'tidings-server'
import { afterEach, expect, it } from 'vitest'
import { type Platform, StorageError } from '../../../src/core/index.js'
import { start } from './steps.js'
import { newWorld, texts, type World } from './world.js'

let world: World

afterEach(() => world.end())

/** A context that reads the rooms of the device, and not what waits there. */
const withoutOutbox = (platform: Platform): Platform => ({
  ...platform,
  storage: {
    ...platform.storage,
    open: (name) =>
      name.includes('outbox')
        ? Promise.reject(new StorageError('unavailable', 'Not now.'))
        : platform.storage.open(name),
  },
})

it('what a server acknowledged and lost goes out again, also where the context that was told of it could not read the outbox', async () => {
  world = newWorld()
  const profile = world.profile('alice')
  const bob = start(world.tab(world.profile('bob')))
  const first = start(world.tab(profile))
  await world.timeline.advance(1_000)
  first.client.room('general').send('acknowledged')
  await world.timeline.advance(1_000)
  await first.close()
  world.killServer()
  world.setLog(createMemoryLog({ clock: world.timeline.clock() }))
  world.startServer()
  await world.timeline.advance(60_000)
  for (const text of ['one', 'two', 'three']) bob.client.room('general').send(text)
  const second = start(world.tab(profile, { seams: withoutOutbox }))
  await world.timeline.advance(60_000)
  expect(texts(second.client)).toEqual(['one', 'two', 'three'])
  await second.close()
  const third = start(world.tab(profile))
  await world.timeline.advance(60_000)
  expect(texts(third.client)).toEqual(['acknowledged', 'one', 'two', 'three'])
  expect(texts(bob.client)).toEqual(texts(third.client))
})
