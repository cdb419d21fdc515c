import { describe, expect, it } from 'vitest'
import { formatStamp } from '../../../src/protocol/index.js'
import { numbers } from './steps.js'
import { newWorld, texts, type World } from './world.js'

let world: World

const ROOMS = ['general', 'other']

async function fill(count: number): Promise<void> {
  const now = world.timeline.now()
  for (const room of ROOMS) {
    for (const i of numbers(1, count)) {
      const stamp = formatStamp(now - (count - i), 0, 'bobs-clock-')
      await world.log.append([
        { room, author: 'bob', id: `${room}-${i}`, kind: 'create', stamp, body: String(i) },
      ])
    }
  }
}

describe('a room that nobody follows any more', () => {
  it('keeps its newest messages in memory and has the others from the disk when they are wanted again', async () => {
    world = newWorld({ latencyMs: 10 })
    await fill(450)
    const { client } = world.tab(world.profile('alice'))
    const [close] = ROOMS.map((room) => client.room(room).open())
    client.connect()
    await world.timeline.advance(2_000)
    expect(texts(client)).toEqual(numbers(1, 450))
    close?.()
    await world.timeline.advance(2_000)
    expect(texts(client)).toEqual(numbers(323, 450))
    expect(texts(client, 'other')).toEqual(numbers(1, 450))
    expect(client.room('general').timeline.get()).toMatchObject({ status: 'cached', hasOlder: true })
    world.killServer()
    const room = client.room('general')
    for (let step = 0; room.timeline.get().hasOlder && step < 10; step++) {
      const loaded = room.loadOlder()
      await world.timeline.advance(100)
      expect(await loaded).toBe(true)
    }
    expect(texts(client)).toEqual(numbers(1, 450))
  })

  it('keeps everything while the disk is behind', async () => {
    world = newWorld({ latencyMs: 10 })
    await fill(300)
    const profile = world.profile('alice')
    const { client } = world.tab(profile)
    const close = client.room('general').open()
    profile.disk.quota(2_000)
    client.connect()
    await world.timeline.advance(2_000)
    expect(texts(client)).toEqual(numbers(1, 300))
    close()
    await world.timeline.advance(2_000)
    expect(texts(client)).toEqual(numbers(1, 300))
  })

  it('stays in memory where the disk cannot be read', async () => {
    world = newWorld({ latencyMs: 10 })
    await fill(300)
    const profile = world.profile('alice')
    const { client } = world.tab(profile)
    const close = client.room('general').open()
    client.connect()
    await world.timeline.advance(2_000)
    profile.disk.refuseOpen('unavailable', 100)
    profile.disk.lose('closed')
    close()
    await world.timeline.advance(2_000)
    expect(texts(client)).toEqual(numbers(1, 300))
  })

  it('is not cut short by someone who looks again at once', async () => {
    world = newWorld({ latencyMs: 10 })
    await fill(300)
    const { client } = world.tab(world.profile('alice'))
    const close = client.room('general').open()
    client.connect()
    await world.timeline.advance(2_000)
    close()
    await world.timeline.advance(500)
    client.room('general').open()
    await world.timeline.advance(2_000)
    expect(texts(client)).toEqual(numbers(1, 300))
  })
})
