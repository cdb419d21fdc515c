import type { TidingsError } from '../../../src/core/errors.js'
import type { Entry } from '../../../src/core/messages/entry.js'
import { createOutboxDisk } from '../../../src/core/messages/outbox-disk.js'
import type { Written } from '../../../src/core/messages/outbox-ledger.js'
import { readGroup } from '../../../src/core/messages/outbox-records.js'
import type { Durability, Store } from '../../../src/core/seams/storage.js'
import { compareText, formatStamp } from '../../../src/protocol/index.js'
import { createMemoryDisk } from '../../../src/testing/memory-disk.js'
import { createTimeline } from '../../../src/testing/timeline.js'

export const entry = (n: number): Entry => ({
  ...{ id: `op${n}`, room: 'general', kind: 'create', stamp: formatStamp(n, 0, 'some-clock-'), body: n },
  ...{ createdAt: 1_000, bytes: 1, attempts: 0, at: 0, state: 'queued' },
})

/** A profile's disk, and as many tabs on it as a test opens. */
export function profile(latencyMs = 0) {
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
        async scan(...ranges) {
          const rows = await store.scan(...ranges)
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

export const ids = (written: readonly Written[]) => written.map(({ id }) => id)
