import { alike } from './fields.js'
import type { RecordChange, RecordItem, RecordsState } from './records.js'

/** The list that was there before if it holds the very same things. */
const kept = <T>(before: readonly T[] | undefined, now: readonly T[]): readonly T[] =>
  before && before.length === now.length && now.every((one, i) => one === before[i])
    ? before
    : Object.freeze(now)

/** A record as it is shown: the item that was there before if nothing about it is different. */
export function shownItem<T extends object>(
  before: RecordItem<T> | null | undefined,
  key: string,
  now: T,
  given: readonly RecordChange<T>[],
): RecordItem<T> {
  const record = before && alike(before.record, now) ? before.record : now
  const changes = kept(before?.changes, given)
  if (before && record === before.record && changes === before.changes) return before
  const failed = changes.find(hasFailed)
  const status = failed ? 'failed' : changes.length > 0 ? 'pending' : 'confirmed'
  return Object.freeze({ key, record, status, error: failed?.error ?? null, changes })
}

const hasFailed = ({ status }: { readonly status: string }): boolean => status === 'failed'

/** What is shown of all records: the state that was there before if nothing is different. */
export function shownState<T extends object>(
  before: RecordsState<T> | undefined,
  given: readonly RecordItem<T>[],
  changes: readonly RecordChange<T>[],
  compare?: (a: T, b: T) => number,
): RecordsState<T> {
  const ordered = compare ? [...given].sort((a, b) => compare(a.record, b.record)) : given
  const items = kept(before?.items, ordered)
  const failed = kept(before?.failed, changes.filter(hasFailed))
  const pending = changes.length - failed.length
  if (before && items === before.items && failed === before.failed && pending === before.pending)
    return before
  return Object.freeze({ items, pending, failed })
}
