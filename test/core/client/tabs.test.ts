import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { fill } from './past.js'
import { numbers, start } from './steps.js'
import { messages, newWorld, texts, type World } from './world.js'

let world: World

describe('two tabs of which now one, now the other is quicker', () => {
  it('keep what they show, and tell every arrival, when one finds half of its write done', async () => {
    world = newWorld({ latencyMs: 5, limits: { rate: null } })
    const profile = world.profile('alice')
    const [a, b, bob] = [world.tab(profile), world.tab(profile), world.tab(world.profile('bob'))]
    const arrived: unknown[] = []
    b.client.room('general').arrivals((message) => arrived.push(message.body))
    for (const { client } of [a, b, bob]) {
      client.room('general').open()
      client.connect()
    }
    await world.timeline.advance(500)
    await fill(world, 300)
    await world.timeline.advance(500)
    // While the disk hangs, the first tab has heard 303 when the second has heard 310: its write is done first.
    const release = profile.disk.hang()
    for (const i of numbers(301, 310)) {
      if (i === 304) a.link.latency(500)
      bob.client.room('general').send(i)
      await world.timeline.advance(50)
    }
    release()
    await world.timeline.advance(100)
    expect(texts(b.client)).toEqual(numbers(1, 310))
    await world.timeline.advance(5_000)
    expect(texts(a.client)).toEqual(numbers(1, 310))
    expect(arrived).toEqual(numbers(1, 310))
    b.crash()
    a.crash()
    world.killServer()
    const later = world.tab(profile)
    later.client.room('general').open()
    later.client.connect()
    await world.timeline.advance(1_000)
    expect(texts(later.client).at(-1)).toBe(310)
  })
})

describe('a tab that fills a gap with what another tab has brought', () => {
  it('shows what happened in there to messages that it knew before', async () => {
    world = newWorld({ latencyMs: 5, limits: { rate: null } })
    const profile = world.profile('alice')
    const tabs = [start(world.tab(profile)), start(world.tab(profile))]
    const bob = start(world.tab(world.profile('bob')))
    const room = bob.client.room('general')
    await world.timeline.advance(500)
    const { key } = room.send('before')
    await world.timeline.advance(500)
    for (const { link } of tabs) {
      link.refuse(true)
      link.drop()
    }
    room.react(key, 'heart')
    await world.timeline.advance(100)
    await fill(world, LIMITS.jumpAfter + 100)
    for (const { link } of tabs) link.refuse(false)
    await world.timeline.advance(40_000)
    for (const { client } of tabs) {
      const face = client.room('general')
      const gapOf = () => face.timeline.get().items.findLast((item) => item.type === 'gap')
      expect(gapOf()).toBeDefined()
      for (let gap = gapOf(); gap; gap = gapOf()) {
        const filling = face.fillGap(gap)
        await world.timeline.advance(100)
        await filling
      }
      expect(messages(client)[0]).toMatchObject({ body: 'before', reactions: [{ emoji: 'heart' }] })
    }
  })
})

describe('a tab that knows more than the disk, which was emptied and filled anew by another tab', () => {
  it('still finds the way to the first message', async () => {
    world = newWorld({ latencyMs: 5, limits: { rate: null } })
    const profile = world.profile('alice')
    const [bob, early] = [start(world.tab(world.profile('bob'))), LIMITS.jumpAfter + 200]
    await world.timeline.advance(500)
    await fill(world, early)
    await world.timeline.advance(500)
    const [one, other] = [start(world.tab(profile)), start(world.tab(profile))]
    await world.timeline.advance(2_000)
    profile.disk.lose('emptied')
    // It hears what comes now when the other one has begun anew behind it.
    other.link.latency(3_000)
    for (const i of numbers(early + 1, early + 20)) bob.client.room('general').send(i)
    await world.timeline.advance(30_000)
    for (const { client } of [other, one]) {
      const room = client.room('general')
      for (let more = true; more; ) {
        const loading = room.loadOlder()
        await world.timeline.advance(10_000)
        more = await loading
      }
      expect(texts(client)).toEqual(numbers(1, early + 20))
    }
  })
})
