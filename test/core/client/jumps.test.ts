import { messageIdOf } from 'tidings-server'
import { afterEach, describe, expect, it } from 'vitest'
import type { Gap } from '../../../src/core/message.js'
import { formatStamp } from '../../../src/protocol/index.js'
import { arrive, during, fill, fillSlowly, isContinuous, keyOf, list, roomOf, shape } from './past.js'
import { numbers } from './steps.js'
import { createWorld, messages, type Tab, texts, type World } from './world.js'

let world: World
afterEach(() => world.end())

const id = (n: number) => messageIdOf('general', 'bob', `b${n}`)
const gapOf = (tab: Tab): Gap => {
  const gap = list(tab).items.find((item) => item.type === 'gap')
  if (gap?.type !== 'gap') throw new Error('There has to be a gap.')
  return gap
}
const write = (n: number | string) =>
  world.log.append([
    {
      ...{ room: 'general', author: 'bob', id: `w${n}`, kind: 'create' as const, body: JSON.stringify(n) },
      stamp: formatStamp(world.timeline.now(), 0, 'bobs-clock-'),
    },
  ])

describe('a jump to a message', () => {
  it('asks the server for what lies around it, and records a gap on both sides', async () => {
    world = createWorld({ latencyMs: 10 })
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
    world = createWorld({ latencyMs: 10 })
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
    world = createWorld({ latencyMs: 10 })
    const elsewhere = await arrive(world)
    const own = roomOf(elsewhere).send('mine')
    await world.timeline.advance(1_000)
    await fill(world, 1_500)
    const alice = await arrive(world)
    expect(await during(world, roomOf(alice).jumpTo(own.key))).toEqual({ found: true, key: own.key })
    expect(texts(alice.client)[0]).toBe('mine')
  })

  it('that is in the list already leaves the list as it is', async () => {
    world = createWorld()
    await fill(world, 300)
    const alice = await arrive(world)
    const { items } = list(alice)
    expect(await during(world, roomOf(alice).jumpTo(id(50)))).toEqual({ found: true, key: id(50) })
    expect(list(alice).items).toBe(items)
  })

  it('that waits to be sent goes to the newest end', async () => {
    world = createWorld()
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
    world = createWorld()
    await fill(world, 900)
    const alice = await arrive(world)
    const { items } = list(alice)
    for (const name of ['nothing', '', 'x'.repeat(200), '\u0000', '__proto__'])
      expect(await during(world, roomOf(alice).jumpTo(name))).toEqual({ found: false, reason: 'not_found' })
    expect(list(alice).items).toBe(items)
    expect(alice.errors).toEqual([])
  })

  it('that the device does not hold, without a network, changes nothing and loses nothing', async () => {
    world = createWorld({ latencyMs: 10 })
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
    world = createWorld({ latencyMs: 10 })
    await fill(world, 2_000)
    const alice = await arrive(world)
    alice.link.blackHole('up')
    const jump = roomOf(alice).jumpTo(id(5))
    await world.timeline.advance(61_000)
    expect(await jump).toEqual({ found: false, reason: 'offline' })
  })

  it('gives way to the one after it', async () => {
    world = createWorld({ latencyMs: 50 })
    await fill(world, 2_000)
    const alice = await arrive(world)
    const [first, second] = [roomOf(alice).jumpTo(id(300)), roomOf(alice).jumpTo(id(1_000))]
    await world.timeline.advance(1_000)
    expect(await first).toEqual({ found: false, reason: 'superseded' })
    expect(await second).toEqual({ found: true, key: id(1_000) })
    expect(texts(alice.client)).toEqual(numbers(951, 1_050))
  })

  it('shows one that came late where it was written', async () => {
    world = createWorld({ latencyMs: 10 })
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

describe('a jump to a moment', () => {
  it('comes to the first message that the server took then or later, from the server or the device', async () => {
    world = createWorld({ latencyMs: 10 })
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
    world = createWorld({ latencyMs: 10 })
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
    world = createWorld()
    const alice = await arrive(world)
    expect(await during(world, roomOf(alice).jumpTo('newest'))).toEqual({ found: true, key: null })
    expect(await during(world, roomOf(alice).jumpTo(5))).toMatchObject({ found: false })
  })
})

describe('while the list stands in the past', () => {
  const inThePast = async (): Promise<Tab> => {
    world = createWorld({ latencyMs: 10 })
    await fill(world, 2_000)
    const alice = await arrive(world)
    await during(world, roomOf(alice).jumpTo(id(700)))
    return alice
  }

  it('what is written meanwhile is stored and not shown, and the list does not change', async () => {
    const alice = await inThePast()
    let told = 0
    const { items, unread } = list(alice)
    roomOf(alice).timeline.subscribe(() => {
      if (list(alice).items !== items) told++
    })
    const arrived: unknown[] = []
    roomOf(alice).arrivals((message) => arrived.push(message.body))
    for (const n of [1, 2, 3]) {
      await write(`new ${n}`)
      await world.timeline.advance(1)
    }
    await world.timeline.advance(1_000)
    expect(told).toBe(0)
    expect(list(alice)).toMatchObject({ items, hasNewer: true, unread: (unread ?? 0) + 3 })
    expect(arrived).toEqual(['new 1', 'new 2', 'new 3'])
    expect(alice.client.rooms.get()[0]?.last?.body).toBe('new 3')
    void roomOf(alice).jumpTo('newest')
    // In this tick: the newest end is always in memory.
    expect(texts(alice.client).slice(-4)).toEqual([2_000, 'new 1', 'new 2', 'new 3'])
    expect(list(alice).hasNewer).toBe(false)
  })

  it('an own message brings it to the newest end in the tick in which it is sent', async () => {
    const alice = await inThePast()
    roomOf(alice).send('here I am')
    expect(texts(alice.client).slice(-2)).toEqual([2_000, 'here I am'])
    expect(list(alice).hasNewer).toBe(false)
  })

  it('steps to newer messages come to the newest end, and the list is continuous all the way', async () => {
    const alice = await inThePast()
    await write('meanwhile')
    for (let i = 0; list(alice).hasNewer && i < 30; i++) {
      expect(await during(world, roomOf(alice).loadNewer())).toBe(true)
      expect(isContinuous(alice)).toBe(true)
      expect(list(alice).items.length).toBeLessThanOrEqual(1_000)
    }
    expect(texts(alice.client).slice(-2)).toEqual([2_000, 'meanwhile'])
    expect(await during(world, roomOf(alice).loadNewer())).toBe(false)
    await write('and now')
    await world.timeline.advance(100)
    expect(texts(alice.client).at(-1)).toBe('and now')
  })

  it('without a network it steps over what is missing, shows the gap, and fills it from either end', async () => {
    const alice = await inThePast()
    world.killServer()
    await world.timeline.advance(1_000)
    expect(await during(world, roomOf(alice).loadNewer())).toBe(true)
    expect(shape(alice)).toEqual([...numbers(651, 750), 'gap', ...numbers(1_801, 2_000)])
    expect(list(alice)).toMatchObject({ hasNewer: false, hasOlder: true })
    expect(gapOf(alice)).toMatchObject({ after: 750, before: 1_801 })
    expect(await during(world, roomOf(alice).fillGap(gapOf(alice)))).toBe(false)
    world.startServer()
    await world.timeline.advance(60_000)
    expect(await during(world, roomOf(alice).fillGap(gapOf(alice), { from: 'older' }))).toBe(true)
    expect(gapOf(alice)).toMatchObject({ after: 850, before: 1_801 })
    expect(await during(world, roomOf(alice).fillGap(gapOf(alice)))).toBe(true)
    expect(gapOf(alice)).toMatchObject({ after: 850, before: 1_701 })
    expect(isContinuous(alice)).toBe(true)
  })

  it('fills a gap within itself, from either end', async () => {
    world = createWorld({ latencyMs: 10 })
    await fill(world, 3_000)
    const alice = await arrive(world)
    await during(world, roomOf(alice).jumpTo(id(500)))
    await during(world, roomOf(alice).jumpTo(id(1_500)))
    world.killServer()
    await world.timeline.advance(1_000)
    expect(await during(world, roomOf(alice).loadOlder(), 11_000)).toBe(true)
    expect(shape(alice)).toEqual([...numbers(451, 550), 'gap', ...numbers(1_451, 1_550)])
    world.startServer()
    await world.timeline.advance(60_000)
    await during(world, roomOf(alice).fillGap(gapOf(alice), { from: 'older' }))
    await during(world, roomOf(alice).fillGap(gapOf(alice)))
    expect(shape(alice)).toEqual([...numbers(451, 650), 'gap', ...numbers(1_351, 1_550)])
    expect(list(alice).hasNewer).toBe(true)
    while (list(alice).items.some((item) => item.type === 'gap'))
      await during(world, roomOf(alice).fillGap(gapOf(alice), { from: 'older' }))
    expect(shape(alice).slice(0, 1_000)).toEqual(numbers(451, 1_450))
  })

  it('shows what is done to its messages, and finds what was done to others when it comes to them', async () => {
    const alice = await inThePast()
    const bob = await arrive(world, world.profile('bob'))
    await during(world, roomOf(bob).jumpTo(id(700)))
    roomOf(bob).edit(keyOf(bob, 700), 'in sight')
    roomOf(bob).remove(keyOf(bob, 701))
    await during(world, roomOf(bob).jumpTo(id(900)))
    roomOf(bob).edit(keyOf(bob, 900), 'out of sight')
    roomOf(bob).remove(keyOf(bob, 901))
    await world.timeline.advance(1_000)
    expect(texts(alice.client)).toEqual([...numbers(651, 699), 'in sight', null, ...numbers(702, 750)])
    await during(world, roomOf(alice).loadNewer())
    await during(world, roomOf(alice).loadNewer())
    expect(texts(alice.client).slice(249, 252)).toEqual(['out of sight', null, 902])
  })

  it('lets the reader edit and answer what is in it', async () => {
    world = createWorld({ latencyMs: 10 })
    const alice = await arrive(world)
    const own = roomOf(alice).send('mine')
    await world.timeline.advance(1_000)
    await fill(world, 1_500)
    await world.timeline.advance(5_000)
    alice.client.disconnect()
    await during(world, roomOf(alice).jumpTo(own.key))
    expect(list(alice).hasNewer).toBe(true)
    roomOf(alice).edit(own.key, 'mine, edited')
    expect(texts(alice.client)[0]).toBe('mine, edited')
    expect(list(alice).hasNewer).toBe(true)
    alice.client.connect()
    await world.timeline.advance(3_000)
    expect(messages(alice.client)[0]).toMatchObject({
      body: 'mine, edited',
      status: 'confirmed',
      edited: true,
    })
    roomOf(alice).send('answer', { replyTo: own.key })
    await world.timeline.advance(1_000)
    expect(messages(alice.client).at(-1)).toMatchObject({
      body: 'answer',
      replyTo: messageIdOf('general', 'alice', own.key),
    })
  })

  it('follows a room that it is far behind, and keeps its place', async () => {
    const alice = await inThePast()
    alice.client.disconnect()
    await fill(world, 900, 2_001)
    await world.timeline.advance(1_000)
    alice.client.connect()
    await world.timeline.advance(3_000)
    expect(texts(alice.client)).toEqual(numbers(651, 750))
    await during(world, roomOf(alice).jumpTo('newest'))
    expect(texts(alice.client).at(-1)).toBe(2_900)
    expect(isContinuous(alice)).toBe(true)
  })

  it('begins at the newest end again after a reload, and finds the place on the device', async () => {
    world = createWorld({ latencyMs: 10 })
    await fill(world, 2_000)
    const profile = world.profile('alice')
    const first = await arrive(world, profile)
    await during(world, roomOf(first).jumpTo(id(700)))
    first.crash()
    world.killServer()
    const second = await arrive(world, profile)
    expect(texts(second.client).at(-1)).toBe(2_000)
    expect(list(second).hasNewer).toBe(false)
    expect(await during(world, roomOf(second).jumpTo(id(700)))).toEqual({ found: true, key: id(700) })
    expect(texts(second.client)).toEqual(numbers(651, 750))
  })

  it('lets go of the past when nobody looks at the room any more', async () => {
    world = createWorld({ latencyMs: 10 })
    await fill(world, 2_000)
    const { client } = world.tab(world.profile('alice'))
    const close = client.room('general').open()
    client.connect()
    await world.timeline.advance(2_000)
    await during(world, client.room('general').jumpTo(id(700)))
    close()
    await world.timeline.advance(2_000)
    expect(client.room('general').timeline.get().hasNewer).toBe(false)
    expect(texts(client).at(-1)).toBe(2_000)
  })
})

describe('two tabs of one profile', () => {
  it('stand where each of them stands, and share what was loaded', async () => {
    world = createWorld({ latencyMs: 10 })
    await fill(world, 2_000)
    const profile = world.profile('alice')
    const [one, two] = [await arrive(world, profile), await arrive(world, profile)]
    await during(world, roomOf(one).jumpTo(id(700)))
    await during(world, roomOf(two).jumpTo(id(900)))
    expect(texts(one.client)).toEqual(numbers(651, 750))
    expect(texts(two.client)).toEqual(numbers(851, 950))
    for (let i = 0; i < 2; i++) await during(world, roomOf(one).loadNewer())
    expect(texts(one.client)).toEqual(numbers(651, 950))
    world.killServer()
    await world.timeline.advance(1_000)
    expect(await during(world, roomOf(one).jumpTo(id(900)))).toMatchObject({ found: true })
    expect(await during(world, roomOf(two).loadOlder())).toBe(true)
    expect(texts(two.client)).toEqual(numbers(751, 950))
    expect(isContinuous(two)).toBe(true)
  })
})
