import { describe, expect, it } from 'vitest'
import { createMemoryStorage } from '../../../src/adapters/memory.js'
import { createLog } from '../../../src/core/messages/log.js'
import { readFromDisk } from '../../../src/core/messages/newest.js'
import { createRoomDisk } from '../../../src/core/messages/room-disk.js'
import type { Store } from '../../../src/core/seams/storage.js'
import { end, entry } from './synced.js'

const ROOM = 'general'
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

/** A disk with a room of a log as long as `upTo`, of which these positions are messages; and what is asked of it from then on. */
async function room(upTo: number, shown: readonly number[]) {
  const store = await createMemoryStorage().open('cache')
  const calls: string[] = []
  const bad: number[] = []
  const watched: Store = {
    ...store,
    read: (keys) => {
      calls.push('read')
      return store.read(keys)
    },
    scan: (...ranges) => {
      calls.push('scan')
      return store.scan(...ranges)
    },
  }
  const log = createLog({
    ...{ open: async () => watched, now: () => 0, onGrown: () => undefined },
    onBadRecord: (_, rows) => void bad.push(rows),
  })
  await log.follow(ROOM, null, { entries: shown.map(entry), end: end(upTo) })
  const disk = createRoomDisk(ROOM, log, () => undefined)
  calls.length = 0
  return { store, log, disk, calls, bad }
}

async function newestOf(disk: Awaited<ReturnType<typeof room>>['disk']) {
  const { from, position, messages } = await readFromDisk(disk)
  return { from, upTo: position?.seq, seqs: messages.map(({ seq }) => seq) }
}

describe('the newest end of a room', () => {
  it('is nothing where nothing is known', async () => {
    const { disk } = await room(0, [])
    await disk.drop()
    expect(await newestOf(disk)).toEqual({ from: 1, upTo: undefined, seqs: [] })
  })

  it('is the last hundred, brought by one question, wherever blocks end', async () => {
    for (const upTo of [127, 128, 130, 227, 228, 1_000]) {
      const { disk, calls } = await room(upTo, numbers(1, upTo))
      expect(await newestOf(disk)).toEqual({ from: upTo - 99, upTo, seqs: numbers(upTo - 99, upTo) })
      expect(calls).toEqual(['scan'])
    }
  })

  it('is all of a short room, from its start', async () => {
    const { disk, calls } = await room(140, numbers(101, 140))
    expect(await newestOf(disk)).toEqual({ from: 1, upTo: 140, seqs: numbers(101, 140) })
    expect(calls.filter((call) => call === 'scan')).not.toHaveLength(0)
  })

  it('is a hundred all the same where little of the log is shown', async () => {
    const every10th = numbers(1, 300).map((n) => n * 10)
    const { disk } = await room(3_000, every10th)
    const { from, upTo, seqs } = await newestOf(disk)
    expect(upTo).toBe(3_000)
    expect(seqs.length).toBeGreaterThanOrEqual(100)
    expect(seqs).toEqual(every10th.filter((seq) => seq >= from))
  })

  it('ends at a gap, and leaves what lies before it', async () => {
    const { log, disk } = await room(50, numbers(1, 50))
    const range = { after: 100, afterCursor: 'c100', upTo: 160, cursor: 'c160' }
    await log.insert(ROOM, { range, entries: numbers(101, 160).map(entry), head: 160 })
    expect(await newestOf(disk)).toEqual({ from: 101, upTo: 160, seqs: numbers(101, 160) })
  })

  it('shows nothing in the place of what cannot be read, and tells of it', async () => {
    const { store, disk, bad } = await room(1_000, numbers(1, 1_000))
    const [last] = await store.scan({ gte: 'b/', lt: 'b0', limit: 1, reverse: true })
    const spoiled = (value: unknown) => (Array.isArray(value) ? value.map(() => 'no message') : [])
    if (last === undefined) throw new Error('There is no block.')
    const [key, value] = last
    await store.transact(
      [],
      () => ({
        changes: [{ put: key, value: { v: 1, m: spoiled(Reflect.get(Object(value), 'm')) } }],
        result: null,
      }),
      'relaxed',
    )
    const { seqs } = await newestOf(disk)
    expect(seqs.every((seq) => seq < 896)).toBe(true)
    expect(bad[0]).toBe(100)
  })
})
