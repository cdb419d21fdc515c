import { createMemoryLog } from 'tidings-server'
import { afterEach, expect, it } from 'vitest'
import { type Platform, StorageError } from '../../../src/core/index.js'
import { start } from './steps.js'
import { newWorld, type Profile, type Tab, texts, type World } from './world.js'

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

/** Alice wrote, was told that it arrived, and is gone; Bob is there. */
async function aliceHasWritten(): Promise<{ profile: Profile; bob: Tab }> {
  world = newWorld({ limits: { rate: null } })
  const profile = world.profile('alice')
  const bob = start(world.tab(world.profile('bob')))
  const alice = start(world.tab(profile))
  await world.timeline.advance(1_000)
  alice.client.room('general').send('acknowledged')
  await world.timeline.advance(1_000)
  await alice.close()
  return { profile, bob }
}

/** The server comes back with nothing. */
function forget(): void {
  world.killServer()
  world.setLog(createMemoryLog({ clock: world.timeline.clock() }))
  world.startServer()
}

it('what a server acknowledged and lost goes out again, also where the context that was told of it could not read the outbox', async () => {
  const { profile, bob } = await aliceHasWritten()
  forget()
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

/** Alice has written, and her device has lost its log; then Bob writes so much that she jumps to the end when she comes. */
async function comesBackWithoutLog(meanwhile: () => void): Promise<{ first: readonly unknown[]; tab: Tab }> {
  const { profile, bob } = await aliceHasWritten()
  const { disk } = profile
  disk.restore(new Map([...disk.snapshot()].filter(([name]) => name.includes('outbox'))))
  meanwhile()
  await world.timeline.advance(60_000)
  for (let n = 1; n <= 700; n++) bob.client.room('general').send(n)
  await world.timeline.advance(60_000)
  const tab = start(world.tab(profile))
  await world.timeline.advance(60_000)
  return { first: texts(bob.client).filter((text) => text === 'acknowledged'), tab }
}

it('what a server acknowledged and lost goes out again, also where the device has lost its log and jumps to the end', async () => {
  const { first, tab } = await comesBackWithoutLog(forget)
  expect(first).toEqual(['acknowledged'])
  expect(tab.client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
})

it('what a server acknowledged and has is there once, also where the device asks for it in that way', async () => {
  const { first, tab } = await comesBackWithoutLog(() => undefined)
  expect(first).toEqual(['acknowledged'])
  expect(tab.client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
})

/** Alice has written and stays; while nobody hears her, her device is emptied, and she looks into the past, where nothing is any more. */
async function losesLogWhileOpen(): Promise<{ alice: Tab; bob: Tab }> {
  world = newWorld({ limits: { rate: null } })
  const profile = world.profile('alice')
  const [alice, bob] = [start(world.tab(profile)), start(world.tab(world.profile('bob')))]
  await world.timeline.advance(1_000)
  bob.client.room('general').send('before')
  alice.client.room('general').send('acknowledged')
  await world.timeline.advance(5_000)
  alice.client.disconnect()
  profile.disk.lose('emptied')
  await world.timeline.advance(1_000)
  const room = alice.client.room('general')
  void room.jumpTo(room.timeline.get().items[0]?.key ?? '')
  await world.timeline.advance(1_000)
  return { alice, bob }
}

it('what was acknowledged is shown, also where an open page has lost its log', async () => {
  const { alice } = await losesLogWhileOpen()
  expect(texts(alice.client)).toEqual(['acknowledged'])
  alice.client.connect()
  await world.timeline.advance(5_000)
  expect(texts(alice.client)).toEqual(['before', 'acknowledged'])
})

it('what a server acknowledged and lost goes out again, also where an open page has lost its log before', async () => {
  const { alice, bob } = await losesLogWhileOpen()
  forget()
  await world.timeline.advance(60_000)
  for (const text of ['one', 'two', 'three']) bob.client.room('general').send(text)
  await world.timeline.advance(5_000)
  alice.client.connect()
  await world.timeline.advance(60_000)
  expect(texts(alice.client)).toEqual(['before', 'acknowledged', 'one', 'two', 'three'])
  expect(texts(bob.client)).toEqual(texts(alice.client))
})
