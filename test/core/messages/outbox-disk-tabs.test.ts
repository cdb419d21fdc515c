import { describe, expect, it } from 'vitest'
import { createOutboxDisk } from '../../../src/core/messages/outbox-disk.js'
import type { Written } from '../../../src/core/messages/outbox-ledger.js'
import { acknowledge, attempt, discard, park } from '../../../src/core/messages/transitions.js'
import { formatStamp } from '../../../src/protocol/index.js'
import { createTimeline } from '../../../src/testing/timeline.js'
import { entry, profile } from './profile.js'

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
