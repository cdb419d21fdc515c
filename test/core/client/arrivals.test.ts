import { createMemoryLog, type Operation } from 'tidings-server'
import { describe, expect, it } from 'vitest'
import { formatStamp } from '../../../src/protocol/index.js'
import { newWorld, type World } from './world.js'

let world: World

const EARLY: Operation = {
  room: 'general',
  author: 'carol',
  id: 'early',
  kind: 'create',
  stamp: formatStamp(1_767_603_600_000, 0, 'carol-clock'),
  body: '"early"',
}

describe('arrivals', () => {
  it('tell every message once in the order of the log, also while the list is looked at', async () => {
    world = newWorld({ latencyMs: 10 })
    const [alice, bob] = [world.tab(world.profile('alice')), world.tab(world.profile('bob'))]
    const arrived: unknown[] = []
    const { timeline } = bob.client.room('general')
    bob.client.room('general').arrivals((message) => arrived.push(message.body))
    // A page that draws the list reads it after every change: then nothing is out of date when the next message comes.
    timeline.subscribe(() => timeline.get())
    alice.client.room('general').open()
    for (const { client } of [alice, bob]) client.connect()
    await world.timeline.advance(200)
    for (const text of ['one', 'two', 'three']) {
      alice.client.room('general').send(text)
      await world.timeline.advance(100)
    }
    bob.client.room('general').send('four')
    alice.client.room('general').send('five')
    await world.timeline.advance(200)
    expect(arrived).toEqual(['one', 'two', 'three', 'four', 'five'])
  })
  it('tell a message too whose place in the list lies above what is loaded', async () => {
    world = newWorld()
    const now = world.timeline.now()
    const write = (id: string, ms: number) =>
      world.log.append([
        {
          room: 'general',
          author: 'bob',
          id,
          kind: 'create',
          stamp: formatStamp(ms, 0, 'bobs-clock-'),
          body: `"${id}"`,
        },
      ])
    for (let i = 0; i < 700; i++) await write(`b${i}`, now + i)
    const alice = world.tab(world.profile('alice'))
    const room = alice.client.room('general')
    room.open()
    alice.client.connect()
    await world.timeline.advance(1_000)
    expect(room.timeline.get().hasOlder).toBe(true)
    const arrived: unknown[] = []
    room.arrivals((message) => arrived.push(message.body))
    await write('written an hour ago', now - 3_600_000)
    await world.timeline.advance(1_000)
    expect(room.timeline.get().late).toBe(1)
    expect(arrived).toEqual(['written an hour ago'])
  })
  describe('tell nobody twice', () => {
    /** Bob's texts as alice was told of them. */
    async function listening(...before: readonly string[]) {
      world = newWorld({ latencyMs: 10 })
      const profile = world.profile('alice')
      const [alice, bob] = [world.tab(profile), world.tab(world.profile('bob'))]
      const arrived: unknown[] = []
      const say = async (...texts: readonly string[]) => {
        for (const text of texts) bob.client.room('general').send(text)
        await world.timeline.advance(1_000)
      }
      for (const { client } of [alice, bob]) {
        client.room('general').open()
        client.connect()
      }
      await world.timeline.advance(1_000)
      await say(...before)
      alice.client.room('general').arrivals((message) => arrived.push(message.body))
      return { profile, alice, bob, say, arrived }
    }

    it('of a room that is read again because the device was emptied', async () => {
      const { profile, alice, say, arrived } = await listening('before anybody listened')
      await say('one', 'two')
      profile.disk.lose('emptied')
      alice.link.drop()
      await world.timeline.advance(60_000)
      await say('three')
      expect(arrived).toEqual(['one', 'two', 'three'])
    })

    it('of what a server lost and its authors sent again, and tell what is new there', async () => {
      const { say, arrived } = await listening()
      await say('one', 'two')
      const other = createMemoryLog({ clock: world.timeline.clock() })
      await other.append([EARLY])
      world.killServer()
      world.setLog(other)
      world.startServer()
      await world.timeline.advance(60_000)
      await say('three')
      expect(arrived).toEqual(['one', 'two', 'early', 'three'])
    })
  })
})
