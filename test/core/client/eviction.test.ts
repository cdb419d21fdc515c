import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { formatStamp } from '../../../src/protocol/index.js'
import { numbers } from './steps.js'
import { newWorld, type Profile, type Tab, texts, type World } from './world.js'

let world: World

const LONG = 'x'.repeat(20_000)

async function write(room: string, from: number, to: number, text = ''): Promise<void> {
  const now = world.timeline.now()
  for (const i of numbers(from, to)) {
    const stamp = formatStamp(now + i - to, 0, 'bobs-clock-')
    const body = JSON.stringify(`${i}${text}`)
    await world.log.append([{ room, author: 'bob', id: `${room}-${i}`, kind: 'create', stamp, body }])
  }
}

/** Reads a room to its newest end, and leaves it. */
async function visit(tab: Tab, room: string): Promise<void> {
  const leave = tab.client.room(room).open()
  await world.timeline.advance(1_000)
  leave()
  await world.timeline.advance(LIMITS.lingerMs + 1_000)
}

const cacheOf = ({ disk }: Profile) => {
  const name = disk.names().find((each) => each.includes('cache')) ?? ''
  return disk.entries(name)
}
/** Rooms of which messages are on the disk. */
const stored = (profile: Profile) => [
  ...new Set(cacheOf(profile).flatMap(([key]) => (key.startsWith('b/') ? key.split('/')[1] : []))),
]
const sizeOf = (profile: Profile): number =>
  cacheOf(profile).reduce(
    (sum, [key, value]) => sum + (key.startsWith('b/') ? JSON.stringify(value).length : 0),
    0,
  )

async function three() {
  world = newWorld({ latencyMs: 5 })
  for (const room of ['first', 'second', 'third']) await write(room, 1, 20, LONG)
  const profile = world.profile('alice')
  const alice = world.tab(profile)
  const evicted: string[] = []
  alice.client.on('evicted', ({ room }) => evicted.push(room))
  alice.client.connect()
  for (const room of ['second', 'first', 'third']) await visit(alice, room)
  return { profile, alice, evicted }
}

describe('a full disk', () => {
  it('keeps what is written: rooms that were not used for longest make room for it, and come back', async () => {
    const { profile, alice, evicted } = await three()
    expect(stored(profile)).toEqual(['first', 'second', 'third'])
    const outbox = profile.disk.names().find((name) => name.includes('outbox')) ?? ''
    alice.client.disconnect()
    // Browsers count a page's databases together: here the outbox is refused until the cache has given something.
    const full = sizeOf(profile)
    profile.disk.quota(0)
    const sent = alice.client.room('third').send('kept')
    let queued = false
    void sent.queued().then(() => {
      queued = true
    })
    for (let i = 0; i < 40 && sizeOf(profile) === full; i++) await world.timeline.advance(100)
    profile.disk.quota(null)
    await world.timeline.advance(5_000)
    expect(queued).toBe(true)
    expect(profile.disk.entries(outbox).some(([key]) => key.startsWith('e/'))).toBe(true)
    expect(evicted[0]).toBe('second')
    alice.client.connect()
    alice.client.room('second').open()
    await world.timeline.advance(2_000)
    expect(texts(alice.client, 'second')).toHaveLength(20)
  })

  it('takes what is read now instead of what was read before', async () => {
    const { profile, alice, evicted } = await three()
    await write('fourth', 1, 20, LONG)
    profile.disk.quota(sizeOf(profile) + 100_000)
    await visit(alice, 'fourth')
    expect(evicted).toEqual(['second'])
    expect(stored(profile)).toEqual(['first', 'fourth', 'third'])
    expect(alice.errors).toEqual([])
  })
})

describe('the cache', () => {
  const MB = 1024 ** 2

  it('I14: stays within its bound, and gives up the rooms that were not used for longest', async () => {
    const { profile, alice, evicted } = await three()
    const name = profile.disk.names().find((each) => each.includes('cache')) ?? ''
    const record = (usedAt: number) => ({ v: 1, ranges: [], peak: '', edges: [], bytes: 10 * MB, usedAt })
    // As after months: the records say how much the rooms hold.
    for (const i of [3, 1, 2, 5, 4]) profile.disk.corrupt(name, `r/old${i}`, record(i))
    await alice.client.destroy()
    const later = world.tab(profile)
    later.client.on('evicted', ({ room }) => evicted.push(room))
    later.client.connect()
    await write('third', 21, 30)
    await visit(later, 'third')
    // Down to nine tenths, so that not every message starts it again.
    expect(evicted).toEqual(['old1'])
    expect(stored(profile)).toEqual(['first', 'second', 'third'])
    await write('fourth', 1, 60, LONG)
    profile.disk.corrupt(name, 'r/old6', record(6))
    await visit(later, 'fourth')
    expect(evicted).toEqual(['old1', 'old2'])
    expect(later.errors).toEqual([])
  })

  it('I14: lets go of the older part of a room that alone is too much, which comes back when somebody looks', async () => {
    world = newWorld({ latencyMs: 5 })
    await write('general', 1, 2_500)
    const profile = world.profile('alice')
    const first = world.tab(profile)
    first.client.room('general').arrivals(() => {})
    first.client.connect()
    await world.timeline.advance(5_000)
    await first.client.destroy()
    const name = profile.disk.names().find((each) => each.includes('cache')) ?? ''
    const [, room] = cacheOf(profile).find(([key]) => key === 'r/general') ?? []
    profile.disk.corrupt(name, 'r/general', Object.assign({}, room, { bytes: 60 * MB }))
    const later = world.tab(profile)
    const evicted: string[] = []
    later.client.on('evicted', (one) => evicted.push(one.room))
    const general = later.client.room('general')
    general.open()
    later.client.connect()
    await write('general', 2_501, 2_501)
    await world.timeline.advance(2_000)
    expect(evicted).toEqual(['general'])
    const blocks = cacheOf(profile).filter(([key]) => key.startsWith('b/'))
    expect(blocks.length).toBeLessThan(2_501 / LIMITS.blockMessages)
    expect(blocks.length).toBeGreaterThanOrEqual(LIMITS.windowMost / LIMITS.blockMessages)
    expect(texts(later.client).at(-1)).toBe('2501')
    while (general.timeline.get().hasOlder) {
      const older = general.loadOlder()
      await world.timeline.advance(200)
      if (!(await older)) break
    }
    expect(texts(later.client)[0]).toBe('1')
  })
})

describe('a room that was looked at', () => {
  const usedAt = (profile: Profile, room: string): unknown => {
    const [, record] = cacheOf(profile).find(([key]) => key === `r/${room}`) ?? []
    return Object(record).usedAt
  }

  it('goes after those that nobody looked at, though nothing was written there for longer', async () => {
    const { profile, alice, evicted } = await three()
    await world.timeline.advance(LIMITS.useEveryMs)
    alice.client.disconnect()
    await visit(alice, 'second')
    alice.client.connect()
    await write('fourth', 1, 20, LONG)
    profile.disk.quota(sizeOf(profile) + 100_000)
    await visit(alice, 'fourth')
    expect(evicted).toEqual(['first'])
    expect(stored(profile)).toEqual(['fourth', 'second', 'third'])
  })

  it('costs a write a minute at most, however often somebody looks, and one when he leaves', async () => {
    const { profile, alice } = await three()
    alice.client.disconnect()
    await world.timeline.advance(2 * LIMITS.useEveryMs)
    const before = profile.disk.commits
    for (const room of ['first', 'second', 'first', 'second', 'first']) alice.client.room(room).open()()
    await world.timeline.advance(100)
    expect(profile.disk.commits - before).toBe(2)
    const leave = alice.client.room('third').open()
    await world.timeline.advance(2 * LIMITS.useEveryMs)
    expect(profile.disk.commits - before).toBe(3)
    leave()
    await world.timeline.advance(LIMITS.lingerMs + 100)
    expect(profile.disk.commits - before).toBe(4)
    expect(usedAt(profile, 'third')).toBeGreaterThan(world.timeline.now() - LIMITS.lingerMs - 1_000)
    expect(alice.errors).toEqual([])
  })
})
