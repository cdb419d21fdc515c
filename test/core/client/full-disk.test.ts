import { createMemoryLog, type FrameHead } from 'tidings-server'
import { describe, expect, it } from 'vitest'
import { formatStamp } from '../../../src/protocol/index.js'
import { numbers, start } from './steps.js'
import { messages, newWorld, type Tab, texts, type World } from './world.js'

let world: World

async function write(from: number, to: number): Promise<void> {
  const now = world.timeline.now()
  for (const i of numbers(from, to)) {
    const stamp = formatStamp(now + i - to, 0, 'bobs-clock-')
    await world.log.append([
      { room: 'general', author: 'bob', id: `b-${i}`, kind: 'create', stamp, body: String(i) },
    ])
  }
}

const status = ({ client }: Tab) => client.room('general').timeline.get().status
const storageErrors = ({ errors }: Tab) => errors.filter((error) => error.code === 'storage')

describe('a disk that takes no messages', () => {
  it('does not keep a room of several pages from being shown and followed, and is complained of once', async () => {
    const asked: string[] = []
    const outgoing = ({ type }: FrameHead) => {
      asked.push(type)
      return 'pass' as const
    }
    world = newWorld({ latencyMs: 10, outgoing })
    await write(1, 450)
    const profile = world.profile('alice')
    profile.disk.quota(2_000)
    const alice = start(world.tab(profile))
    await world.timeline.advance(5_000)
    expect(texts(alice.client)).toEqual(numbers(1, 450))
    await write(451, 460)
    await world.timeline.advance(5_000)
    expect(texts(alice.client)).toEqual(numbers(1, 460))
    expect(status(alice)).toBe('live')
    expect(asked.filter((type) => type === 'sync_response')).toHaveLength(2)
    expect(storageErrors(alice)).toHaveLength(1)
  })

  it('gets what it missed as soon as there is room again', async () => {
    world = newWorld({ latencyMs: 10 })
    const profile = world.profile('alice')
    const alice = start(world.tab(profile))
    await write(1, 20)
    await world.timeline.advance(1_000)
    profile.disk.quota(1)
    await write(21, 40)
    await world.timeline.advance(1_000)
    expect(texts(alice.client)).toEqual(numbers(1, 40))
    profile.disk.quota(null)
    await write(41, 41)
    await world.timeline.advance(1_000)
    alice.crash()
    world.killServer()
    const again = start(world.tab(profile))
    await world.timeline.advance(1_000)
    expect(texts(again.client)).toEqual(numbers(1, 41))
  })

  it('is read from where it stands at the next start: what it never got comes from the server', async () => {
    world = newWorld({ latencyMs: 10 })
    const profile = world.profile('alice')
    const alice = start(world.tab(profile))
    await write(1, 20)
    await world.timeline.advance(1_000)
    profile.disk.quota(1)
    await write(21, 40)
    await world.timeline.advance(1_000)
    alice.crash()
    const again = start(world.tab(profile))
    await world.timeline.advance(2_000)
    expect(texts(again.client)).toEqual(numbers(1, 40))
    expect(messages(again.client)).toHaveLength(40)
  })

  it('does not keep a long room from being opened at its newest page and read backwards', async () => {
    world = newWorld({ latencyMs: 10 })
    await write(1, 900)
    const profile = world.profile('alice')
    profile.disk.quota(2_000)
    const alice = start(world.tab(profile))
    await world.timeline.advance(2_000)
    expect(status(alice)).toBe('live')
    expect(texts(alice.client)).toEqual(numbers(701, 900))
    const room = alice.client.room('general')
    for (let step = 0; room.timeline.get().hasOlder && step < 10; step++) {
      const loaded = room.loadOlder()
      await world.timeline.advance(500)
      expect(await loaded).toBe(true)
    }
    expect(texts(alice.client)).toEqual(numbers(1, 900))
  })

  it('does not keep the room from following a server that lost its tail', async () => {
    world = newWorld({ latencyMs: 10, limits: { rate: null } })
    const profile = world.profile('alice')
    const alice = start(world.tab(profile))
    await write(1, 20)
    await world.timeline.advance(6_000)
    alice.client.room('general').send('mine')
    await world.timeline.advance(1_000)
    profile.disk.quota(1)
    await write(21, 30)
    await world.timeline.advance(1_000)
    expect(texts(alice.client)).toHaveLength(31)
    alice.client.disconnect()
    world.killServer()
    world.setLog(createMemoryLog({ clock: world.timeline.clock() }))
    await write(1, 10)
    world.startServer()
    const resets: string[] = []
    alice.client.on('reset', ({ reason }) => resets.push(reason))
    alice.client.connect()
    await world.timeline.advance(30_000)
    expect(resets).toHaveLength(1)
    const wanted = [...numbers(1, 10), 'mine'].sort()
    expect([...texts(alice.client)].sort()).toEqual(wanted)
    // Nothing of the lost tail comes back to the disk with what follows.
    profile.disk.quota(null)
    await write(31, 31)
    await world.timeline.advance(1_000)
    alice.crash()
    world.killServer()
    const again = start(world.tab(profile))
    await world.timeline.advance(1_000)
    expect([...texts(again.client)].sort()).toEqual([...wanted, 31].sort())
  })
})

describe('a disk that cannot be read', () => {
  it('lets nobody have older messages now, and says so without throwing', async () => {
    world = newWorld({ latencyMs: 10 })
    await write(1, 300)
    const profile = world.profile('alice')
    const first = start(world.tab(profile))
    await world.timeline.advance(2_000)
    first.crash()
    const alice = start(world.tab(profile))
    await world.timeline.advance(2_000)
    const room = alice.client.room('general')
    expect(room.timeline.get().hasOlder).toBe(true)
    profile.disk.refuseOpen('unavailable', 2)
    profile.disk.lose('closed')
    const refused = room.loadOlder()
    await world.timeline.advance(1_000)
    expect(await refused).toBe(false)
    const loaded = room.loadOlder()
    await world.timeline.advance(1_000)
    expect(await loaded).toBe(true)
  })
})

describe('a disk that is full when it has to be emptied after a logout', () => {
  it.each([
    ['the outbox', 0],
    ['the cache', 1],
    ['the note that the cache is empty', 2],
  ])('keeps nobody waiting for ever: at %s', async (_, before) => {
    world = newWorld({ latencyMs: 10 })
    await write(1, 20)
    const profile = world.profile('alice')
    const first = start(world.tab(profile))
    await world.timeline.advance(1_000)
    const out = first.client.logout()
    await world.timeline.advance(1_000)
    await out
    profile.disk.rerunNext(before)
    profile.disk.abortNext('quota')
    const alice = start(world.tab(profile))
    const asked = alice.client.room('general').loadOlder()
    const { aborts } = profile.disk
    await world.timeline.advance(10_000)
    expect(profile.disk.aborts).toBe(aborts + 1)
    expect(await asked).toBe(false)
    const queued = alice.client.room('general').send('kept').queued()
    await world.timeline.advance(10_000)
    await queued
    expect(alice.client.storage.get()).toMatchObject({ state: 'ready', error: null })
    alice.crash()
    const again = world.tab(profile)
    again.link.refuse(true)
    start(again)
    await world.timeline.advance(1_000)
    expect(texts(again.client)).toContain('kept')
  })
})
