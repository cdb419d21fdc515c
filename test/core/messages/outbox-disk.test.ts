import { describe, expect, it } from 'vitest'
import type { TidingsError } from '../../../src/core/errors.js'
import { LIMITS } from '../../../src/core/limits.js'
import type { Entry } from '../../../src/core/messages/entry.js'
import { createOutboxDisk, type Written } from '../../../src/core/messages/outbox-disk.js'
import { attempt, discard, park } from '../../../src/core/messages/transitions.js'
import type { Durability, Store } from '../../../src/core/seams/storage.js'
import { formatStamp } from '../../../src/protocol/index.js'
import { createMemoryDisk } from '../../../src/testing/memory-disk.js'
import { createTimeline } from '../../../src/testing/timeline.js'

const entry = (n: number): Entry => ({
  ...{ id: `op${n}`, room: 'general', kind: 'create', stamp: formatStamp(n, 0, 'some-clock-'), body: n },
  ...{ createdAt: 1_000, bytes: 1, attempts: 0, at: 0, state: 'queued' },
})

/** A profile's disk, and as many tabs on it as a test opens. */
function profile(latencyMs = 0) {
  const timeline = createTimeline()
  const disk = createMemoryDisk({ clock: timeline.clock(), latencyMs })

  function tab() {
    const storage = disk.storage()
    const written: Written[] = []
    const overdue: string[] = []
    const errors: TidingsError[] = []
    const durabilities: Durability[] = []
    let opened: Promise<Store> | undefined
    const watched = async (): Promise<Store> => {
      const store = await storage.open('outbox')
      return {
        ...store,
        transact(keys, fn, durability) {
          durabilities.push(durability)
          return store.transact(keys, fn, durability)
        },
      }
    }
    const outbox = createOutboxDisk({
      open() {
        opened ??= watched()
        return opened
      },
      clock: timeline.clock(),
      onWritten: (more) => void written.push(...more),
      onOverdue: (ids) => void overdue.push(...ids),
      onError: (error) => void errors.push(error),
    })
    return { outbox, written, overdue, errors, durabilities }
  }

  const records = () => disk.entries('outbox').filter(([key]) => key.startsWith('e/'))
  return {
    timeline,
    disk,
    tab,
    /** Ids in the records, record by record. */
    stored: () =>
      records().map(([, value]) => Array.from(Reflect.get(Object(value), 'e') as Entry[], ({ id }) => id)),
    /** What a tab that starts now would read. */
    async read(): Promise<readonly (Entry | null)[]> {
      const loaded = await tab().outbox.load()
      return loaded.toSorted((a, b) => a.order - b.order).map((one) => one.entry)
    },
  }
}

const ids = (written: readonly Written[]) => written.map(({ id }) => id)

describe('the outbox on disk', () => {
  it('puts what one tick brings into one record and one commit that the platform is asked to flush', async () => {
    const p = profile()
    const { outbox, written, durabilities } = p.tab()
    for (const n of [1, 2, 3]) outbox.append(entry(n))
    await p.timeline.settle()
    expect(p.stored()).toEqual([['op1', 'op2', 'op3']])
    expect(p.disk.commits).toBe(1)
    expect(ids(written)).toEqual(['op1', 'op2', 'op3'])
    await outbox.change(['op2'], park)
    // What only settles or marks an entry may be lost with the power: it is found out again.
    expect(durabilities).toEqual(['strict', 'relaxed'])
  })

  it('cuts many into records of 50, in order', async () => {
    const p = profile()
    const { outbox } = p.tab()
    const all = Array.from({ length: 2 * LIMITS.batchEntries + 1 }, (_, i) => i + 1)
    for (const n of all) outbox.append(entry(n))
    await p.timeline.settle()
    expect(p.stored().map((record) => record.length)).toEqual([50, 50, 1])
    expect((await p.read()).map((one) => one?.id)).toEqual(all.map((n) => `op${n}`))
  })

  it('S85: orders what several tabs write by a stored counter, also after all of it was taken away', async () => {
    const p = profile()
    const [one, two] = [p.tab(), p.tab()]
    await Promise.all([one.outbox.load(), two.outbox.load()])
    for (const n of [1, 2, 3, 4, 5, 6]) {
      const { outbox } = n % 2 === 0 ? one : two
      outbox.append(entry(n))
      await p.timeline.settle()
    }
    expect((await p.read()).map((found) => found?.body)).toEqual([1, 2, 3, 4, 5, 6])
    const orders = new Map([...one.written, ...two.written].map(({ id, order }) => [id, order]))
    expect([...orders.values()].toSorted((a, b) => a - b)).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => orders.get(`op${n}`)),
    )
    await one.outbox.change(['op1', 'op2', 'op3', 'op4', 'op5', 'op6'], discard)
    expect(p.stored()).toEqual([])
    one.outbox.append(entry(7))
    await p.timeline.settle()
    expect(one.written.at(-1)?.order).toBeGreaterThan(Math.max(...orders.values()))
  })

  it('changes an entry that waits for its first write before it is written', async () => {
    const p = profile()
    const { outbox } = p.tab()
    outbox.append(entry(1))
    outbox.append(entry(2))
    const done = outbox.change(['op1'], discard)
    await p.timeline.settle()
    await done
    expect(p.stored()).toEqual([['op2']])
  })

  it('changes an entry whose first write is under way, also when that fails', async () => {
    const p = profile(10)
    const { outbox } = p.tab()
    p.disk.abortNext()
    outbox.append(entry(1))
    await p.timeline.advance(5)
    void outbox.change(['op1'], park)
    await p.timeline.advance(5_000)
    const read = p.read()
    await p.timeline.advance(100)
    expect(await read).toMatchObject([{ id: 'op1', state: 'unknown' }])
  })

  it('keeps changes that wait for their commit on top of what another tab writes meanwhile', async () => {
    const p = profile()
    const [one, two] = [p.tab(), p.tab()]
    one.outbox.append(entry(1))
    await p.timeline.settle()
    await one.outbox.load()
    await two.outbox.load()
    p.disk.abortNext()
    void one.outbox.change(['op1'], park)
    await p.timeline.settle()
    await two.outbox.change(['op1'], attempt('two', 5_000, 0))
    await p.timeline.settle()
    // Another tab's write must not make it look as if ours had never been.
    expect(one.written.at(-1)?.entry).toMatchObject({ state: 'unknown' })
    await p.timeline.advance(2_000)
    expect(await p.read()).toMatchObject([{ state: 'unknown', attempts: 1 }])
    expect(two.written.at(-1)?.entry).toMatchObject({ state: 'unknown' })
  })

  it('tries again after a pause when a commit fails, tells once, keeps order, and lets messages leave meanwhile', async () => {
    const p = profile()
    const { outbox, errors, overdue } = p.tab()
    p.disk.abortNext('quota', 3)
    outbox.append(entry(1))
    await p.timeline.settle()
    outbox.append(entry(2))
    expect(overdue).toEqual(['op1', 'op2'])
    await p.timeline.advance(999)
    expect(p.disk.commits).toBe(0)
    outbox.append(entry(3))
    await p.timeline.advance(10_000)
    expect(p.stored()).toEqual([['op1', 'op2', 'op3']])
    expect(errors.map(({ code }) => code)).toEqual(['storage'])
    p.disk.abortNext()
    outbox.append(entry(4))
    await p.timeline.settle()
    expect(errors).toHaveLength(2)
  })

  it('knows the largest stamp that the profile ever gave, also when its operation is gone', async () => {
    const p = profile()
    const { outbox } = p.tab()
    outbox.append(entry(9))
    outbox.append(entry(3))
    await p.timeline.settle()
    await outbox.change(['op9', 'op3'], discard)
    const later = p.tab()
    await later.outbox.load()
    expect(later.outbox.largestStamp()).toBe(entry(9).stamp)
  })

  it('runs its transactions twice without harm', async () => {
    const p = profile()
    const { outbox } = p.tab()
    p.disk.rerunNext(10)
    outbox.append(entry(1))
    await p.timeline.settle()
    await outbox.change(['op1'], attempt('one', 5_000, 0))
    expect(await p.read()).toMatchObject([{ attempts: 1 }])
    expect(p.stored()).toEqual([['op1']])
  })
})
