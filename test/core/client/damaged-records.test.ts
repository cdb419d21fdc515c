import { describe, expect, it } from 'vitest'
import type { Stored } from '../../../src/core/seams/storage.js'
import type { MemoryDisk } from '../../../src/testing/index.js'
import { at, newPuppet, type PuppetWorld } from './puppet-world.js'
import { codes, numbers, start, statuses } from './steps.js'
import { messages, newWorld, type Profile, texts, type World } from './world.js'

const storeOf = (disk: MemoryDisk, kind: 'outbox' | 'cache'): string =>
  disk.names().find((name) => name.startsWith(`tidings.${kind}.`)) ?? ''
const entriesOf = (disk: MemoryDisk, kind: 'outbox' | 'cache', prefix = '') =>
  disk.entries(storeOf(disk, kind)).filter(([key]) => key.startsWith(prefix))
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
const seqOf = (cursor: string | undefined): number => Number(cursor?.slice(1) ?? 0)

const pageFrom = (p: PuppetWorld, cursor: string | undefined, id: string) => ({
  ...{ type: 'sync_response' as const, id, room: 'general', prev: cursor ?? null, cursor: at(7), seq: 7 },
  ...{ hasMore: false, head: 7, messages: numbers(seqOf(cursor) + 1, 7).map((seq) => p.entry(seq)) },
})

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
          if (asked.cursor && asked.pages) q.server.send(pageFrom(q, asked.cursor, 'general'))
        for (const { id, cursor } of q.framesOf('sync_request')) q.server.send(pageFrom(q, cursor, id))
        for (const { rooms } of q.framesOf('subscribe'))
          for (const _room of rooms) q.server.send(q.subscribed(7))
        q.server.received.length = 0
      }
      expect(texts(q.client)).toEqual(numbers(1, 7))
      expect(q.client.room('general').timeline.get()).toMatchObject({ status: 'live', hasOlder: false })
    },
  )

  it('of the cache takes with it what its room claims: an own message that the server has lost meanwhile is sent again', async () => {
    const p = newPuppet()
    await p.live()
    const { key } = p.client.room('general').send('mine')
    await p.timeline.settle()
    const { stamp = '' } = p.framesOf('message')[0] ?? {}
    p.server.send(p.event(1, { from: 'alice', id: key, stamp, body: 'mine' }))
    await p.timeline.settle()
    await p.end()
    p.disk.corrupt(storeOf(p.disk, 'cache'), entriesOf(p.disk, 'cache', 'b/')[0]?.[0] ?? '', 'garbage')
    const q = newPuppet({ snapshot: p.disk.snapshot() })
    q.client.room('general').open()
    await q.welcome()
    await q.catchUp(1, [q.entry(1, { body: 'in its place' })])
    expect(q.codes()).toEqual(['bad_record'])
    expect(q.framesOf('message')).toMatchObject([{ id: key, body: 'mine', stamp }])
  })
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
        for (const { id, cursor } of p.framesOf('sync_request')) {
          if (answered.has(id)) continue
          answered.add(id)
          p.server.send({
            ...{ type: 'sync_response', id, room: 'general', prev: cursor ?? null },
            ...{ cursor: at(last), seq: last, hasMore: false, head: last },
            messages: numbers(seqOf(cursor) + 1, last).map(entryOf),
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
