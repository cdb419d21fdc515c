import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stampOfTimestamp } from '../../../src/core/messages/timestamp-sync.js'
import { STAMP_PATTERN } from '../../../src/protocol/index.js'
import { coded, createBackend, createDisk, many, type Row, START, setUp } from './timestamps.js'

describe('catching up by timestamps', () => {
  it('S66: reads page after page to the end', async () => {
    const { backend, told, sync } = setUp()
    backend.put(...many(95, (n) => START + n * 1_000))
    expect(await sync.sync()).toBe(95)
    expect(told).toEqual(backend.rows.map((row) => row.id))
  })

  it('S67: loses nothing where one timestamp lies on both sides of a page edge', async () => {
    const { backend, told, sync } = setUp()
    backend.put(...many(40, (n) => START + Math.floor(n / 4) * 1_000))
    await sync.sync()
    expect(told).toEqual(backend.rows.map((row) => row.id))
  })

  it('S67: gets past more rows of one timestamp than a page holds, by asking for longer pages', async () => {
    const { backend, told, sync } = setUp()
    backend.put(...many(300, (n) => (n < 5 ? START : n < 200 ? START + 1 : START + 2)))
    await sync.sync()
    expect([...told].sort()).toEqual(backend.rows.map((row) => row.id))
    expect(new Set(told).size).toBe(300)
  })

  it('S67: reads more rows in a minute than a page holds, once, over many runs', async () => {
    const { backend, told, sync, restart } = setUp()
    backend.put(...many(500, (n) => START + n * 10))
    await sync.sync()
    backend.put({ id: 'next', at: START + 5_001 })
    expect(await restart().sync()).toBe(1)
    expect(told).toHaveLength(501)
    expect(new Set(told).size).toBe(501)
  })

  it('asks first for a minute before its position, then from the largest timestamp received', async () => {
    const { backend, sync, restart } = setUp()
    backend.put(...many(30, (n) => START + n * 10_000))
    await sync.sync()
    expect(backend.asked.map(({ since }) => since)).toEqual([
      0,
      START + 90_000,
      START + 180_000,
      START + 270_000,
    ])
    backend.asked.length = 0
    await restart().sync()
    expect(backend.asked[0]).toEqual({ since: START + 290_000 - 60_000, limit: 10 })
  })

  it('never asks by the clock of the device', async () => {
    const { timeline, backend, sync, restart } = setUp()
    backend.put(...many(3, (n) => START + n))
    await sync.sync()
    await timeline.advance(3_600_000)
    await restart().sync()
    expect(backend.asked.at(-1)?.since).toBe(START + 2 - 60_000)
  })

  it('S68: follows hasMore, and stops with a typed error when a server repeats itself', async () => {
    const repeats = many(10, (n) => START + n)
    const asked: number[] = []
    const { told, sync } = setUp({
      fetchPage: async ({ since, limit }) => {
        asked.push(limit)
        return { messages: repeats.filter((row) => row.at >= since), hasMore: true }
      },
    })
    await expect(sync.sync()).rejects.toEqual(coded('sync_stuck'))
    expect(told).toHaveLength(10)
    expect(asked.length).toBeLessThan(10)
  })

  it.each([
    ['empty pages', { messages: [], hasMore: true }],
    ['nothing but rows that cannot be read', { messages: [], unreadable: 10, hasMore: true }],
  ])('S68: stops with a typed error when a server sends %s for ever', async (_name, page) => {
    const { sync } = setUp({ fetchPage: async () => page })
    await expect(sync.sync()).rejects.toEqual(coded('sync_stuck'))
  })

  it('S68: stops with a typed error when more rows share a timestamp than the server ever sends at once', async () => {
    const backend = createBackend(20)
    const { told, sync } = setUp({}, backend)
    backend.put(...many(50, () => START))
    await expect(sync.sync()).rejects.toEqual(coded('sync_stuck'))
    expect(told).toHaveLength(20)
  })

  it('asks for longer pages as soon as one shares a timestamp, or brings nothing new', async () => {
    const shared = setUp()
    shared.backend.put(...many(70, () => START))
    await shared.sync.sync()
    expect(shared.backend.asked.map(({ limit }) => limit)).toEqual([10, 20, 40, 80])
    const known = setUp()
    known.backend.put(...many(55, (n) => START + n * 1_000))
    await known.sync.sync()
    known.backend.asked.length = 0
    await known.restart().sync()
    expect(known.backend.asked.map(({ limit }) => limit)).toEqual([10, 20, 40])
  })

  it('S68: takes longer pages of what it knows for progress, not for a server that repeats itself', async () => {
    const { backend, told, sync, restart } = setUp()
    backend.put(...many(400, () => START))
    await sync.sync()
    backend.put({ id: 'new', at: START + 1 })
    expect(await restart().sync()).toBe(1)
    expect(told.at(-1)).toBe('new')
  })

  it('skips rows that cannot be placed, says so, and goes on', async () => {
    const { backend, told, errors, sync } = setUp()
    backend.put(...many(3, (n) => START + n), { id: '', at: START + 5 }, { id: 'half', at: START + 0.5 })
    expect(await sync.sync()).toBe(3)
    expect(told).toHaveLength(3)
    expect(errors).toEqual(['bad_entry'])
  })

  it.each([
    ['has no id', (row: Row): string => Reflect.get(row, 'name')],
    [
      'makes `idOf` throw',
      (row: Row): string => {
        if (row.id === 'bad') throw new TypeError('no id here')
        return row.id
      },
    ],
  ])('is held up by no row that %s', async (_, idOf) => {
    const named = (id: string, at: number) => ({ id, at, ...(id !== 'bad' && { name: id }) })
    const { backend, disk, told, errors, sync, restart } = setUp({ idOf })
    backend.put(named('a', START), named('bad', START + 1), named('b', START + 2), named('bad', START + 3))
    expect(await sync.sync()).toBe(2)
    expect(disk.position?.timestamp).toBe(START + 2)
    expect(await restart().sync()).toBe(0)
    expect([told, errors]).toEqual([
      ['a', 'b'],
      ['bad_entry', 'bad_entry'],
    ])
  })

  it('takes nothing of a page that is not oldest first: its position would pass what was never sent', async () => {
    const { disk, told, sync } = setUp({
      fetchPage: async () => ({ messages: many(10, (n) => START - n), hasMore: true }),
    })
    await expect(sync.sync()).rejects.toEqual(coded('bad_frame'))
    expect([told.length, disk.position]).toEqual([0, undefined])
  })

  it('reads everything again when the stored position is damaged, and says so', async () => {
    const disk = createDisk()
    disk.position = JSON.parse('{"timestamp":"5","seen":null}')
    const { backend, errors, sync } = setUp({}, createBackend(), disk)
    backend.put(...many(3, (n) => START + n))
    expect(await sync.sync()).toBe(3)
    expect(errors).toEqual(['bad_record'])
  })

  it('tells every row once, whatever the times and page sizes, over runs between which rows are added', async () => {
    const batch = fc.array(fc.nat(30), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(batch, { maxLength: 4 }),
        fc.integer({ min: 1, max: 9 }),
        async (batches, limit) => {
          const { backend, told, restart } = setUp({ limit })
          let n = 0
          for (const times of batches) {
            for (const at of times) backend.put({ id: `r${n++}`, at: START + at * 1_000 })
            await restart().sync()
            expect([...told].sort()).toEqual(backend.rows.map((row) => row.id).sort())
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  it('makes stamps of timestamps that sort as they do', () => {
    expect(stampOfTimestamp(START)).toMatch(STAMP_PATTERN)
    expect(stampOfTimestamp(START) < stampOfTimestamp(START + 1)).toBe(true)
  })
})
