import { describe, expect, it } from 'vitest'
import { createMemoryStorage } from '../../../src/adapters/memory.js'
import { createStorageLadder } from '../../../src/adapters/storage-ladder.js'
import { LIMITS } from '../../../src/core/limits.js'
import type { Storage } from '../../../src/core/seams/storage.js'
import { start, statuses } from './steps.js'
import { messages, newWorld, type Profile, type Tab, texts, type World } from './world.js'

let world: World

/** A tab as in a browser: where the disk does not open, memory stands in. Tells of every attempt to open the disk. */
function laddered(profile: Profile, attempts: number[] = []): Tab {
  return world.tab(profile, {
    seams(platform) {
      let opening = 0
      const counted: Storage = {
        ...platform.storage,
        async open(name) {
          opening += 1
          attempts.push(world.timeline.now())
          expect(opening).toBeLessThanOrEqual(2)
          try {
            return await platform.storage.open(name)
          } finally {
            opening -= 1
          }
        },
      }
      const storage = createStorageLadder(counted, createMemoryStorage(), platform.clock, () => undefined)
      return { ...platform, storage }
    },
  })
}

const kindOf = ({ client }: Tab) => {
  const { state, kind, durable, error } = client.storage.get()
  return { state, kind, durable, error: error?.code ?? null }
}
const IN_MEMORY = { state: 'degraded', kind: 'memory', durable: false, error: 'storage' }
const ON_DISK = { state: 'ready', kind: 'memory-disk', durable: true, error: null }
const ENOUGH_MS = 2 * LIMITS.backoffCapMs

describe.each([
  [
    'refused',
    (p: Profile) => p.disk.refuseOpen('unavailable', 5),
    (p: Profile) => p.disk.refuseOpen('unavailable', 0),
  ],
  ['that hung', (p: Profile) => p.disk.openHangs(true), (p: Profile) => p.disk.openHangs(false)],
])('a storage %s, and works again', (_how, break_, heal) => {
  it('is taken again without a reload: what waits is carried over, and sent once', async () => {
    world = newWorld({ latencyMs: 10 })
    const profile = world.profile('alice')
    break_(profile)
    const alice = laddered(profile)
    alice.link.refuse(true)
    start(alice)
    await world.timeline.advance(LIMITS.openTimeoutMs)
    for (const text of ['one', 'two']) alice.client.room('general').send(text)
    await world.timeline.advance(10)
    expect(kindOf(alice)).toEqual(IN_MEMORY)
    const keys = messages(alice.client).map(({ key }) => key)
    heal(profile)
    await world.timeline.advance(ENOUGH_MS)
    expect(kindOf(alice)).toEqual(ON_DISK)
    expect(texts(alice.client)).toEqual(['one', 'two'])
    alice.crash()

    const again = start(laddered(profile))
    await world.timeline.advance(1_000)
    expect(messages(again.client).map(({ key }) => key)).toEqual(keys)
    expect(statuses(again)).toEqual(['confirmed', 'confirmed'])
    const bob = start(world.tab(world.profile('bob')))
    await world.timeline.advance(1_000)
    expect(texts(bob.client)).toEqual(['one', 'two'])
  })

  it('goes on where it was: what was read and written meanwhile is shown, and kept from then on', async () => {
    world = newWorld({ latencyMs: 10 })
    const profile = world.profile('alice')
    const bob = start(world.tab(world.profile('bob')))
    break_(profile)
    const alice = start(laddered(profile))
    await world.timeline.advance(LIMITS.openTimeoutMs + 100)
    alice.client.room('general').send('in memory')
    bob.client.room('general').send('from bob')
    await world.timeline.advance(1_000)
    expect(kindOf(alice)).toEqual(IN_MEMORY)
    heal(profile)
    await world.timeline.advance(ENOUGH_MS)
    expect(kindOf(alice)).toEqual(ON_DISK)
    bob.client.room('general').send('later')
    await world.timeline.advance(1_000)
    const all = texts(bob.client)
    expect(all).toHaveLength(3)
    expect(texts(alice.client)).toEqual(all)
    alice.crash()
    const again = laddered(profile)
    again.link.refuse(true)
    start(again)
    await world.timeline.advance(1_000)
    expect(texts(again.client)).toEqual(all)
  })
})

describe('a storage that works again', () => {
  it('is looked for at ever longer intervals, one attempt at a time, and not once nobody needs it', async () => {
    world = newWorld()
    const profile = world.profile('alice')
    profile.disk.refuseOpen('unavailable', 1_000)
    const attempts: number[] = []
    const alice = start(laddered(profile, attempts))
    await world.timeline.advance(10 * 60_000)
    const waits = attempts.map((at, i) => at - (attempts[i - 1] ?? at)).filter((ms) => ms > 0)
    expect(waits.slice(0, 6)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, LIMITS.backoffCapMs])
    expect(attempts.length).toBeLessThan(30)
    await alice.close()
    const before = attempts.length
    await world.timeline.advance(10 * 60_000)
    expect(attempts).toHaveLength(before)
    expect(alice.left()).toEqual([])
  })

  it('has what an earlier life left there: both are sent, each once', async () => {
    world = newWorld({ latencyMs: 10 })
    const profile = world.profile('alice')
    const first = world.tab(profile)
    first.link.refuse(true)
    start(first)
    first.client.room('general').send('earlier')
    await world.timeline.advance(100)
    first.crash()
    profile.disk.refuseOpen('unavailable', 2)
    const alice = laddered(profile)
    alice.link.refuse(true)
    start(alice)
    alice.client.room('general').send('in memory')
    await world.timeline.advance(ENOUGH_MS)
    expect(kindOf(alice)).toEqual(ON_DISK)
    expect(texts(alice.client)).toEqual(['earlier', 'in memory'])
    alice.link.refuse(false)
    await world.timeline.advance(ENOUGH_MS)
    expect(statuses(alice)).toEqual(['confirmed', 'confirmed'])
    const bob = start(world.tab(world.profile('bob')))
    await world.timeline.advance(1_000)
    expect(texts(bob.client)).toEqual(['earlier', 'in memory'])
  })

  it.each(['abort', 'lose', 'crash', 'refuse'] as const)(
    'and fails in the middle of it (%s) costs nothing that was written while the page lives',
    async (fault) => {
      world = newWorld({ latencyMs: 10, diskMs: 5 })
      const profile = world.profile('alice')
      profile.disk.refuseOpen('unavailable', 4)
      const alice = laddered(profile)
      alice.link.refuse(true)
      start(alice)
      for (let i = 1; i <= 3; i++) alice.client.room('general').send(i)
      // Every moment of the return, one after the other.
      for (let i = 4; i < 100; i++) {
        await world.timeline.advance(kindOf(alice).kind === 'memory' ? 100 : 1)
        if (fault === 'abort' && i % 12 === 0) profile.disk.abortNext('unavailable')
        else if (fault === 'lose' && i % 7 === 0) profile.disk.lose('closed')
        else if (fault === 'refuse' && i % 30 === 0) profile.disk.refuseOpen('unavailable', 1)
        if (i < 30) alice.client.room('general').send(i)
      }
      if (fault !== 'crash') {
        await world.timeline.advance(10 * 60_000)
        expect(kindOf(alice)).toEqual(ON_DISK)
      }
      const written = texts(alice.client)
      alice.crash()
      const again = start(laddered(profile))
      await world.timeline.advance(3 * 60_000)
      expect(texts(again.client)).toEqual(written)
      const bob = start(world.tab(world.profile('bob')))
      await world.timeline.advance(1_000)
      expect(texts(bob.client)).toEqual(written)
    },
  )

  it('I18: empties first what a logout left to be emptied there, and ends nobody for it', async () => {
    world = newWorld({ latencyMs: 10 })
    const profile = world.profile('alice')
    const first = start(world.tab(profile))
    await world.timeline.advance(100)
    first.client.room('general').send('secret')
    await world.timeline.advance(1_000)
    const hang = profile.disk.hang()
    const leaving = first.client.logout({ force: true }).catch(() => undefined)
    await world.timeline.advance(LIMITS.openTimeoutMs + 1_000)
    hang()
    await leaving
    await world.timeline.advance(1_000)
    profile.disk.refuseOpen('unavailable', 2)
    const alice = laddered(profile)
    alice.link.refuse(true)
    start(alice)
    alice.client.room('general').send('mine')
    await world.timeline.advance(ENOUGH_MS)
    expect(kindOf(alice)).toEqual(ON_DISK)
    expect(texts(alice.client)).toEqual(['mine'])
    expect(alice.errors.map(({ code }) => code)).not.toContain('signed_out')
  })
})
