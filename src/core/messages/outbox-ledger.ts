import type { Entry } from './entry.js'
import { type Group, type Mark, missingFrom, NO_GROUP, numberOf, orderOf } from './outbox-records.js'

/** What the disk holds of an operation after a commit; null: nothing any more. `order` grows as text, over tabs and restarts. */
export interface Written {
  readonly id: string
  readonly entry: Entry | null
  readonly order: string
}

/** What a tab knows of the outbox's records. */
export interface Ledger {
  /** What each record held after the last commit seen. */
  readonly known: ReadonlyMap<string, Group>
  /** Records that hold one of these entries. */
  keysOf(ids: Iterable<string>): readonly string[]
  /** Takes note of what a record holds now; gives what that means for its entries, and for those that are gone. */
  learn(key: string, group: Group): readonly Written[]
  /** Takes note of what is remembered of records that are gone. */
  pass(mark: Partial<Mark> & Pick<Mark, 'next'>): void
  /** A number behind every record that was seen so far, the largest stamp, and how often a tab began to lead. */
  mark(): Mark
}

export function createLedger(): Ledger {
  const known = new Map<string, Group>()
  const keyOf = new Map<string, string>()
  let next = 1
  let stamp = ''
  let epoch = 0

  function pass(mark: Partial<Mark> & Pick<Mark, 'next'>): void {
    next = Math.max(next, mark.next)
    epoch = Math.max(epoch, mark.epoch ?? 0)
    if (mark.stamp !== undefined && mark.stamp > stamp) stamp = mark.stamp
  }

  return {
    known,
    keysOf: (ids) => [...new Set([...ids].flatMap((id) => keyOf.get(id) ?? []))],
    learn(key, group) {
      const { entries } = group
      const gone = missingFrom(entries, known.get(key) ?? NO_GROUP)
      for (const { id } of gone) keyOf.delete(id)
      if (entries.length > 0) known.set(key, group)
      else known.delete(key)
      pass({ next: numberOf(key) + 1 })
      for (const entry of entries) {
        keyOf.set(entry.id, key)
        if (entry.stamp > stamp) stamp = entry.stamp
      }
      return [
        ...gone.map(({ id }) => ({ id, entry: null, order: '' })),
        ...entries.map((entry, i) => ({ id: entry.id, entry, order: orderOf(key, i) })),
      ]
    },
    pass,
    mark: () => ({ next, stamp, epoch }),
  }
}
