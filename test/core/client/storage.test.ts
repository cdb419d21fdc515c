import { afterEach, describe, expect, it } from 'vitest'
import { createMemoryStorage } from '../../../src/adapters/memory.js'
import { createStorageLadder } from '../../../src/adapters/storage-ladder.js'
import { LIMITS } from '../../../src/core/limits.js'
import type { Clock } from '../../../src/core/seams/clock.js'
import type { Storage, Stored, StoreLoss } from '../../../src/core/seams/storage.js'
import { formatStamp } from '../../../src/protocol/index.js'
import type { MemoryDisk } from '../../../src/testing/index.js'
import { at, createPuppetWorld, type PuppetWorld } from './puppet-world.js'
import { numbers, start, statuses } from './steps.js'
import { createWorld, messages, type Profile, type Tab, texts, type World } from './world.js'

let world: World | undefined
let puppet: PuppetWorld | undefined
afterEach(async () => {
  await world?.end()
  await puppet?.end()
  world = undefined
  puppet = undefined
})

const newWorld = (...given: Parameters<typeof createWorld>): World => {
  world = createWorld(...given)
  return world
}
const newPuppet = (...given: Parameters<typeof createPuppetWorld>): PuppetWorld => {
  puppet = createPuppetWorld(...given)
  return puppet
}

const storeOf = (disk: MemoryDisk, kind: 'outbox' | 'cache'): string =>
  disk.names().find((name) => name.startsWith(`tidings.${kind}.`)) ?? ''
const entriesOf = (disk: MemoryDisk, kind: 'outbox' | 'cache', prefix = '') =>
  disk.entries(storeOf(disk, kind)).filter(([key]) => key.startsWith(prefix))
const codes = ({ errors }: Pick<Tab, 'errors'>) => errors.map(({ code }) => code)

/** Five messages of alice's wait on her disk; her page is gone. */
async function fivePending(w: World): Promise<Profile> {
  const profile = w.profile('alice')
  const tab = w.tab(profile)
  tab.link.refuse(true)
  start(tab)
  await w.timeline.advance(100)
  for (const i of numbers(1, 5)) {
    tab.client.room('general').send(i)
    await w.timeline.advance(10)
  }
  tab.crash()
  return profile
}

describe('a stored record that cannot be read', () => {
  const damaged: Record<string, (value: Stored) => Stored> = {
    'is a text': () => 'garbage',
    'is of a later version': (value) => ({ ...Object(value), e: { later: true } }),
    'holds a row that is none': (value) => ({ ...Object(value), e: [{ id: 7 }] }),
  }

  it.each(Object.entries(damaged))(
    'of the outbox, that %s, is set aside as it was, with an error; the rest is sent in order',
    async (_name, damage) => {
      const w = newWorld()
      const profile = await fivePending(w)
      const records = entriesOf(profile.disk, 'outbox', 'e/')
      expect(records).toHaveLength(5)
      const [key, value] = records[2] ?? ['', null]
      const bad = damage(value)
      profile.disk.corrupt(storeOf(profile.disk, 'outbox'), key, bad)
      const tab = start(w.tab(profile))
      await w.timeline.advance(1_000)
      expect(codes(tab)).toEqual(['bad_record'])
      expect(texts(tab.client)).toEqual([1, 2, 4, 5])
      expect(statuses(tab)).toEqual(Array(4).fill('confirmed'))
      expect(entriesOf(profile.disk, 'outbox', 'bad/')).toEqual([[`bad/${key}`, bad]])
      // It is told once, not at every start.
      tab.crash()
      const again = start(w.tab(profile))
      await w.timeline.advance(1_000)
      expect(codes(again)).toEqual([])
      expect(entriesOf(profile.disk, 'outbox', 'bad/')).toHaveLength(1)
    },
  )

  it('of the outbox takes with it only the rows that cannot be read, not their neighbours', async () => {
    const w = newWorld()
    const profile = w.profile('alice')
    const first = w.tab(profile)
    first.link.refuse(true)
    start(first)
    for (const i of numbers(1, 3)) first.client.room('general').send(i)
    await w.timeline.advance(100)
    first.crash()
    const [key, value] = entriesOf(profile.disk, 'outbox', 'e/')[0] ?? ['', null]
    const rows: readonly string[] = Reflect.get(Object(value), 'e')
    const cut = rows.map((row, i) => (i === 1 ? row.replace('"stamp":"', '"stamp":"-') : row))
    const bad = { v: 1, e: cut }
    profile.disk.corrupt(storeOf(profile.disk, 'outbox'), key, bad)
    const second = start(w.tab(profile))
    await w.timeline.advance(1_000)
    expect(texts(second.client)).toEqual([1, 3])
    expect(statuses(second)).toEqual(['confirmed', 'confirmed'])
  })

  it('of the outbox that counts the others costs none of them: what is written next takes no place that is taken', async () => {
    const w = newWorld()
    const profile = await fivePending(w)
    profile.disk.corrupt(storeOf(profile.disk, 'outbox'), 'm', 'garbage')
    const second = w.tab(profile)
    second.link.refuse(true)
    start(second)
    await w.timeline.advance(100)
    second.client.room('general').send(6)
    await w.timeline.advance(100)
    second.crash()
    const third = start(w.tab(profile))
    await w.timeline.advance(2_000)
    expect(texts(third.client)).toEqual([1, 2, 3, 4, 5, 6])
    expect(messages(third.client).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6])
  })

  const cached: Record<string, (disk: MemoryDisk) => readonly [string, Stored]> = {
    'a block that is a text': () => [entryKey('b/'), 'garbage'],
    'a block of a later version': () => [entryKey('b/'), { v: 1, m: 'elsewhere' }],
    'a message that is none': (disk) => {
      const [key, value] = entriesOf(disk, 'cache', 'b/')[0] ?? ['', null]
      const rows: readonly string[] = Reflect.get(Object(value), 'm')
      const bad = (row: string) => JSON.stringify({ ...JSON.parse(row), seq: -1 })
      return [key, { v: 1, m: rows.map((row, i) => (i === 3 ? bad(row) : row)) }]
    },
    'a message that was cut off': (disk) => {
      const [key, value] = entriesOf(disk, 'cache', 'b/')[0] ?? ['', null]
      const rows: readonly string[] = Reflect.get(Object(value), 'm')
      return [key, { v: 1, m: rows.map((row, i) => (i === 3 ? row.slice(0, 50) : row)) }]
    },
    'a position that is a text': () => [entryKey('r/'), 'garbage'],
    'a position without a cursor': () => [entryKey('r/'), { v: 1, ranges: [{ after: 0, upTo: 9 }] }],
    'a position of a later version': (disk) => {
      const [key, value] = entriesOf(disk, 'cache', 'r/')[0] ?? ['', null]
      return [key, { ...Object(value), v: 2 }]
    },
  }
  let cacheOf: MemoryDisk | undefined
  const entryKey = (prefix: string): string => (cacheOf && entriesOf(cacheOf, 'cache', prefix)[0]?.[0]) ?? ''

  it.each(Object.entries(cached))(
    'of the cache, %s, is told, and its room is read anew from the server',
    async (_name, damage) => {
      const w = newWorld()
      const profile = w.profile('alice')
      const bob = start(w.tab(w.profile('bob')))
      const first = start(w.tab(profile))
      await w.timeline.advance(100)
      for (const i of numbers(1, 20)) bob.client.room('general').send(i)
      await w.timeline.advance(1_000)
      expect(texts(first.client)).toEqual(numbers(1, 20))
      first.crash()
      cacheOf = profile.disk
      profile.disk.corrupt(storeOf(profile.disk, 'cache'), ...damage(profile.disk))
      const second = start(w.tab(profile))
      await w.timeline.advance(1_000)
      expect(new Set(codes(second))).toEqual(new Set(['bad_record']))
      expect(second.errors[0]).toMatchObject({ room: 'general' })
      expect(texts(second.client)).toEqual(numbers(1, 20))
      expect(second.client.room('general').timeline.get()).toMatchObject({ status: 'live', hasOlder: false })
      second.crash()
      w.killServer()
      const third = start(w.tab(profile))
      await w.timeline.advance(1_000)
      expect(codes(third)).toEqual([])
      expect(texts(third.client)).toEqual(numbers(1, 20))
    },
  )

  it.each([0, 5, 20, 50, 200])(
    'of the cache leaves no silent gap, also where forgetting it takes the disk %d ms',
    async (latencyMs) => {
      const p = newPuppet()
      await p.live()
      for (const seq of numbers(1, 5)) p.server.send(p.event(seq))
      await p.timeline.settle()
      await p.end()
      const { disk } = p
      const name = storeOf(disk, 'cache')
      disk.corrupt(name, entriesOf(disk, 'cache', 'b/')[0]?.[0] ?? '', 'garbage')
      const q = newPuppet({ diskLatencyMs: latencyMs, snapshot: disk.snapshot() })
      q.client.room('general').open()
      q.client.connect()
      // A server that answers as fast as it is asked.
      for (let i = 0; i < 400; i++) {
        if (q.server.waiting) {
          q.server.welcome({ user: 'alice' })
          q.server.send(q.subscribed(7))
        }
        await q.timeline.advance(Math.max(1, latencyMs / 20))
        for (const asked of q.framesOf('hello').flatMap(({ rooms = [] }) => rooms))
          if (asked.cursor && asked.pages)
            q.server.send(pageFrom(q, Number(asked.cursor.slice(1)), { id: 'general' }))
        for (const { id, cursor = at(0) } of q.framesOf('sync_request'))
          q.server.send(pageFrom(q, Number(cursor.slice(1)), { id }))
        for (const { rooms } of q.framesOf('subscribe'))
          for (const _room of rooms) q.server.send(q.subscribed(7))
        q.server.received.length = 0
      }
      expect(texts(q.client)).toEqual(numbers(1, 7))
      expect(q.client.room('general').timeline.get()).toMatchObject({ status: 'live', hasOlder: false })
    },
  )
})

describe('a stored record that turns out to be damaged while its room is live', () => {
  const moments = [0, 3, 10, 25, 40, 60, 90]
  it.each(moments.flatMap((ms) => [[ms, 132] as const, [ms, 133] as const]))(
    'leaves no silent gap, whatever arrives meanwhile (%d ms later, from %d on)',
    async (laterMs, first) => {
      const p = newPuppet({ diskLatencyMs: 20 })
      const last = 135
      const edit = {
        kind: 'edit',
        body: 'edited',
        version: 2,
        target: { messageId: 'm1', seq: 1, stamp: '' },
      } as const
      const { stamp } = p.event(1)
      const entryOf = (seq: number) => {
        if (seq === 1) return p.entry(1, { body: 'edited', version: 2, edited: true, rev: 131 })
        return p.entry(seq, seq === 131 ? { ...edit, target: { ...edit.target, stamp } } : {})
      }
      p.client.room('general').open()
      p.client.connect()
      while (!p.server.waiting) await p.timeline.advance(10)
      p.server.welcome({ user: 'alice' })
      await p.catchUp(
        130,
        numbers(1, 130).map((seq) => p.entry(seq)),
      )
      await p.timeline.advance(1_000)
      expect(texts(p.client)).toEqual(numbers(1, 130))
      const answered = new Set(p.framesOf('sync_request').map(({ id }) => id))
      const [block] = entriesOf(p.disk, 'cache', 'b/')[0] ?? ['']
      p.disk.corrupt(storeOf(p.disk, 'cache'), block, 'garbage')
      p.server.send(p.event(131, { ...edit, target: { ...edit.target, stamp } }))
      await p.timeline.advance(laterMs)
      for (const seq of numbers(first, last)) {
        p.server.send(p.event(seq))
        await p.timeline.advance(7)
      }
      for (let i = 0; i < 100; i++) {
        for (const { id, cursor = at(0) } of p.framesOf('sync_request')) {
          if (answered.has(id)) continue
          answered.add(id)
          const from = Number(cursor.slice(1))
          p.server.send({
            ...{ type: 'sync_response', id, room: 'general', prev: cursor, cursor: at(last), seq: last },
            ...{ hasMore: false, head: last, messages: numbers(from + 1, last).map(entryOf) },
          })
        }
        await p.timeline.advance(20)
      }
      const expected = ['edited', ...numbers(2, 130), ...numbers(132, last)]
      expect(texts(p.client)).toEqual(expected)
      expect(p.client.room('general').timeline.get()).toMatchObject({ status: 'live', hasOlder: false })
      await p.reload()
      p.client.room('general').open()
      p.client.connect()
      await p.timeline.advance(1_000)
      expect(texts(p.client).slice(-8)).toEqual(expected.slice(-8))
      const range = Reflect.get(Object(entriesOf(p.disk, 'cache', 'r/')[0]?.[1]), 'ranges')
      expect(range).toMatchObject([{ after: 0, upTo: last }])
    },
  )
})

const pageFrom = (p: PuppetWorld, from: number, more: { id: string }) => ({
  ...{ type: 'sync_response' as const, room: 'general', prev: at(from), cursor: at(7), seq: 7 },
  ...{ hasMore: false, head: 7, messages: numbers(from + 1, 7).map((seq) => p.entry(seq)), ...more },
})

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

describe('signing out', () => {
  it('I18: is refused while something waits, unless forced, and leaves nothing of the user behind', async () => {
    const w = newWorld()
    const profile = w.profile('alice')
    const alice = start(w.tab(profile))
    await w.timeline.advance(100)
    alice.client.room('general').send('sent')
    await w.timeline.advance(100)
    alice.client.disconnect()
    alice.client.room('general').send('waiting')
    await w.timeline.advance(100)
    await expect(alice.client.logout()).rejects.toMatchObject({ code: 'unsent', retry: 'later' })
    expect(texts(alice.client)).toEqual(['sent', 'waiting'])
    const out = alice.client.logout({ force: true })
    await w.timeline.advance(10)
    await out
    expect(
      profile.disk
        .names()
        .flatMap((name) => profile.disk.entries(name))
        .map(([key]) => key),
    ).toEqual(['m', 'w'])
    expect(profile.disk.openStores).toBe(0)
    const again = w.tab(profile)
    again.link.refuse(true)
    start(again)
    await w.timeline.advance(1_000)
    expect(texts(again.client)).toEqual([])
  })

  it('I18: says so when the device cannot be emptied, and still ends everything', async () => {
    const w = newWorld()
    const profile = w.profile('alice')
    const alice = start(w.tab(profile))
    await w.timeline.advance(100)
    profile.disk.lose('closed')
    profile.disk.refuseOpen('blocked', 10)
    const out = alice.client.logout({ force: true })
    out.catch(() => undefined)
    await w.timeline.advance(10)
    await expect(out).rejects.toMatchObject({ code: 'storage', retry: 'later' })
    expect(profile.disk.openStores).toBe(0)
    expect(alice.lifecycle.listeners).toBe(0)
    expect(alice.link.open).toBe(0)
  })

  it('I18: and in as somebody else shows nothing of the first on the same disk', async () => {
    const w = newWorld()
    const profile = w.profile('alice')
    const alice = start(w.tab(profile))
    await w.timeline.advance(100)
    alice.client.disconnect()
    alice.client.room('general').send('secret')
    await w.timeline.advance(100)
    await alice.client.destroy()
    const mallory = w.tab({ ...profile, user: 'mallory' })
    mallory.link.refuse(true)
    start(mallory)
    await w.timeline.advance(1_000)
    expect(texts(mallory.client)).toEqual([])
    expect(mallory.client.outbox.get().pending).toBe(0)
  })
})
