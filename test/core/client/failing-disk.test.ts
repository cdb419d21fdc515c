import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { formatStamp } from '../../../src/protocol/index.js'
import { codes, numbers, start, statuses } from './steps.js'
import { createWorld, messages, newWorld, texts } from './world.js'

describe('a full disk', () => {
  it('keeps nobody from writing: it is sent from the page, says so, and is stored when there is room', async () => {
    const w = newWorld()
    const profile = w.profile('alice')
    const alice = start(w.tab(profile))
    const bob = start(w.tab(w.profile('bob')))
    await w.timeline.advance(100)
    profile.disk.quota(0)
    const sent = alice.client.room('general').send('hello')
    expect(sent.message.durable).toBe(true)
    await w.timeline.advance(100)
    expect(texts(bob.client)).toEqual(['hello'])
    expect(codes(alice)[0]).toBe('storage')
    alice.link.refuse(true)
    alice.link.drop()
    await w.timeline.advance(100)
    const offline = alice.client.room('general').send('offline')
    let queued = false
    void offline.queued().then(() => {
      queued = true
    })
    await w.timeline.advance(60_000)
    expect(messages(alice.client).at(-1)).toMatchObject({ status: 'delayed', durable: false })
    expect(queued).toBe(false)
    profile.disk.quota(null)
    await w.timeline.advance(LIMITS.backoffCapMs + 1_000)
    expect(queued).toBe(true)
    expect(messages(alice.client).at(-1)).toMatchObject({ durable: true })
    alice.crash()
    const later = start(w.tab(profile))
    await w.timeline.advance(1_000)
    expect(texts(later.client)).toEqual(['hello', 'offline'])
    expect(statuses(later)).toEqual(['confirmed', 'confirmed'])
  })

  it('is told once, not for every message', async () => {
    const w = newWorld()
    const profile = w.profile('alice')
    const alice = start(w.tab(profile))
    await w.timeline.advance(100)
    profile.disk.quota(0)
    for (const i of numbers(1, 10)) {
      alice.client.room('general').send(i)
      await w.timeline.advance(500)
    }
    expect(statuses(alice)).toEqual(Array(10).fill('confirmed'))
    // One of the outbox, one of the room.
    expect(codes(alice)).toEqual(['storage', 'storage'])
  })

  it.each([
    ['for good', 1_000_000],
    ['for a moment', 4],
  ])(
    '%s shows every message once and in order, never takes one back, and tells each arrival once',
    async (_name, until) => {
      const w = newWorld({ latencyMs: 5 })
      const profile = w.profile('alice')
      const bob = start(w.tab(w.profile('bob')))
      const alice = start(w.tab(profile))
      const arrived: unknown[] = []
      alice.client.room('general').arrivals((message) => arrived.push(message.body))
      const lengths: number[] = []
      const { timeline } = alice.client.room('general')
      timeline.subscribe(() => lengths.push(timeline.get().items.length))
      await w.timeline.advance(100)
      profile.disk.quota(1)
      for (const i of numbers(1, 8)) {
        if (i === until) profile.disk.quota(null)
        bob.client.room('general').send(i)
        await w.timeline.advance(100)
      }
      await w.timeline.advance(5_000)
      expect(texts(alice.client)).toEqual(numbers(1, 8))
      expect(arrived).toEqual(numbers(1, 8))
      expect(lengths).toEqual(lengths.toSorted((a, b) => a - b))
      profile.disk.quota(null)
      alice.crash()
      if (until < 8) w.killServer()
      const later = start(w.tab(profile))
      await w.timeline.advance(2_000)
      expect(texts(later.client)).toEqual(numbers(1, 8))
    },
  )

  it('shows the newest page of a long room all the same, and older ones on request', async () => {
    const w = newWorld()
    const now = w.timeline.now()
    for (const i of numbers(1, 1_000)) {
      const stamp = formatStamp(now - 1_000_000 + i, 0, 'bobs-clock-')
      const operation = { room: 'general', author: 'bob', id: `b${i}`, kind: 'create', stamp } as const
      await w.log.append([{ ...operation, body: String(i) }])
    }
    const profile = w.profile('alice')
    profile.disk.quota(1)
    const alice = start(w.tab(profile))
    await w.timeline.advance(5_000)
    const room = alice.client.room('general')
    expect(texts(alice.client)).toEqual(numbers(801, 1_000))
    expect(room.timeline.get()).toMatchObject({ status: 'live', hasOlder: true })
    const more = room.loadOlder()
    await w.timeline.advance(1_000)
    expect(await more).toBe(true)
    expect(texts(alice.client)).toEqual(numbers(701, 1_000))
    expect(new Set(codes(alice))).toEqual(new Set(['storage']))
  })
})

describe('a disk that fails for a moment', () => {
  it('loses nothing, whichever write it is', async () => {
    for (let failing = 1; failing <= 8; failing++) {
      const w = createWorld({ latencyMs: 5 })
      const profile = w.profile('alice')
      const alice = start(w.tab(profile))
      const bob = start(w.tab(w.profile('bob')))
      const arrived: unknown[] = []
      alice.client.room('general').arrivals((message) => arrived.push(message.body))
      await w.timeline.advance(100)
      for (const i of numbers(1, 8)) {
        if (i === failing) profile.disk.abortNext('unavailable')
        const from = i % 2 === 0 ? alice : bob
        from.client.room('general').send(i)
        await w.timeline.advance(200)
      }
      await w.timeline.advance(10_000)
      for (const tab of [alice, bob]) expect(texts(tab.client)).toEqual(numbers(1, 8))
      expect(statuses(alice)).toEqual(Array(8).fill('confirmed'))
      expect(arrived).toEqual(numbers(1, 8))
      expect(codes(alice)).toEqual(['storage'])
      await w.end()
    }
  })

  it('and runs its transactions twice changes nothing', async () => {
    const w = newWorld()
    const profile = w.profile('alice')
    profile.disk.rerunNext(100)
    const alice = start(w.tab(profile))
    const bob = start(w.tab(w.profile('bob')))
    await w.timeline.advance(100)
    for (const i of numbers(1, 6)) {
      const from = i % 2 === 0 ? alice : bob
      from.client.room('general').send(i)
      await w.timeline.advance(100)
    }
    expect(texts(alice.client)).toEqual(numbers(1, 6))
    expect(codes(alice)).toEqual([])
  })
})

describe('a disk that hangs', () => {
  it('holds up a message for 1 s: then it leaves, and says that it is not stored', async () => {
    const w = newWorld()
    const profile = w.profile('alice')
    const alice = start(w.tab(profile))
    const bob = start(w.tab(w.profile('bob')))
    await w.timeline.advance(100)
    const release = profile.disk.hang()
    alice.client.room('general').send('hello')
    await w.timeline.advance(LIMITS.slowWriteMs - 10)
    expect(texts(bob.client)).toEqual([])
    await w.timeline.advance(20)
    expect(texts(bob.client)).toEqual(['hello'])
    expect(messages(alice.client)[0]?.durable).toBe(false)
    // The next ones do not wait for a disk that is known to hang.
    alice.client.room('general').send('again')
    await w.timeline.advance(20)
    expect(texts(bob.client)).toEqual(['hello', 'again'])
    release()
    await w.timeline.advance(1_000)
    expect(texts(alice.client)).toEqual(['hello', 'again'])
    expect(messages(alice.client).map(({ durable }) => durable)).toEqual([true, true])
    expect(statuses(alice)).toEqual(['confirmed', 'confirmed'])
    expect(codes(alice)).toEqual([])
  })
})
