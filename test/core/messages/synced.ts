import { createMemoryStorage } from '../../../src/adapters/memory.js'
import { createKeeper } from '../../../src/core/messages/keeper.js'
import { createLog } from '../../../src/core/messages/log.js'
import type { Store } from '../../../src/core/seams/storage.js'
import { formatStamp, type LogEntry } from '../../../src/protocol/index.js'
import { createTimeline } from '../../../src/testing/index.js'

export const entry = (seq: number): LogEntry => ({
  ...{ seq, messageId: `m${seq}`, id: `o${seq}`, from: 'bob', ts: seq * 1_000, kind: 'create', body: seq },
  stamp: formatStamp(seq * 1_000, 0, 'bobs-clock-'),
})
export const end = (seq: number) => ({ seq, cursor: `c${seq}` })

/** The replica of a room that was synced whole, with what it reads of the disk and tells of itself. */
export async function synced(count: number) {
  const store = await createMemoryStorage().open('cache')
  const costs = { rows: 0, reads: 0, changes: 0 }
  const watched: Store = {
    ...store,
    async scan(...ranges) {
      const rows = await store.scan(...ranges)
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
    ...{ clock: createTimeline().clock(), serverNow: () => 0, isSeen: () => false },
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
