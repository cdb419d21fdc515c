import { describe, expect, it } from 'vitest'
import { numbers, start } from './steps.js'
import { newWorld, type Profile, texts, type World } from './world.js'

let world: World

describe('fifty hand-overs under load', () => {
  it('bring each message once, in the order in which each tab wrote', async () => {
    world = newWorld({ latencyMs: 5, limits: { rate: null } })
    const profile: Profile = world.profile('alice')
    const bob = start(world.tab(world.profile('bob')))
    let tabs = [start(world.tab(profile)), start(world.tab(profile))]
    await world.timeline.advance(200)
    let n = 0
    for (const round of numbers(1, 50)) {
      for (const { client } of tabs) client.room('general').send(++n)
      await world.timeline.advance(round % 20)
      const [oldest, other] = tabs
      if (!oldest || !other) throw new Error('there are always two')
      // What was not on the disk yet is owed to nobody: the tab waits for that, and is gone in the middle of the rest.
      await world.timeline.settle()
      oldest.crash()
      tabs = [other, start(world.tab(profile))]
      await world.timeline.advance(40)
    }
    await world.timeline.advance(60_000)
    expect(texts(bob.client).toSorted((a, b) => Number(a) - Number(b))).toEqual(numbers(1, n))
    for (const odd of [0, 1])
      expect(texts(bob.client).filter((body) => Number(body) % 2 === odd)).toEqual(
        numbers(1, n).filter((i) => i % 2 === odd),
      )
  })
})
