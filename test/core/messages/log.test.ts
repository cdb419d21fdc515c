import { describe, expect, it } from 'vitest'
import { createMemoryStorage } from '../../../src/adapters/memory.js'
import { createLog, type Log } from '../../../src/core/messages/log.js'
import type { Position } from '../../../src/core/messages/ranges.js'
import type { Storage, Store } from '../../../src/core/seams/storage.js'
import { formatStamp, type LogEntry } from '../../../src/protocol/index.js'
import { createMemoryDisk } from '../../../src/testing/index.js'

const ROOM = 'general'
const at = (seq: number): Position => ({ seq, cursor: `c${seq}` })

const create = (seq: number): LogEntry => ({
  seq,
  messageId: `m${seq}`,
  id: `o${seq}`,
  from: 'alice',
  stamp: formatStamp(1_000 + seq, 0, 'node-of-ali'),
  ts: 1_000 + seq,
  kind: 'create',
  body: `text ${seq}`,
})
const edit = (seq: number, of: number): LogEntry => {
  const { messageId, stamp } = create(of)
  return { ...create(seq), kind: 'edit', body: `edited by ${seq}`, target: { messageId, seq: of, stamp } }
}

/** A context's log on a shared disk, and the keys that its transactions read. */
async function tab(storage: Storage) {
  const store = await storage.open('cache')
  const read: string[][] = []
  const bad: number[] = []
  const watched: Store = {
    ...store,
    transact(keys, fn, durability) {
      read.push([...keys])
      return store.transact(keys, fn, durability)
    },
  }
  return {
    log: createLog({
      ...{ open: async () => watched, now: () => 0 },
      ...{ onBadRecord: (_, rows) => void bad.push(rows), onGrown: () => undefined },
    }),
    read,
    bad,
  }
}

const follow = (log: Log, entry: LogEntry) =>
  log.follow(ROOM, entry.seq === 1 ? null : at(entry.seq - 1), { entries: [entry], end: at(entry.seq) })

const bodies = async (log: Log) => (await log.read(ROOM, 1, 1_000)).map(({ seq, body }) => [seq, body])

describe('the log of a room', () => {
  it('does not read again what it wrote itself, and keeps all of it', async () => {
    const { log, read } = await tab(createMemoryStorage())
    for (let seq = 1; seq <= 300; seq++) await follow(log, seq % 10 === 0 ? edit(seq, seq - 1) : create(seq))
    const messages = await log.read(ROOM, 1, 1_000)
    expect(messages.map(({ seq }) => seq)).toEqual(
      Array.from({ length: 300 }, (_, i) => i + 1).filter((seq) => seq % 10 !== 0),
    )
    expect(messages.filter(({ edited }) => edited).map(({ body }) => body)).toEqual(
      Array.from({ length: 30 }, (_, i) => `edited by ${(i + 1) * 10}`),
    )
    // Once for each of the three blocks, and the room's record each time.
    expect(read.filter((keys) => keys.length > 1).length).toBeLessThanOrEqual(3)
  })

  it('loses nothing of what another tab wrote in between', async () => {
    const storage = createMemoryStorage()
    const [here, there] = [await tab(storage), await tab(storage)]
    for (let seq = 1; seq <= 40; seq++) {
      const { log } = seq % 3 === 0 ? there : here
      const entry = seq % 7 === 0 ? edit(seq, seq - 1) : create(seq)
      expect((await follow(log, entry)).outcome).toBe('written')
    }
    const alone = await tab(createMemoryStorage())
    for (let seq = 1; seq <= 40; seq++)
      await follow(alone.log, seq % 7 === 0 ? edit(seq, seq - 1) : create(seq))
    expect(await bodies(here.log)).toEqual(await bodies(alone.log))
    expect(await bodies(here.log)).toHaveLength(35)
    expect((await follow(here.log, create(40))).outcome).toBe('ahead')
  })

  it('begins anew after the disk was emptied under it', async () => {
    const storage = createMemoryStorage()
    const { log } = await tab(storage)
    for (let seq = 1; seq <= 5; seq++) await follow(log, create(seq))
    const other = await storage.open('cache')
    await other.transact([], () => ({ changes: [{ delRange: ['', '\uffff'] }], result: null }), 'strict')
    expect((await follow(log, create(6))).outcome).toBe('behind')
    expect(await bodies(log)).toEqual([])
  })

  it('reads nothing to go on from one block to the next', async () => {
    const { log, read } = await tab(createMemoryStorage())
    await follow(log, create(1))
    read.length = 0
    const rest = Array.from({ length: 299 }, (_, i) => create(i + 2))
    for (let i = 0; i < rest.length; i += 50) {
      const entries = rest.slice(i, i + 50)
      const end = at(entries.at(-1)?.seq ?? 0)
      await log.follow(ROOM, at((entries[0]?.seq ?? 0) - 1), { entries, end })
    }
    expect(new Set(read.flat())).toEqual(new Set([`r/${ROOM}`]))
    expect((await log.read(ROOM, 1, 1_000)).map(({ seq }) => seq)).toEqual([1, ...rest.map(({ seq }) => seq)])
  })

  it('reads a block behind a page that lies below what it holds', async () => {
    const { log } = await tab(createMemoryStorage())
    const span = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, i) => create(from + i))
    const page = (after: number, upTo: number, entries = span(after + 1, upTo)) => ({
      range: { after, afterCursor: `c${after}`, upTo, cursor: `c${upTo}` },
      entries,
      head: 1_000,
    })
    await log.insert(ROOM, page(129, 400))
    // The newest block that it writes is not the room's newest: the next one holds messages already.
    await log.insert(ROOM, page(19, 29))
    await log.insert(ROOM, page(29, 129, [...span(30, 129), edit(129, 131)].slice(0, 100)))
    expect((await log.read(ROOM, 1, 1_000)).map(({ seq }) => seq)).toEqual(
      span(20, 400).map(({ seq }) => seq),
    )
  })

  it('refuses a page that shows messages as they were before what the disk has passed', async () => {
    const { log } = await tab(createMemoryStorage())
    const [range, entries] = [{ after: 10, afterCursor: 'c10', upTo: 11, cursor: 'c11' }, [create(11)]]
    expect(await log.insert(ROOM, { range, entries, head: 11 })).toBeDefined()
    const older = { after: 4, afterCursor: 'c4', upTo: 5, cursor: 'c5' }
    expect(await log.insert(ROOM, { range: older, entries: [create(5)], head: 10 })).toBeUndefined()
    expect(await log.read(ROOM, 1, 9)).toEqual([])
    expect(await log.insert(ROOM, { range: older, entries: [create(5)], head: 11 })).toBeDefined()
    expect((await log.read(ROOM, 1, 9)).map(({ seq }) => seq)).toEqual([5])
  })

  it('finds messages in whose text a text occurs, and looks at no others', async () => {
    const { log } = await tab(createMemoryStorage())
    const entries = Array.from({ length: 300 }, (_, i) => create(i + 1))
    await log.follow(ROOM, null, { entries, end: { seq: 300, cursor: 'c300' } })
    const wanted = JSON.stringify(create(200).messageId)
    expect((await log.search(ROOM, 1, 300, wanted)).map(({ seq }) => seq)).toEqual([200])
    expect(await log.search(ROOM, 1, 199, wanted)).toEqual([])
  })
})

describe('a block that cannot be read', () => {
  const ruined = async () => {
    const disk = createMemoryDisk()
    const { log } = await tab(disk.storage())
    for (let seq = 1; seq <= 20; seq++) await follow(log, create(seq))
    const [key] = disk.entries('cache').find(([name]) => name.startsWith('b/')) ?? []
    disk.corrupt('cache', key ?? '', 'ruin')
    const other = await tab(disk.storage())
    const claimed = async () => (await log.load(ROOM)).ranges
    return { ...other, claimed }
  }

  it('takes the room with it when it is written: nothing is claimed that is not there', async () => {
    const { log, bad, claimed } = await ruined()
    const { outcome, state } = await follow(log, create(21))
    expect([outcome, state.ranges, bad]).toEqual(['behind', [], [1]])
    expect([await claimed(), await bodies(log)]).toEqual([[], []])
    expect((await follow(log, create(1))).outcome).toBe('written')
    expect(await bodies(log)).toEqual([[1, 'text 1']])
  })

  it('takes the room with it when a page comes that lies there', async () => {
    const { log, bad, claimed } = await ruined()
    const range = { after: 24, afterCursor: 'c24', upTo: 25, cursor: 'c25' }
    expect(await log.insert(ROOM, { range, entries: [create(25)], head: 25 })).toBeUndefined()
    expect([await claimed(), await bodies(log), bad]).toEqual([[], [], [1]])
  })

  it('leaves nothing to fall back to', async () => {
    const { log, bad, claimed } = await ruined()
    expect((await log.cut(ROOM, at(17), 0))?.ranges).toEqual([])
    expect([await claimed(), await bodies(log), bad]).toEqual([[], [], [1]])
  })
})
