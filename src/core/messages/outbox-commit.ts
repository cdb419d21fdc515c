import type { Change, Stored } from '../seams/storage.js'
import { type Batch, run } from './outbox-batch.js'
import {
  type Group,
  groupChange,
  groupKey,
  groupOf,
  groupsOf,
  type Mark,
  NO_GROUP,
  readGroup,
  readMark,
  writeMark,
} from './outbox-records.js'

/** What each record holds. */
type Groups = ReadonlyMap<string, Group>

/** What a commit starts from. */
export interface Ground {
  /** What each record held after the last commit seen. */
  readonly known: Groups
  readonly taken: Batch
  /** Records that hold what is to be changed, with what was read of them. */
  readonly keys: readonly string[]
  readonly values: readonly (Stored | undefined)[]
  /** What was read of the mark; null where nobody looked. */
  readonly mark: Stored | undefined | null
  /** The number of the next record, and the largest stamp, as far as this tab knows. */
  readonly own: Mark
  /** The epoch in which this tab leads, if it does. */
  readonly led: number | undefined
  readonly tab: string
  /** What this tab wrote was on a fallback so far. */
  readonly owes: boolean
}

/** What becomes of the outbox on disk: the changes, and what the touched records hold then. Pure: it may run twice. */
export function commitOf({ known, taken, keys, values, mark, own, led, tab, owes }: Ground): {
  readonly changes: readonly Change[]
  readonly groups: Groups
  /** The newest epoch; not known where nobody looked. */
  readonly epoch: number | undefined
  /** Where the new entries are. */
  readonly at: { readonly number: number; readonly records: number }
} {
  // No mark although something was written: the store was emptied. Everything known goes back at once.
  const isNew = mark === undefined
  const before = readMark(mark ?? undefined)
  const epoch = Math.max(own.epoch, before.epoch) + (taken.leads ? 1 : 0)
  const isDeposed = !taken.leads && led !== undefined && epoch > led
  const isOwed = (key: string): boolean => isNew || (owes && key.endsWith(`/${tab}`))
  const groups = new Map(isNew || owes ? [...known].filter(([key]) => isOwed(key)) : [])
  const changed = new Set(groups.keys())
  let isMarkDue = isNew || owes || taken.leads
  keys.forEach((key, i) => {
    const held = known.get(key) ?? NO_GROUP
    const stored = isOwed(key) ? held : readGroup(values[i], held)
    const entries = stored.entries.flatMap(
      (entry) => run(entry, taken.changes.get(entry.id), isDeposed) ?? [],
    )
    const isCut = entries.length < stored.entries.length
    if (isCut) isMarkDue = true
    const isChanged = isCut || entries.some((entry, at) => entry !== stored.entries[at])
    groups.set(key, isChanged ? groupOf(entries, stored) : stored)
    if (isChanged) changed.add(key)
  })
  const fresh = [...taken.fresh.values()]
  const written = taken.over?.at
  const next = Math.max(own.next, before.next)
  const number = written?.number ?? next
  const lists = groupsOf(fresh)
  const records = Math.max(lists.length, written?.records ?? 0)
  for (let i = 0; i < records; i++) {
    const key = groupKey(number + i, tab)
    groups.set(key, groupOf(lists[i] ?? []))
    changed.add(key)
  }
  const changes = [...changed].map((key) => groupChange(key, groups.get(key) ?? NO_GROUP))
  if (isMarkDue) {
    // The mark remembers what goes: as long as records stand, they tell it themselves.
    const stamps = fresh.map(({ stamp }) => stamp)
    const stamp = [before.stamp, ...stamps].reduce((a, b) => (a > b ? a : b), own.stamp)
    changes.push(writeMark({ next: Math.max(next, number + records), stamp, epoch }))
  }
  return { changes, groups, epoch: mark === null ? undefined : epoch, at: { number, records } }
}
