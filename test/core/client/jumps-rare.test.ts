import { createMemoryLog } from 'tidings-server'
import { describe, expect, it } from 'vitest'
import { receipts } from '../../../src/core/people/receipts.js'
import { arrive, during, fill, id, isContinuous, list, roomOf } from './past.js'
import { createPuppetWorld } from './puppet-world.js'
import { numbers } from './steps.js'
import { newWorld, texts, type World } from './world.js'

let world: World

describe('a jump to the first unread message', () => {
  it('goes to the one after the read mark, wherever that lies', async () => {
    world = newWorld({ latencyMs: 10 })
    const profile = world.profile('alice')
    await fill(world, 40)
    const before = await arrive(world, profile)
    receipts(roomOf(before)).markRead()
    await world.timeline.advance(2_000)
    before.crash()
    await fill(world, 1_500, 41)
    const alice = await arrive(world, profile)
    expect(list(alice).unread).toBe(1_000)
    expect(await during(world, roomOf(alice).jumpTo('first-unread'))).toEqual({ found: true, key: id(41) })
    expect(texts(alice.client)).toContain(41)
    expect(list(alice)).toMatchObject({ firstUnread: id(41), status: 'live' })
    expect(isContinuous(alice)).toBe(true)
  })

  it('finds nothing where everything was read, and where nobody keeps marks', async () => {
    world = newWorld({ latencyMs: 10 })
    await fill(world, 300)
    const alice = await arrive(world)
    receipts(roomOf(alice)).markRead()
    await world.timeline.advance(2_000)
    const { items } = list(alice)
    const nothing = { found: false, reason: 'not_found' }
    expect(await during(world, roomOf(alice).jumpTo('first-unread'))).toEqual(nothing)
    expect(list(alice).items).toBe(items)
  })
})

describe('a reader who stands in the past', () => {
  it('sees no hole when the server comes back with another history', async () => {
    world = newWorld({ latencyMs: 10 })
    await fill(world, 2_000)
    const alice = await arrive(world)
    let resets = 0
    alice.client.on('reset', () => {
      resets += 1
    })
    await during(world, roomOf(alice).jumpTo(id(700)))
    world.killServer()
    world.setLog(createMemoryLog({ clock: world.timeline.clock() }))
    await fill(world, 1_200)
    world.startServer()
    await world.timeline.advance(60_000)
    expect(resets).toBe(1)
    expect(isContinuous(alice)).toBe(true)
    expect(await during(world, roomOf(alice).jumpTo('newest'))).toMatchObject({ found: true })
    expect(texts(alice.client).slice(-50)).toEqual(numbers(1_151, 1_200))
    expect(await during(world, roomOf(alice).jumpTo(id(600)))).toEqual({ found: true, key: id(600) })
    expect(isContinuous(alice)).toBe(true)
    expect(texts(alice.client)).toContain(600)
  })

  it('is told when the device has no place for what is around it, and keeps the list', async () => {
    world = newWorld({ latencyMs: 10 })
    const profile = world.profile('alice')
    await fill(world, 2_000)
    const alice = await arrive(world, profile)
    profile.disk.quota(10)
    const { items } = list(alice)
    expect(await during(world, roomOf(alice).jumpTo(id(700)))).toEqual({ found: false, reason: 'storage' })
    expect(list(alice).items).toBe(items)
    profile.disk.quota(null)
    await world.timeline.advance(60_000)
    expect(await during(world, roomOf(alice).jumpTo(id(700)))).toEqual({ found: true, key: id(700) })
  })
})

describe('a server that knows nothing of places', () => {
  it('and answers with the start of the log, leads nowhere and breaks nothing', async () => {
    world = newWorld()
    const p = createPuppetWorld()
    await p.live()
    for (const seq of [1, 2]) p.server.send(p.event(seq))
    await p.timeline.settle()
    const room = p.client.room('general')
    const { items } = room.timeline.get()
    const jump = room.jumpTo('elsewhere')
    await p.timeline.settle()
    expect(p.framesOf('sync_request').at(-1)).toMatchObject({ around: { messageId: 'elsewhere' } })
    p.page(2, [p.entry(1), p.entry(2)])
    await p.timeline.settle()
    expect(await jump).toEqual({ found: false, reason: 'not_found' })
    expect(room.timeline.get().items).toEqual(items)
    expect(p.codes()).toEqual([])
    await p.end()
  })
})
