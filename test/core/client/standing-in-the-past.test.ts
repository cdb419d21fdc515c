import { messageIdOf } from 'tidings-server'
import { describe, expect, it } from 'vitest'
import type { Gap } from '../../../src/core/message.js'
import { formatStamp } from '../../../src/protocol/index.js'
import { arrive, during, fill, id, isContinuous, keyOf, list, roomOf, shape } from './past.js'
import { numbers } from './steps.js'
import { messages, newWorld, type Tab, texts, type World } from './world.js'

let world: World
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

describe('while the list stands in the past', () => {
  const inThePast = async (): Promise<Tab> => {
    world = newWorld({ latencyMs: 10 })
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
    world = newWorld({ latencyMs: 10 })
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
    world = newWorld({ latencyMs: 10 })
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
    world = newWorld({ latencyMs: 10 })
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
    world = newWorld({ latencyMs: 10 })
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
    world = newWorld({ latencyMs: 10 })
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
