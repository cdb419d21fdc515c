import { describe, expect, it } from 'vitest'
import { createMemoryStorage } from '../../../src/adapters/memory.js'
import { LIMITS } from '../../../src/core/limits.js'
import { createKeeper } from '../../../src/core/messages/keeper.js'
import { createLog } from '../../../src/core/messages/log.js'
import type { Store } from '../../../src/core/seams/storage.js'
import { formatStamp, type LogEntry } from '../../../src/protocol/index.js'
import { createTimeline } from '../../../src/testing/index.js'

const entry = (seq: number): LogEntry => ({
  ...{ seq, messageId: `m${seq}`, id: `o${seq}`, from: 'bob', ts: seq * 1_000, kind: 'create', body: seq },
  stamp: formatStamp(seq * 1_000, 0, 'bobs-clock-'),
})
const end = (seq: number) => ({ seq, cursor: `c${seq}` })

/** The replica of a room that was synced whole, with what it reads of the disk and tells of itself. */
async function synced(count: number) {
  const store = await createMemoryStorage().open('cache')
  const costs = { rows: 0, reads: 0, changes: 0 }
  const watched: Store = {
    ...store,
    async scan(range) {
      const rows = await store.scan(range)
      costs.rows += rows.length
      costs.reads += 1
      return rows
    },
  }
  const log = createLog({
    ...{ open: async () => watched, now: () => 0 },
    ...{ onBadRecord: () => undefined, onGrown: () => undefined },
  })
  for (let seq = 1; seq <= count; seq += 1_000) {
    const last = Math.min(count, seq + 999)
    const entries = Array.from({ length: last - seq + 1 }, (_, i) => entry(seq + i))
    await log.follow('general', seq === 1 ? null : end(seq - 1), { entries, end: end(last) })
  }
  const nothing = () => undefined
  const keeper = createKeeper({
    ...{ room: 'general', user: 'alice', log, onApplied: nothing, onFilled: nothing, onElsewhere: nothing },
    ...{ onFound: nothing, onReplaced: nothing },
    ...{ onError: nothing, onStamp: nothing, onChange: () => void costs.changes++ },
    ...{ clock: createTimeline().clock(), isSeen: () => false },
  })
  await keeper.load()
  const spent = () => {
    const before = { ...costs }
    Object.assign(costs, { rows: 0, reads: 0, changes: 0 })
    return before
  }
  spent()
  return { keeper, spent }
}

describe('a step through a room', () => {
  it('costs what the step brings, however long the room is, and is told once', async () => {
    const costs = []
    for (const count of [2_000, 40_000]) {
      const { keeper, spent } = await synced(count)
      const steps = []
      for (let i = 0; i < 15; i++) {
        expect(await keeper.step('older')).toBe(true)
        steps.push(spent())
      }
      expect(await keeper.step('newer')).toBe(true)
      steps.push(spent())
      expect(await keeper.open(50, () => true)).toBe(true)
      steps.push(spent())
      expect(Math.max(...steps.map(({ rows }) => rows))).toBeLessThanOrEqual(2)
      expect(new Set(steps.map(({ reads }) => reads))).toEqual(new Set([1]))
      expect(new Set(steps.map(({ changes }) => changes))).toEqual(new Set([1]))
      costs.push(steps.reduce((sum, { rows }) => sum + rows, 0))
    }
    expect(Math.abs((costs[0] ?? 0) - (costs[1] ?? 0))).toBeLessThan(5)
  })

  it('keeps the messages that stay, as the objects that they are, and never holds more than a list may', async () => {
    const { keeper } = await synced(6_000)
    for (let i = 0; i < 55; i++) {
      const before = new Map(
        keeper
          .view()
          .shown()
          .map((message) => [message.messageId, message]),
      )
      await keeper.step('older')
      for (const message of keeper.view().shown())
        expect(before.get(message.messageId) ?? message).toBe(message)
      expect(keeper.view().size()).toBeLessThanOrEqual(LIMITS.windowMost)
      expect(keeper.window.size()).toBeLessThanOrEqual(LIMITS.windowMost)
    }
    const seqs = () =>
      keeper
        .view()
        .shown()
        .map(({ seq }) => seq)
    expect(keeper.isPast()).toBe(true)
    expect(seqs()[0]).toBeLessThan(600)
    for (let i = 0; keeper.isPast() && i < 100; i++) {
      const top = seqs().at(-1) ?? 0
      expect(await keeper.step('newer')).toBe(true)
      const at = seqs().indexOf(top)
      // Nothing is stepped over.
      expect(seqs()[at + 1]).toBe(top + 1)
      expect(keeper.view().size()).toBeLessThanOrEqual(LIMITS.windowMost)
    }
    expect(seqs().at(-1)).toBe(6_000)
    expect(await keeper.step('newer')).toBe(false)
  })

  it('finds a moment with a few reads, and a message without reading what is not it', async () => {
    const { keeper, spent } = await synced(40_000)
    expect(await keeper.seek.time(12_345_000)).toMatchObject({ seq: 12_345 })
    expect(spent().reads).toBeLessThan(16)
    expect(await keeper.seek.time(12_345_001)).toMatchObject({ seq: 12_346 })
    expect(await keeper.seek.time(1)).toMatchObject({ seq: 1 })
    expect(await keeper.seek.time(40_000_001)).toBe('beyond')
    expect(await keeper.seek.message('m777')).toMatchObject({ seq: 777 })
    expect(await keeper.seek.message('o777')).toBeUndefined()
  })
})

describe('a page of the past', () => {
  const page = (after: number, upTo: number, head = 10_000) => ({
    range: { after, afterCursor: `c${after}`, upTo, cursor: `c${upTo}` },
    entries: Array.from({ length: upTo - after }, (_, i) => entry(after + 1 + i)),
    head,
  })

  it('never moves the position, and what it holds beyond is left out', async () => {
    const { keeper } = await synced(300)
    expect(await keeper.fill(page(250, 320), keeper.copy())).toBe(true)
    expect(keeper.window.position()).toEqual(end(300))
    expect(keeper.ranges()).toEqual([{ after: 0, afterCursor: null, ...{ upTo: 300, cursor: 'c300' } }])
    expect(await keeper.fill(page(300, 320), keeper.copy())).toBe(false)
  })

  it('is refused when the disk was cut since it was asked for, and when it is older than what was passed', async () => {
    const { keeper } = await synced(300)
    expect(await keeper.fill(page(100, 200), '0.1')).toBe(false)
    expect(await keeper.fill(page(100, 200, 299), keeper.copy())).toBe('stale')
  })
})
