import { messageIdOf } from 'tidings-server'
import { describe, expect, it } from 'vitest'
import { formatStamp } from '../../../src/protocol/index.js'
import { arrive, during, fill, fillSlowly, id, list, roomOf } from './past.js'
import { numbers } from './steps.js'
import { messages, newWorld, texts, type World } from './world.js'

let world: World

describe('a jump to a message', () => {
  it('asks the server for what lies around it, and records a gap on both sides', async () => {
    world = newWorld({ latencyMs: 10 })
    await fill(world, 2_000)
    const alice = await arrive(world)
    expect(texts(alice.client)).toEqual(numbers(1_801, 2_000))
    expect(await during(world, roomOf(alice).jumpTo(id(700)))).toEqual({ found: true, key: id(700) })
    expect(texts(alice.client)).toEqual(numbers(651, 750))
    expect(list(alice)).toMatchObject({ hasOlder: true, hasNewer: true, status: 'live' })
    expect(await during(world, roomOf(alice).loadOlder())).toBe(true)
    expect(await during(world, roomOf(alice).loadNewer())).toBe(true)
    expect(texts(alice.client)).toEqual(numbers(551, 850))
  })

  it('is served from the device without a network, and by any of its names', async () => {
    world = newWorld({ latencyMs: 10 })
    const profile = world.profile('alice')
    const alice = await arrive(world, profile)
    const own = roomOf(alice).send('mine')
    await world.timeline.advance(1_000)
    const serverId = messages(alice.client)[0]?.id ?? ''
    await fill(world, 900)
    await world.timeline.advance(3_000)
    alice.crash()
    world.killServer()
    const later = await arrive(world, profile)
    expect(texts(later.client)).not.toContain('mine')
    for (const name of [own.key, `tmp_${own.key}`, serverId]) {
      expect(await during(world, roomOf(later).jumpTo('newest'))).toMatchObject({ found: true, key: id(900) })
      expect(await during(world, roomOf(later).jumpTo(name))).toEqual({ found: true, key: own.key })
      expect(texts(later.client)[0]).toBe('mine')
      expect(list(later)).toMatchObject({ hasOlder: false, hasNewer: true, status: 'cached' })
    }
  })

  it('finds an own message that only the server has by the operation that made it', async () => {
    world = newWorld({ latencyMs: 10 })
    const elsewhere = await arrive(world)
    const own = roomOf(elsewhere).send('mine')
    await world.timeline.advance(1_000)
    await fill(world, 1_500)
    const alice = await arrive(world)
    expect(await during(world, roomOf(alice).jumpTo(own.key))).toEqual({ found: true, key: own.key })
    expect(texts(alice.client)[0]).toBe('mine')
  })

  it('that is in the list already leaves the list as it is', async () => {
    world = newWorld()
    await fill(world, 300)
    const alice = await arrive(world)
    const { items } = list(alice)
    expect(await during(world, roomOf(alice).jumpTo(id(50)))).toEqual({ found: true, key: id(50) })
    expect(list(alice).items).toBe(items)
  })

  it('that waits to be sent goes to the newest end', async () => {
    world = newWorld()
    await fill(world, 900)
    const alice = await arrive(world)
    await during(world, roomOf(alice).jumpTo(id(100)))
    alice.client.disconnect()
    const { key } = roomOf(alice).send('waits')
    expect(await during(world, roomOf(alice).jumpTo(id(750)))).toMatchObject({ found: true })
    expect(await during(world, roomOf(alice).jumpTo(key))).toEqual({ found: true, key })
    expect(texts(alice.client).at(-1)).toBe('waits')
  })

  it('that nobody wrote is not found; what is no name is not asked for', async () => {
    world = newWorld()
    await fill(world, 900)
    const alice = await arrive(world)
    const { items } = list(alice)
    for (const name of ['nothing', '', 'x'.repeat(200), '\u0000', '__proto__'])
      expect(await during(world, roomOf(alice).jumpTo(name))).toEqual({ found: false, reason: 'not_found' })
    expect(list(alice).items).toBe(items)
    expect(alice.errors).toEqual([])
  })

  it('that the device does not hold, without a network, changes nothing and loses nothing', async () => {
    world = newWorld({ latencyMs: 10 })
    await fill(world, 2_000)
    const alice = await arrive(world)
    world.killServer()
    await world.timeline.advance(1_000)
    const { items } = list(alice)
    expect(await during(world, roomOf(alice).jumpTo(id(5)))).toEqual({ found: false, reason: 'offline' })
    expect(list(alice).items).toBe(items)
    world.startServer()
    await world.timeline.advance(60_000)
    expect(await during(world, roomOf(alice).jumpTo(id(5)))).toEqual({ found: true, key: id(5) })
  })

  it('waits for a room that is being read, and gives up where no answer comes', async () => {
    world = newWorld({ latencyMs: 10 })
    await fill(world, 2_000)
    const alice = await arrive(world)
    alice.link.blackHole('up')
    const jump = roomOf(alice).jumpTo(id(5))
    await world.timeline.advance(61_000)
    expect(await jump).toEqual({ found: false, reason: 'offline' })
  })

  it('gives way to the one after it', async () => {
    world = newWorld({ latencyMs: 50 })
    await fill(world, 2_000)
    const alice = await arrive(world)
    const [first, second] = [roomOf(alice).jumpTo(id(300)), roomOf(alice).jumpTo(id(1_000))]
    await world.timeline.advance(1_000)
    expect(await first).toEqual({ found: false, reason: 'superseded' })
    expect(await second).toEqual({ found: true, key: id(1_000) })
    expect(texts(alice.client)).toEqual(numbers(951, 1_050))
  })

  it('shows one that came late where it was written', async () => {
    world = newWorld({ latencyMs: 10 })
    const began = world.timeline.now()
    await fillSlowly(world, 700)
    const alice = await arrive(world)
    const stamp = formatStamp(began + 200_500, 0, 'late-clock-')
    await world.log.append([
      { room: 'general', author: 'bob', id: 'late', kind: 'create', stamp, body: '"late"' },
    ])
    await world.timeline.advance(1_000)
    expect(list(alice).late).toBe(1)
    const late = messageIdOf('general', 'bob', 'late')
    expect(await during(world, roomOf(alice).jumpTo(late))).toEqual({ found: true, key: late })
    const all = texts(alice.client)
    expect(all.slice(all.indexOf('late') - 1).slice(0, 3)).toEqual([201, 'late', 202])
    expect(list(alice)).toMatchObject({ hasNewer: true, late: 0 })
  })
})
