import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import type { Written } from '../../../src/core/messages/outbox-ledger.js'
import { discard, park } from '../../../src/core/messages/transitions.js'
import { compareText } from '../../../src/protocol/index.js'
import { entry, ids, profile } from './profile.js'

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
})
