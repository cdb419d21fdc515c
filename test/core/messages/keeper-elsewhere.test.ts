import { describe, expect, it } from 'vitest'
import { createMemoryStorage } from '../../../src/adapters/memory.js'
import { createKeeper } from '../../../src/core/messages/keeper.js'
import { createLog } from '../../../src/core/messages/log.js'
import { StorageError, type Store } from '../../../src/core/seams/storage.js'
import { formatStamp, type LogEntry } from '../../../src/protocol/index.js'
import { createTimeline } from '../../../src/testing/index.js'

const entry = (seq: number): LogEntry => ({
  ...{ seq, messageId: `m${seq}`, id: `o${seq}`, from: 'bob', ts: seq * 1_000, kind: 'create', body: seq },
  stamp: formatStamp(seq * 1_000, 0, 'bobs-clock-'),
})
const end = (seq: number) => ({ seq, cursor: `c${seq}` })
const entries = (from: number, upTo: number) =>
  Array.from({ length: upTo - from + 1 }, (_, i) => entry(from + i))
const nothing = () => undefined

/** A replica that stands at 2, on a disk on which another tab came to stand at 5 in one step. */
async function overtaken() {
  const timeline = createTimeline()
  const store = await createMemoryStorage().open('cache')
  const reading = { fails: 0, meanwhile: nothing as () => void }
  const moody: Store = {
    ...store,
    read: async (keys) => {
      reading.meanwhile()
      if (reading.fails-- > 0) throw new StorageError('timeout', 'The disk takes its time.')
      return store.read(keys)
    },
  }
  const logOn = (on: Store) =>
    createLog({ open: async () => on, now: timeline.now, onBadRecord: nothing, onGrown: nothing })
  const there = logOn(store)
  await there.follow('general', null, { entries: entries(1, 1), end: end(1) })
  await there.follow('general', end(1), { entries: entries(2, 2), end: end(2) })
  const told = { elsewhere: 0, found: [] as number[], replaced: [] as unknown[], errors: 0 }
  const keeperOn = async (on: Store) => {
    const keeper = createKeeper({
      ...{ room: 'general', user: 'alice', log: logOn(on), onApplied: nothing, onFilled: nothing },
      ...{ onStamp: nothing, onChange: nothing, clock: timeline.clock(), serverNow: timeline.now },
      ...{ isSeen: () => false },
      onElsewhere: () => void told.elsewhere++,
      onFound: (messages) => void told.found.push(...messages.map(({ seq }) => seq)),
      onReplaced: ({ after, upTo, messages }) =>
        void told.replaced.push({ after, upTo, ids: messages.map(({ id }) => id) }),
      onError: () => void told.errors++,
    })
    await keeper.load()
    return keeper
  }
  const keeper = await keeperOn(moody)
  await there.follow('general', end(2), { entries: entries(3, 5), end: end(5) })
  const shown = (of = keeper) => of.window.shown().map(({ seq }) => seq)
  return { timeline, there, keeper, keeperOn, store, reading, told, shown }
}

describe('a replica whose disk stands elsewhere', () => {
  it('shows and tells of what it finds there, and asks for the rest', async () => {
    const { timeline, keeper, told, shown } = await overtaken()
    keeper.follow(entries(3, 6), end(6))
    await timeline.settle()
    expect(shown()).toEqual([1, 2, 3, 4, 5])
    expect(told).toEqual({ elsewhere: 1, found: [3, 4, 5], replaced: [], errors: 0 })
    expect(keeper.ahead()).toEqual(end(5))
  })

  it('takes nothing that came while it was read again, as that followed what was on its way', async () => {
    const { timeline, keeper, keeperOn, store, reading, shown } = await overtaken()
    keeper.follow(entries(3, 6), end(6))
    reading.meanwhile = () => {
      reading.meanwhile = nothing
      keeper.follow(entries(7, 7), end(7))
    }
    await timeline.settle()
    expect(shown()).toEqual([1, 2, 3, 4, 5])
    expect(keeper.ahead()).toEqual(end(5))
    keeper.follow(entries(6, 8), end(8))
    await timeline.settle()
    expect(shown()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(shown(await keeperOn(store))).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('stays where it is when the disk cannot be read, and asks from there', async () => {
    const { timeline, keeper, keeperOn, store, reading, told, shown } = await overtaken()
    reading.fails = 1
    keeper.follow(entries(3, 6), end(6))
    keeper.follow(entries(7, 7), end(7))
    await timeline.settle()
    expect(shown()).toEqual([1, 2])
    expect(keeper.ahead()).toEqual(end(2))
    expect(told).toEqual({ elsewhere: 1, found: [], replaced: [], errors: 1 })
    keeper.follow(entries(3, 8), end(8))
    await timeline.settle()
    keeper.follow(entries(6, 8), end(8))
    await timeline.settle()
    expect(shown()).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(shown(await keeperOn(store))).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(told).toEqual({ elsewhere: 2, found: [3, 4, 5], replaced: [], errors: 1 })
  })

  it('says what stands where another tab cut it back: whoever wrote what is not there has to send it again', async () => {
    const { timeline, there, keeper, told, shown } = await overtaken()
    await there.cut('general', end(1), 0)
    const other = { ...entry(2), messageId: 'other', id: 'other' }
    await there.follow('general', end(1), { entries: [other, entry(3)], end: { seq: 3, cursor: 'd3' } })
    keeper.follow(entries(3, 4), end(4))
    await timeline.settle()
    expect(shown()).toEqual([1, 2, 3])
    expect(told.found).toEqual([2, 3])
    expect(told.replaced).toEqual([{ after: 0, upTo: 3, ids: ['o1', 'other', 'o3'] }])
    expect(keeper.ahead()).toEqual({ seq: 3, cursor: 'd3' })
  })
  it('does not take a disk that was emptied and written anew for the one that it was read from', async () => {
    const { timeline, there, keeper, store, told, shown } = await overtaken()
    await store.transact([], () => ({ changes: [{ delRange: ['', '~'] }], result: null }), 'relaxed')
    await timeline.advance(1_000)
    const other = { ...entry(2), messageId: 'other', id: 'other' }
    await there.follow('general', null, { entries: [other, entry(3)], end: { seq: 3, cursor: 'd3' } })
    keeper.look(() => true)
    await timeline.settle()
    expect(shown()).toEqual([1, 2])
    expect(keeper.ahead()).toEqual(end(2))
    keeper.follow(entries(3, 4), end(4))
    await timeline.settle()
    expect(keeper.window.shown().map(({ id }) => id)).toEqual(['other', 'o3'])
    expect(keeper.ahead()).toEqual({ seq: 3, cursor: 'd3' })
    expect(told.replaced).toEqual([{ after: 0, upTo: 3, ids: ['other', 'o3'] }])
  })

  it('is not cut at a place where it never stood: what lies below may be of another history', async () => {
    const { timeline, there, keeper, store, told, shown } = await overtaken()
    await store.transact([], () => ({ changes: [{ delRange: ['', '~'] }], result: null }), 'relaxed')
    await timeline.advance(1_000)
    const other = { ...entry(1), messageId: 'other', id: 'other' }
    await there.follow('general', null, {
      entries: [other, entry(2), entry(3)],
      end: { seq: 3, cursor: 'd3' },
    })
    await keeper.cut(end(1))
    expect(keeper.window.shown().map(({ id }) => id)).toEqual(['other', 'o2', 'o3'])
    expect(shown()).toEqual([1, 2, 3])
    expect(keeper.ahead()).toEqual({ seq: 3, cursor: 'd3' })
    expect(told.elsewhere).toBe(1)
  })
})
