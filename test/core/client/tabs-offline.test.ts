import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { fill } from './past.js'
import { numbers, start } from './steps.js'
import { messages, newWorld, type Tab, texts, type World } from './world.js'

let world: World

/** Two tabs of alice, one of which has lost its network, and bob. */
async function meet(): Promise<{ online: Tab; offline: Tab; bob: Tab }> {
  world = newWorld({ latencyMs: 10, limits: { rate: null } })
  const profile = world.profile('alice')
  const [online, offline, bob] = [world.tab(profile), world.tab(profile), world.tab(world.profile('bob'))]
  for (const tab of [online, offline, bob]) start(tab)
  await world.timeline.advance(500)
  bob.client.room('general').send('before')
  await world.timeline.advance(500)
  offline.link.refuse(true)
  offline.link.drop()
  await world.timeline.advance(500)
  return { online, offline, bob }
}

describe('a tab without a network', () => {
  it('shows what a tab of the same profile receives, in order, once, and the same objects as before', async () => {
    const { offline, bob } = await meet()
    const [before] = messages(offline.client)
    const arrived: unknown[] = []
    offline.client.room('general').arrivals(({ body }) => arrived.push(body))
    for (const i of numbers(1, 5)) {
      bob.client.room('general').send(i)
      await world.timeline.advance(100)
      expect(texts(offline.client)).toEqual(['before', ...numbers(1, i)])
    }
    expect(messages(offline.client)[0]).toBe(before)
    expect(arrived).toEqual(numbers(1, 5))
    expect(offline.client.rooms.get()[0]?.last?.body).toBe(5)
    expect(offline.client.connection.get().state).not.toBe('connected')
  })

  it('shows changes of what it holds', async () => {
    const { offline, bob } = await meet()
    const [message] = messages(bob.client)
    bob.client.room('general').edit(message?.key ?? '', 'said otherwise')
    await world.timeline.advance(100)
    expect(texts(offline.client)).toEqual(['said otherwise'])
    expect(messages(offline.client)[0]).toMatchObject({ edited: true, version: 2 })
  })

  it('shows what its own tabs write, and goes on from there when its network is back: nothing twice, nothing left out', async () => {
    const { online, offline, bob } = await meet()
    online.client.room('general').send('from the other tab')
    for (const i of numbers(1, 60)) bob.client.room('general').send(i)
    offline.client.room('general').send('from here')
    await world.timeline.advance(5_000)
    const all = texts(bob.client)
    expect(texts(offline.client)).toEqual(all)
    offline.link.refuse(false)
    await world.timeline.advance(2 * LIMITS.backoffCapMs)
    bob.client.room('general').send('after')
    await world.timeline.advance(500)
    for (const { client } of [online, offline, bob]) expect(texts(client)).toEqual([...all, 'after'])
    for (const { client } of [online, offline]) expect(client.outbox.get().pending).toBe(0)
    expect([...online.errors, ...offline.errors]).toEqual([])
  })

  it('keeps what its reader has read back to, and shows what comes below it', async () => {
    world = newWorld({ latencyMs: 10, limits: { rate: null } })
    const profile = world.profile('alice')
    const [online, bob] = [world.tab(profile), world.tab(world.profile('bob'))]
    for (const tab of [online, bob]) start(tab)
    await world.timeline.advance(500)
    await fill(world, 400)
    const offline = world.tab(profile)
    offline.link.refuse(true)
    start(offline)
    await world.timeline.advance(500)
    const room = offline.client.room('general')
    const older = room.loadOlder()
    await world.timeline.advance(500)
    expect(await older).toBe(true)
    const first = texts(offline.client)[0]
    bob.client.room('general').send(401)
    await world.timeline.advance(500)
    expect(texts(offline.client)[0]).toBe(first)
    expect(texts(offline.client).at(-1)).toBe(401)
  })

  it('shows a gap where the other tab left one', async () => {
    const { online, offline } = await meet()
    online.link.refuse(true)
    online.link.drop()
    await fill(world, 900)
    online.link.refuse(false)
    await world.timeline.advance(2 * LIMITS.backoffCapMs)
    const { items } = online.client.room('general').timeline.get()
    const shown = offline.client.room('general').timeline.get().items
    expect(texts(offline.client).at(-1)).toBe(900)
    const gaps = (list: typeof items) => list.filter(({ type }) => type === 'gap').length
    expect(gaps(shown)).toBe(gaps(items))
    const said = texts(offline.client)
    if (gaps(shown) === 0) expect(said).toEqual(['before', ...numbers(1, 900)].slice(-said.length))
  })
})
