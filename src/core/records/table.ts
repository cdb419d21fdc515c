import { TidingsError } from '../errors.js'
import { tombstones } from '../limits.js'
import type { Row } from './change.js'
import { alike, mergedSince } from './fields.js'

/** What tells the states of one record apart; the larger is the newer. Texts compare by code units, as stamps do. */
export type RecordVersion = number | string

export interface TableParts<T extends object> {
  readonly key: (record: T) => string
  readonly version?: ((record: T) => RecordVersion) | undefined
}

/** Rows by every name they have, and what the backend confirmed about them. */
export interface Table<T extends object> {
  rows(): Iterable<Row<T>>
  find(name: string): Row<T> | undefined
  /** The row of a name, made if there is none. */
  open(name: string): Row<T>
  /** The id of a record. Throws a TidingsError `invalid_argument` when it has none. */
  idOf(record: T): string
  /** The backend calls a row by this id from now on; a row that already had the id becomes part of it. */
  rename(row: Row<T>, id: string): void
  /** A state of a record from the backend. False when it is older than what is known. */
  confirm(row: Row<T>, record: T): boolean
  /** The answer to a change that left from `base`. */
  answer(row: Row<T>, base: T | null, record: T): void
  /** The backend removed it; with a version, unless a newer state is known. */
  remove(row: Row<T>, version?: RecordVersion): void
  /** The backend does not list it any more. */
  forget(row: Row<T>): void
  /** Something about a row changed: it is shown anew, and leaves if nothing of it is left. */
  touch(row: Row<T>): void
}

export function createTable<T extends object>(
  { key, version }: TableParts<T>,
  onTouch: () => void,
): Table<T> {
  const rows = new Map<string, Row<T>>()
  const names = new Map<string, Row<T>>()
  /** Versions at which records were removed, so that a late state does not bring one back. */
  const buried = new Map<string, RecordVersion>()

  function idOf(record: T): string {
    const id: unknown = typeof record === 'object' && record !== null ? key(record) : undefined
    if (typeof id === 'string' && id !== '') return id
    throw new TidingsError(
      'invalid_argument',
      'A record is an object, and `key` finds its id in it: a text, not empty.',
    )
  }

  function open(name: string): Row<T> {
    const known = names.get(name)
    if (known) return known
    const row: Row<T> = {
      key: name,
      id: name,
      names: [name],
      truth: null,
      changes: [],
      item: null,
      isStale: true,
    }
    rows.set(name, row)
    names.set(name, row)
    return row
  }

  /** Versions of two kinds are in no order: then the later one to come counts. */
  function isStale(row: Row<T>, record: T): boolean {
    if (!version) return false
    const given = version(record)
    const grave = buried.get(row.id)
    if (grave !== undefined && given <= grave) return true
    return row.truth !== null && given < version(row.truth)
  }

  function touch(row: Row<T>): void {
    row.isStale = true
    if (row.truth === null && row.changes.length === 0) {
      rows.delete(row.key)
      for (const name of row.names) names.delete(name)
    }
    onTouch()
  }

  function bury(id: string, at: RecordVersion): void {
    buried.delete(id)
    buried.set(id, at)
    for (const oldest of buried.keys()) {
      if (buried.size <= tombstones) break
      buried.delete(oldest)
    }
  }

  return {
    idOf,
    open,
    touch,
    rows: () => rows.values(),
    find: (name) => names.get(name),
    rename(row, id) {
      if (id === row.id) return
      const other = names.get(id)
      if (other && other !== row) {
        rows.delete(other.key)
        for (const name of other.names) names.set(name, row)
        row.names.push(...other.names)
        row.truth ??= other.truth
        for (const change of other.changes) change.row = row
        row.changes.push(...other.changes)
      }
      row.id = id
      row.names.push(id)
      names.set(id, row)
    },
    confirm(row, record) {
      if (isStale(row, record)) return false
      if (!alike(row.truth, record)) row.truth = record
      return true
    },
    answer(row, base, record) {
      if (isStale(row, record)) return
      if (row.truth !== null) {
        if (!version) row.truth = mergedSince(base, row.truth, record)
        else if (!alike(row.truth, record)) row.truth = record
        // What is gone since the change left stays gone, unless versions say that the answer is newer.
      } else if (version || base === null) row.truth = record
    },
    remove(row, at) {
      const known = row.truth === null ? undefined : version?.(row.truth)
      if (known !== undefined && at !== undefined && known > at) return
      const last = at ?? known
      if (last !== undefined && version) bury(row.id, last)
      row.truth = null
    },
    forget(row) {
      row.truth = null
    },
  }
}
