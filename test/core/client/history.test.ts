import { describe, expect, it } from 'vitest'
import { formatStamp } from '../../../src/protocol/index.js'
import { numbers, start } from './steps.js'
import { messages, newWorld, texts, type World } from './world.js'

let world: World

/** Fills the room's log with messages of bob's, one a second, the newest one now. */
async function fill(count: number, room = 'general'): Promise<void> {
  const now = world.timeline.now()
  for (let i = 1; i <= count; i++) {
    const stamp = formatStamp(now - (count - i) * 1_000, 0, 'bobs-clock-')
    await world.log.append([
      { room, author: 'bob', id: `${room}-${i}`, kind: 'create', stamp, body: String(i) },
    ])
  }
}

/** Runs virtual time until a promise has settled. */
async function during<T>(promise: Promise<T>, ms = 1_000): Promise<T> {
  await world.timeline.advance(ms)
  return promise
}

describe('a room with a history', () => {
  it('is read whole when it is short, in pages (conversation 1)', async () => {
    world = newWorld({ latencyMs: 10 })
    await fill(450)
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(2_000)
    expect(texts(alice.client)).toEqual(numbers(1, 450))
    expect(alice.client.room('general').timeline.get()).toMatchObject({ status: 'live', hasOlder: false })
    expect(alice.client.sync.get()).toEqual({ phase: 'live', applied: 450, remaining: 0 })
  })

  it('is opened at its newest page when it is long, and read backwards on request', async () => {
    world = newWorld({ latencyMs: 10 })
    await fill(1_000)
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(2_000)
    const room = alice.client.room('general')
    expect(texts(alice.client)).toEqual(numbers(801, 1_000))
    expect(room.timeline.get()).toMatchObject({ status: 'live', hasOlder: true })
    expect(await during(room.loadOlder())).toBe(true)
    expect(texts(alice.client)).toEqual(numbers(701, 1_000))
    for (let i = 0; i < 7; i++) expect(await during(room.loadOlder())).toBe(true)
    expect(texts(alice.client)).toEqual(numbers(1, 1_000))
    expect(room.timeline.get().hasOlder).toBe(false)
    expect(await during(room.loadOlder())).toBe(false)
  })

  it('shows a gap where it jumped, and fills it from its newer end (no silent gap)', async () => {
    world = newWorld({ latencyMs: 10 })
    await fill(100)
    const profile = world.profile('alice')
    const alice = start(world.tab(profile))
    await world.timeline.advance(1_000)
    expect(texts(alice.client)).toEqual(numbers(1, 100))
    alice.client.disconnect()
    for (const i of numbers(101, 900)) {
      const stamp = formatStamp(world.timeline.now() + i, 0, 'bobs-clock-')
      await world.log.append([
        { room: 'general', author: 'bob', id: `later-${i}`, kind: 'create', stamp, body: String(i) },
      ])
    }
    await world.timeline.advance(10_000)
    alice.client.connect()
    await world.timeline.advance(2_000)
    const room = alice.client.room('general')
    const shape = () =>
      room.timeline.get().items.map((item) => (item.type === 'message' ? item.body : item.type))
    expect(shape()).toEqual([...numbers(1, 100), 'gap', ...numbers(701, 900)])
    const gap = room.timeline.get().items.find((item) => item.type === 'gap')
    if (gap?.type !== 'gap') throw new Error('There has to be a gap.')
    expect([gap.after, gap.before]).toEqual([100, 701])
    expect(await during(room.fillGap(gap))).toBe(true)
    expect(shape()).toEqual([...numbers(1, 100), 'gap', ...numbers(601, 900)])
    for (let i = 0; i < 5; i++) {
      const next = room.timeline.get().items.find((item) => item.type === 'gap')
      if (next?.type === 'gap') await during(room.fillGap(next))
    }
    expect(shape()).toEqual(numbers(1, 900))
  })

  it('keeps the gap over a reload without a network', async () => {
    world = newWorld()
    await fill(700)
    const profile = world.profile('alice')
    const first = start(world.tab(profile))
    await world.timeline.advance(1_000)
    first.crash()
    world.killServer()
    const second = start(world.tab(profile))
    await world.timeline.advance(1_000)
    expect(texts(second.client)).toEqual(numbers(601, 700))
    expect(await during(second.client.room('general').loadOlder())).toBe(true)
    expect(texts(second.client)).toEqual(numbers(501, 700))
    expect(second.client.room('general').timeline.get().hasOlder).toBe(true)
    expect(await during(second.client.room('general').loadOlder(), 11_000)).toBe(false)
  })

  it('is told whole and in order to who asks for arrivals, however far behind', async () => {
    world = newWorld({ latencyMs: 10 })
    const profile = world.profile('alice')
    const alice = start(world.tab(profile))
    const arrived: unknown[] = []
    alice.client.room('general').arrivals((message) => arrived.push(message.body))
    await world.timeline.advance(500)
    alice.client.disconnect()
    await fill(1_200)
    alice.client.connect()
    await world.timeline.advance(5_000)
    expect(arrived).toEqual(numbers(1, 1_200))
  })

  it('S76: learns in a later page that a message was edited and another deleted while it was away', async () => {
    world = newWorld()
    const alice = start(world.tab(world.profile('alice')))
    const bob = start(world.tab(world.profile('bob')))
    await world.timeline.advance(100)
    const [one, two] = ['one', 'two'].map((text) => bob.client.room('general').send(text))
    await world.timeline.advance(500)
    alice.client.disconnect()
    bob.client.room('general').edit(one?.key ?? '', 'one, edited')
    bob.client.room('general').remove(two?.key ?? '')
    await world.timeline.advance(1_000)
    expect(texts(alice.client)).toEqual(['one', 'two'])
    alice.client.connect()
    await world.timeline.advance(1_000)
    expect(messages(alice.client).map(({ body, edited, deleted }) => ({ body, edited, deleted }))).toEqual([
      { body: 'one, edited', edited: true, deleted: false },
      { body: null, edited: false, deleted: true },
    ])
  })
})

describe('a message that arrives late', () => {
  it('takes the place where it was written and is marked, on every replica alike', async () => {
    world = newWorld()
    const alice = start(world.tab(world.profile('alice')))
    const bob = start(world.tab(world.profile('bob')))
    const carol = start(world.tab(world.profile('carol')))
    await world.timeline.advance(100)
    alice.client.room('general').send('before')
    await world.timeline.advance(1_000)
    bob.client.disconnect()
    bob.client.room('general').send('written offline')
    await world.timeline.advance(60_000)
    alice.client.room('general').send('after')
    await world.timeline.advance(1_000)
    bob.client.connect()
    await world.timeline.advance(5_000)
    for (const { client } of [alice, bob, carol])
      expect(texts(client)).toEqual(['before', 'written offline', 'after'])
    expect(messages(carol.client).map((message) => message.late)).toEqual([false, true, false])
    expect(messages(bob.client).map((message) => message.late)).toEqual([false, false, false])
  })

  it('is held back and counted while its place is not loaded, and shown once it is', async () => {
    world = newWorld()
    await fill(1_000)
    const profile = world.profile('alice')
    const alice = start(world.tab(profile))
    await world.timeline.advance(1_000)
    const stamp = formatStamp(world.timeline.now() - 500_000, 0, 'late-clock-')
    await world.log.append([
      { room: 'general', author: 'bob', id: 'late', kind: 'create', stamp, body: '"late"' },
    ])
    await world.timeline.advance(1_000)
    const room = alice.client.room('general')
    expect(room.timeline.get().late).toBe(1)
    expect(texts(alice.client)).not.toContain('late')
    for (let i = 0; i < 4; i++) await during(room.loadOlder())
    expect(room.timeline.get().late).toBe(0)
    const all = texts(alice.client)
    expect(all[all.indexOf('late') - 1]).toBe(501)
  })
})

describe('a message that answers one of an older block of records', () => {
  it('is stored in its own block, and so are those beside it', async () => {
    world = newWorld({ latencyMs: 10 })
    await fill(140)
    const profile = world.profile('alice')
    const first = start(world.tab(profile))
    await world.timeline.advance(1_000)
    const parent = messages(first.client)[0]
    first.client.room('general').send('answer', parent ? { replyTo: parent.key } : {})
    await world.timeline.advance(1_000)
    first.crash()
    world.killServer()
    const second = start(world.tab(profile))
    await world.timeline.advance(1_000)
    expect(await during(second.client.room('general').loadOlder())).toBe(true)
    expect(texts(second.client)).toEqual([...numbers(1, 140), 'answer'])
  })
})

describe('a room that runs on', () => {
  it('keeps a bounded part of it in memory, and brings the rest back from disk', async () => {
    world = newWorld()
    const alice = start(world.tab(world.profile('alice')))
    alice.client.room('general').arrivals(() => undefined)
    await world.timeline.advance(100)
    await fill(5_200)
    await world.timeline.advance(5_000)
    const before = texts(alice.client)
    expect(before.length).toBeLessThanOrEqual(5_000)
    expect(before.at(-1)).toBe(5_200)
    const room = alice.client.room('general')
    expect(room.timeline.get().hasOlder).toBe(true)
    expect(await during(room.loadOlder())).toBe(true)
    const first = Number(before[0])
    expect(texts(alice.client)[0]).toBe(first - 100)
  })
})
