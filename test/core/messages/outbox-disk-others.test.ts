import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { acknowledge, attempt, discard, park, reopen } from '../../../src/core/messages/transitions.js'
import { entry, profile } from './profile.js'

describe('the outbox on disk', () => {
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
