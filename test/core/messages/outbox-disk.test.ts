import { describe, expect, it } from 'vitest'
import type { TidingsError } from '../../../src/core/errors.js'
import { LIMITS } from '../../../src/core/limits.js'
import type { Entry } from '../../../src/core/messages/entry.js'
import { createOutboxDisk } from '../../../src/core/messages/outbox-disk.js'
import type { Written } from '../../../src/core/messages/outbox-ledger.js'
import { readGroup } from '../../../src/core/messages/outbox-records.js'
import { acknowledge, attempt, discard, park, reopen } from '../../../src/core/messages/transitions.js'
import type { Durability, Store } from '../../../src/core/seams/storage.js'
import { compareText, formatStamp } from '../../../src/protocol/index.js'
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
  const puts: string[] = []
  /** How long what is read takes to arrive, and a write to begin, ms. */
  const slow = { scansMs: 0, writesMs: 0 }
  const pause = (ms: number) =>
    ms > 0 ? new Promise<void>((resolve) => void timeline.clock().after(ms, resolve)) : undefined
  let tabs = 0

  function tab() {
    const storage = disk.storage()
    const written: Written[] = []
    const overdue: string[] = []
    const errors: TidingsError[] = []
    const deposed: null[] = []
    const durabilities: Durability[] = []
    const reads: (readonly string[])[] = []
    let opened: Promise<Store> | undefined
    const watched = async (): Promise<Store> => {
      const store = await storage.open('outbox')
      return {
        ...store,
        async scan(range) {
          const rows = await store.scan(range)
          await pause(slow.scansMs)
          return rows
        },
        async transact(keys, fn, durability) {
          if (slow.writesMs > 0) await pause(slow.writesMs)
          durabilities.push(durability)
          reads.push(keys)
          const watched: typeof fn = (values) => {
            const decided = fn(values)
            for (const change of decided.changes) if ('put' in change) puts.push(change.put)
            return decided
          }
          return store.transact(keys, watched, durability)
        },
      }
    }
    const outbox = createOutboxDisk({
      open() {
        opened ??= watched()
        return opened
      },
      clock: timeline.clock(),
      tab: `tab${tabs++}`,
      onWritten: (more) => void written.push(...more),
      onOverdue: (ids) => void overdue.push(...ids),
      onDeposed: () => void deposed.push(null),
      onError: (error) => void errors.push(error),
    })
    return { outbox, written, overdue, deposed, errors, durabilities, reads }
  }

  const records = () => disk.entries('outbox').filter(([key]) => key.startsWith('e/'))
  return {
    timeline,
    disk,
    tab,
    slow,
    /** Keys in the order in which they were written. */
    puts,
    /** Ids in the records, record by record. */
    stored: () => records().map(([, value]) => readGroup(value).entries.map(({ id }) => id)),
    /** What a tab that starts now would read. */
    async read(): Promise<readonly (Entry | null)[]> {
      const { outbox, written } = tab()
      await outbox.load()
      return written.toSorted((a, b) => compareText(a.order, b.order)).map((one) => one.entry)
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
    expect([...orders.values()].toSorted(compareText)).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => orders.get(`op${n}`)),
    )
    await one.outbox.change(['op1', 'op2', 'op3', 'op4', 'op5', 'op6'], discard)
    expect(p.stored()).toEqual([])
    one.outbox.append(entry(7))
    await p.timeline.settle()
    const last = [...orders.values()].toSorted(compareText).at(-1) ?? ''
    expect(compareText(one.written.at(-1)?.order ?? '', last)).toBe(1)
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

  it('adds without a look at what is there, once it knows where it stands', async () => {
    const p = profile()
    const { outbox, reads } = p.tab()
    await outbox.load()
    outbox.append(entry(1))
    await p.timeline.settle()
    outbox.append(entry(2))
    outbox.append(entry(3))
    await p.timeline.settle()
    // The first one of all leaves a mark, by which an emptied store is known.
    expect(reads).toEqual([['m'], []])
    expect(p.stored()).toEqual([['op1'], ['op2', 'op3']])
  })

  it('S85: puts a tab that was never told to load behind what others wrote before', async () => {
    const p = profile()
    const one = p.tab()
    for (const n of [1, 2, 3]) {
      one.outbox.append(entry(n))
      await p.timeline.settle()
    }
    await one.outbox.change(['op3'], discard)
    p.tab().outbox.append(entry(4))
    await p.timeline.settle()
    expect((await p.read()).map((found) => found?.body)).toEqual([1, 2, 4])
  })

  it('S85: keeps what two tabs write without having seen each other, in one order for both', async () => {
    const p = profile(20)
    const [one, two] = [p.tab(), p.tab()]
    const loaded = Promise.all([one.outbox.load(), two.outbox.load()])
    await p.timeline.advance(100)
    await loaded
    two.outbox.append(entry(1))
    one.outbox.append(entry(2))
    await p.timeline.advance(5)
    // Written while the first is under way: behind it, whatever the other tab does.
    two.outbox.append(entry(3))
    await p.timeline.advance(200)
    const orders = (written: readonly Written[]) =>
      new Map(written.filter(({ id }) => id !== '').map(({ id, order }) => [id, order]))
    const [seen, seenToo] = [orders(one.written), orders(two.written)]
    expect(seen.size).toBe(3)
    expect([...seen].toSorted()).toEqual([...seenToo].toSorted())
    expect(compareText(seen.get('op3') ?? '', seen.get('op1') ?? '')).toBe(1)
    one.outbox.append(entry(4))
    await p.timeline.advance(100)
    for (const n of [1, 2, 3])
      expect(compareText(one.written.at(-1)?.order ?? '', seen.get(`op${n}`) ?? '')).toBe(1)
  })

  it('reads what was stored before records had the name of their tab and rows were texts', async () => {
    const p = profile()
    const storage = p.disk.storage()
    const store = await storage.open('outbox')
    const old = (n: number) => ({ put: `e/000000000${n}`, value: { v: 1, e: [{ ...entry(n) }] } })
    const mark = { put: 'm', value: { v: 1, next: 3, stamp: entry(9).stamp } }
    await store.transact([], () => ({ changes: [old(1), old(2), mark], result: null }), 'strict')
    const { outbox } = p.tab()
    await outbox.load()
    outbox.append(entry(3))
    await outbox.change(['op1'], park)
    expect(await p.read()).toMatchObject([
      { id: 'op1', state: 'unknown' },
      { id: 'op2', state: 'queued' },
      { id: 'op3', state: 'queued' },
    ])
    expect(outbox.largestStamp()).toBe(entry(9).stamp)
  })

  const acked = { messageId: 'm1', seq: 1, stamp: entry(1).stamp, ts: 5, at: 5 }

  it('writes what the server would tell again a moment later, and no message waits for that', async () => {
    const p = profile()
    const { outbox, reads } = p.tab()
    for (const n of [1, 2]) {
      outbox.append(entry(n))
      await p.timeline.settle()
    }
    const before = p.disk.commits
    outbox.note('op1', acknowledge(acked))
    outbox.append(entry(3))
    await p.timeline.settle()
    expect(p.disk.commits).toBe(before + 1)
    expect(reads.at(-1)).toEqual([])
    expect(await p.read()).toMatchObject([{ state: 'queued' }, { state: 'queued' }, { state: 'queued' }])
    outbox.note('op2', acknowledge({ ...acked, messageId: 'm2', seq: 2 }))
    await p.timeline.advance(LIMITS.noteWithinMs)
    expect(p.disk.commits).toBe(before + 2)
    expect(await p.read()).toMatchObject([{ state: 'acked' }, { state: 'acked' }, { state: 'queued' }])
    outbox.note('op3', acknowledge({ ...acked, messageId: 'm3', seq: 3 }))
    outbox.close(true)
    await p.timeline.settle()
    expect(await p.read()).toMatchObject([{ state: 'acked' }, { state: 'acked' }, { state: 'acked' }])
  })

  it('writes it also while messages are sent without a pause', async () => {
    const p = profile()
    const { outbox } = p.tab()
    outbox.append(entry(1))
    await p.timeline.settle()
    outbox.note('op1', acknowledge(acked))
    for (let n = 2; n < 2 + LIMITS.noteWithinMs; n++) {
      outbox.append(entry(n))
      await p.timeline.advance(1)
    }
    await p.timeline.settle()
    expect((await p.read())[0]).toMatchObject({ id: 'op1', state: 'acked' })
  })

  it('keeps what was noted before what is changed after it', async () => {
    const p = profile()
    const { outbox } = p.tab()
    outbox.append(entry(1))
    await p.timeline.settle()
    outbox.note('op1', acknowledge(acked))
    const done = outbox.change(['op1'], reopen)
    await p.timeline.settle()
    await done
    expect(await p.read()).toMatchObject([{ state: 'queued', reopened: true }])
  })

  it('writes nothing where another tab has written the same', async () => {
    const p = profile()
    const [one, two] = [p.tab(), p.tab()]
    one.outbox.append(entry(1))
    await p.timeline.settle()
    await two.outbox.load()
    one.outbox.note('op1', acknowledge(acked))
    two.outbox.note('op1', acknowledge(acked))
    await p.timeline.advance(LIMITS.noteWithinMs)
    await p.timeline.settle()
    expect(p.puts.filter((key) => key.startsWith('e/'))).toHaveLength(2)
  })

  it('puts back what was there when it finds the store emptied', async () => {
    const p = profile()
    const { outbox } = p.tab()
    for (const n of [1, 2]) {
      outbox.append(entry(n))
      await p.timeline.settle()
    }
    const store = await p.disk.storage().open('outbox')
    const all = { delRange: ['', '\uffff'] as const }
    await store.transact([], () => ({ changes: [all], result: null }), 'strict')
    await outbox.change(['op2'], park)
    expect(await p.read()).toMatchObject([{ id: 'op1' }, { id: 'op2', state: 'unknown' }])
  })
})

describe('a tab that leads', () => {
  const settled = { messageId: 'm1', seq: 1, stamp: formatStamp(1, 0, 'some-clock-'), ts: 1_000, at: 2_000 }
  const claims = async (p: ReturnType<typeof profile>) => (await p.read()).map((one) => one?.claim?.by)

  it('takes over what others claimed, and who led before it can claim nothing more and is told', async () => {
    const p = profile()
    const [old, young] = [p.tab(), p.tab()]
    old.outbox.lead(true)
    old.outbox.append(entry(1))
    old.outbox.append(entry(2))
    await p.timeline.settle()
    await old.outbox.change(['op1'], attempt('old', 1_000, 0))
    await young.outbox.load()
    young.outbox.lead(true)
    await young.outbox.change(['op1'], attempt('young', 1_001, 0))
    expect(await claims(p)).toEqual(['young', undefined])
    // It was frozen meanwhile, and still believes that it leads.
    await old.outbox.change(['op1', 'op2'], attempt('old', 1_002, 0))
    expect(await claims(p)).toEqual(['young', undefined])
    expect([old.deposed.length, young.deposed.length]).toEqual([1, 0])
    // What it has to tell about an entry counts as ever.
    await old.outbox.change(['op1'], acknowledge(settled))
    expect((await p.read())[0]?.state).toBe('acked')
  })

  it('is known by the disk also after everything was settled and forgotten', async () => {
    const p = profile()
    const [old, young] = [p.tab(), p.tab()]
    old.outbox.lead(true)
    await p.timeline.settle()
    young.outbox.lead(true)
    young.outbox.append(entry(1))
    await p.timeline.settle()
    await young.outbox.change(['op1'], discard)
    old.outbox.append(entry(2))
    await p.timeline.settle()
    await old.outbox.change(['op2'], attempt('old', 1_002, 0))
    expect(await claims(p)).toEqual([undefined])
    expect(old.deposed).toHaveLength(1)
  })

  it('says so at once, in a write that it shares', async () => {
    const p = profile()
    const { outbox } = p.tab()
    outbox.append(entry(1))
    outbox.lead(true)
    await p.timeline.settle()
    expect(p.disk.commits).toBe(1)
    outbox.lead(true)
    await p.timeline.settle()
    expect(p.disk.commits).toBe(2)
  })
})

describe('a disk that does not answer', () => {
  it('is looked at again and again, with one timer, and no more once the outbox is closed', async () => {
    const timeline = createTimeline()
    let asked = 0
    const outbox = createOutboxDisk({
      open() {
        asked += 1
        return Promise.reject(new Error('no disk'))
      },
      clock: timeline.clock(),
      tab: 'tab',
      onWritten: () => {},
      onOverdue: () => {},
      onDeposed: () => {},
      onError: () => {},
    })
    await expect(outbox.load()).rejects.toThrow('no disk')
    await timeline.advance(60_000)
    expect(asked).toBeGreaterThan(3)
    expect(timeline.pending).toBe(1)
    outbox.close(true)
    expect(timeline.pending).toBe(0)
    const before = asked
    await timeline.advance(600_000)
    expect(asked).toBe(before)
  })
})

describe('a look at the disk while something is written', () => {
  const statesOf = (written: readonly Written[]) =>
    written.flatMap(({ id, entry: found }) => (id === 'op1' ? (found?.state ?? null) : []))

  it.each([
    ['was committed after it began', { scansMs: 100, writesMs: 0 }],
    ['is being committed', { scansMs: 0, writesMs: 100 }],
  ])('does not take back what %s', async (_, slow) => {
    const p = profile()
    const { outbox, written } = p.tab()
    outbox.append(entry(1))
    await p.timeline.advance(100)
    Object.assign(p.slow, slow)
    const before = written.length
    const change = () => void outbox.change(['op1'], park)
    if (slow.writesMs > 0) change()
    void outbox.look()
    await p.timeline.advance(10)
    if (slow.scansMs > 0) change()
    await p.timeline.advance(500)
    expect(statesOf(written.slice(before)).every((state) => state === 'unknown')).toBe(true)
    expect(statesOf(written).at(-1)).toBe('unknown')
  })

  it('finds out what another tab took out, when its news were lost', async () => {
    const p = profile()
    const [one, other] = [p.tab(), p.tab()]
    await Promise.all([one.outbox.load(), other.outbox.load()])
    one.outbox.append(entry(1))
    await p.timeline.advance(100)
    p.disk.deafen(true)
    await one.outbox.change(['op1'], discard)
    expect(statesOf(other.written)).toEqual(['queued'])
    await other.outbox.look()
    expect(other.written.at(-1)).toMatchObject({ id: 'op1', entry: null })
  })
})
