import { describe, expect, it } from 'vitest'
import { createMemoryStorage } from '../../../src/adapters/memory.js'
import { createStorageLadder } from '../../../src/adapters/storage-ladder.js'
import { LIMITS } from '../../../src/core/limits.js'
import type { Clock } from '../../../src/core/seams/clock.js'
import type { Storage, StoreLoss } from '../../../src/core/seams/storage.js'
import type { MemoryDisk } from '../../../src/testing/index.js'
import { newPuppet } from './puppet-world.js'
import { codes, numbers, start, statuses } from './steps.js'
import { messages, newWorld, texts } from './world.js'

describe('a storage that does not open', () => {
  const ladder = (disk: MemoryDisk, clock: Clock): Storage =>
    createStorageLadder(disk.storage(), createMemoryStorage(), clock, () => undefined)

  it.each([
    ['is refused', (disk: MemoryDisk) => disk.refuseOpen('unavailable', 10), 0],
    ['never opens', (disk: MemoryDisk) => disk.openHangs(true), LIMITS.openTimeoutMs],
  ])(
    'because it %s is replaced by memory: everything works, and client.storage says what it is',
    async (_name, break_, ms) => {
      const p = newPuppet({ storage: ladder })
      break_(p.disk)
      expect(p.client.storage.get()).toEqual({
        state: 'idle',
        kind: 'memory-disk',
        durable: true,
        error: null,
      })
      p.client.room('general').open()
      p.client.connect()
      expect(p.client.storage.get().state).toBe('opening')
      p.client.room('general').send('early')
      await p.timeline.advance(ms)
      await p.welcome()
      await p.catchUp()
      expect(p.client.storage.get()).toMatchObject({
        ...{ state: 'degraded', kind: 'memory', durable: false },
        error: { code: 'storage', retry: 'later' },
      })
      expect(p.codes()).toContain('storage')
      expect(p.framesOf('message')).toMatchObject([{ body: 'early' }])
      p.server.send(p.event(1))
      await p.timeline.settle()
      expect(texts(p.client)).toContain(1)
      expect(p.disk.names()).toEqual([])
    },
  )

  it('and has nothing to replace it keeps everything in the page, and is tried again', async () => {
    const p = newPuppet()
    p.disk.refuseOpen('blocked', 1_000)
    p.client.room('general').open()
    await p.welcome()
    await p.catchUp(1, [p.entry(1)])
    p.client.room('general').send('mine')
    await p.timeline.advance(1_100)
    expect(texts(p.client)).toEqual([1, 'mine'])
    expect(p.client.storage.get()).toMatchObject({ state: 'degraded', error: { code: 'storage' } })
    expect(p.framesOf('message')).toMatchObject([{ body: 'mine' }])
    expect(messages(p.client)[1]).toMatchObject({ durable: false })
  })
})

describe('a store that is lost', () => {
  it.each<StoreLoss>(['closed', 'emptied', 'corrupt'])(
    '(%s) while messages wait is opened again, and has them again at once',
    async (why) => {
      const w = newWorld()
      const profile = w.profile('alice')
      const first = w.tab(profile)
      first.link.refuse(true)
      start(first)
      await w.timeline.advance(100)
      const keys = numbers(1, 5).map((i) => first.client.room('general').send(i).key)
      await w.timeline.advance(100)
      const states: string[] = []
      first.client.storage.subscribe(() => states.push(first.client.storage.get().state))
      profile.disk.lose(why)
      await w.timeline.advance(100)
      expect(states[0]).toBe('degraded')
      expect(first.client.storage.get()).toMatchObject({ state: 'ready', error: null })
      expect(codes(first)).toContain('storage')
      expect(texts(first.client)).toEqual([1, 2, 3, 4, 5])
      first.crash()
      const second = start(w.tab(profile))
      await w.timeline.advance(1_000)
      expect(messages(second.client).map(({ key }) => key)).toEqual(keys)
      expect(statuses(second)).toEqual(Array(5).fill('confirmed'))
    },
  )

  it.each<StoreLoss>(['closed', 'emptied'])(
    '(%s) in the tab that sends does not make it deaf to the others',
    async (why) => {
      const w = newWorld()
      const profile = w.profile('alice')
      const [one, two] = [start(w.tab(profile)), start(w.tab(profile))]
      await w.timeline.advance(200)
      if (why === 'emptied') profile.disk.lose(why)
      else profile.disk.lose(why, one.storage)
      await w.timeline.advance(100)
      two.client.room('general').send('from two')
      await w.timeline.advance(500)
      for (const tab of [one, two]) {
        expect(texts(tab.client)).toEqual(['from two'])
        expect(statuses(tab)).toEqual(['confirmed'])
      }
    },
  )

  it('again and again is given up, said so, and costs nothing but durability', async () => {
    const w = newWorld()
    const profile = w.profile('alice')
    const alice = start(w.tab(profile))
    const bob = start(w.tab(w.profile('bob')))
    await w.timeline.advance(100)
    for (const i of numbers(1, LIMITS.reopenTimes + 3)) {
      profile.disk.lose('closed')
      await w.timeline.advance(100)
      alice.client.room('general').send(`a${i}`)
      bob.client.room('general').send(`b${i}`)
      await w.timeline.advance(3_000)
    }
    expect(texts(alice.client)).toHaveLength(2 * (LIMITS.reopenTimes + 3))
    expect(new Set(statuses(alice))).toEqual(new Set(['confirmed']))
    expect(texts(bob.client)).toEqual(texts(alice.client))
    expect(alice.client.storage.get().state).toBe('degraded')
  })
})
