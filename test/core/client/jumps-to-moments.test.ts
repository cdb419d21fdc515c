import { describe, expect, it } from 'vitest'
import { arrive, during, fill, fillSlowly, id, list, roomOf } from './past.js'
import { numbers } from './steps.js'
import { newWorld, texts, type World } from './world.js'

let world: World

describe('a jump to a moment', () => {
  it('comes to the first message that the server took then or later, from the server or the device', async () => {
    world = newWorld({ latencyMs: 10 })
    const began = world.timeline.now()
    await fillSlowly(world, 700)
    const profile = world.profile('alice')
    const alice = await arrive(world, profile)
    const at = (n: number) => began + (n - 1) * 1_000
    expect(await during(world, roomOf(alice).jumpTo(at(200)))).toEqual({ found: true, key: id(200) })
    expect(await during(world, roomOf(alice).jumpTo(new Date(at(300) + 1)))).toEqual({
      found: true,
      key: id(301),
    })
    world.killServer()
    await world.timeline.advance(1_000)
    for (const n of [200, 160, 301, 650]) {
      await during(world, roomOf(alice).jumpTo('newest'))
      expect([n, await during(world, roomOf(alice).jumpTo(at(n)))]).toEqual([n, { found: true, key: id(n) }])
    }
    // Between what is held, only the server could tell.
    expect(await during(world, roomOf(alice).jumpTo(at(100)))).toEqual({ found: false, reason: 'offline' })
    expect(await during(world, roomOf(alice).jumpTo(at(425)))).toEqual({ found: false, reason: 'offline' })
  })

  it('that nothing is newer than is the newest end; before the first message is the first', async () => {
    world = newWorld({ latencyMs: 10 })
    await fill(world, 1_200)
    const alice = await arrive(world)
    expect(await during(world, roomOf(alice).jumpTo(0))).toEqual({ found: true, key: id(1) })
    expect(texts(alice.client)).toEqual(numbers(1, 51))
    for (const moment of [world.timeline.now() + 1, Number.MAX_VALUE, Number.POSITIVE_INFINITY])
      expect(await during(world, roomOf(alice).jumpTo(moment))).toEqual({ found: true, key: id(1_200) })
    expect(list(alice).hasNewer).toBe(false)
    expect(await during(world, roomOf(alice).jumpTo(new Date('never')))).toEqual({
      ...{ found: false, reason: 'not_found' },
    })
  })

  it('in an empty room is the end of it', async () => {
    world = newWorld()
    const alice = await arrive(world)
    expect(await during(world, roomOf(alice).jumpTo('newest'))).toEqual({ found: true, key: null })
    expect(await during(world, roomOf(alice).jumpTo(5))).toMatchObject({ found: false })
  })
})
