import { TidingsError, thrownByListener } from '../errors.js'
import { temporaryId } from '../messages/temporary-id.js'
import type { Random } from '../seams/random.js'
import { createView } from '../view.js'
import { type Change, faceOf, hasFailed, isOver, itemOf, replayed } from './change.js'
import { overlaid } from './fields.js'
import { type Commit, createJournal, type Journal } from './journal.js'
import type { ChangedRecord, Records, RecordsState } from './records.js'
import { shownState } from './shown.js'
import { createTable, type RecordVersion, type Table } from './table.js'

/** What records are, and how changes of them reach a backend. */
export interface OptimisticOptions<T extends object> {
  /** The id of a record, as the backend knows it. */
  readonly key: (record: T) => string
  /**
   * Takes a change to the backend; called in the tick of the change, or once the changes that it waits for are through: those that touch
   * the same fields of the same record. Resolves with the record as the backend has it now, or with nothing if it took the change as it
   * is. What it throws makes the change fail; it is not tried again by itself. Without it, `accept` and `refuse` say what became of a change.
   */
  readonly commit?: Commit<T> | undefined
  /** Tells states of a record apart: the larger one is newer, an older one that comes late is left out. Without it what comes later counts. */
  readonly version?: ((record: T) => RecordVersion) | undefined
  /** The temporary id under which a record was added, where the backend tells it back: then its echo is known before the answer is there. */
  readonly origin?: ((record: T) => string | null | undefined) | undefined
  /** The order of the items; without it, that in which they were first seen. */
  readonly compare?: ((a: T, b: T) => number) | undefined
  /** Told what listeners threw, and answers of `commit` that are no records. */
  readonly onError?: ((error: TidingsError) => void) | undefined
}

/** Records over a backend. Everything but what a page does is for the code that hears from the backend. */
export interface Optimistic<T extends object> extends Records<T> {
  /**
   * The backend has these records. In any order with the answers to changes: a record is one, however often it is told. Throws a
   * TidingsError `invalid_argument` if one has no id, and takes none of them then.
   */
  confirm(records: readonly T[]): void
  /** The backend has these records and no others: for a list that was fetched anew. Throws like `confirm`. */
  confirmAll(records: readonly T[]): void
  /** The backend removed a record. With a version, only if no newer state is known. */
  confirmRemoved(key: string, version?: RecordVersion): void
  /** The backend took a change, and has this record now; without one, the change as it is. False when the change is over already. */
  accept(change: string, record?: T): boolean
  /** The backend refused a change: it is kept as failed. False when the change is over already. */
  refuse(change: string, error?: unknown): boolean
}

/** Records on a given source of chance. Applications use `createOptimistic` of their platform's entry point. */
export function createOptimisticOn<T extends object>(
  random: Random,
  options: OptimisticOptions<T>,
): Optimistic<T> {
  const { key, version, commit, origin } = options
  function onError(error: TidingsError): void {
    try {
      options.onError?.(error)
    } catch {
      // Nobody is left to be told.
    }
  }
  const state = createView<RecordsState<T>>(
    (last) => shownState(last, [...table.rows()].flatMap(itemOf), journal.all().map(faceOf), options.compare),
    (cause) => onError(thrownByListener(cause)),
  )
  const table: Table<T> = createTable({ key, version }, state.touch)
  const journal: Journal<T> = createJournal({ table, random, commit, onError })
  const { start, pump } = journal

  /** A state from the backend, in which an `add` of the record that had left for the backend is seen to be there. */
  function learn(record: T): void {
    const id = table.idOf(record)
    const name = origin?.(record)
    const row = (typeof name === 'string' ? table.find(name) : undefined) ?? table.open(id)
    table.rename(row, id)
    if (table.confirm(row, record))
      for (const change of row.changes)
        if (change.intent.kind === 'add' && change.stage.name !== 'waiting') journal.end(change, row.truth)
    pump(row)
  }

  /** What was asked of a record that is not there: told to who asks, since it may have gone just now. */
  const missing = (key: string): ChangedRecord<T> => ({
    id: random.id(),
    key,
    settled: () =>
      Promise.reject(new TidingsError('not_found', 'There is no such record, or it was removed.')),
  })

  /** A change by its own id, or those of a record, that satisfy the first condition that any satisfies. */
  function chosen(name: string, ...conditions: readonly ((change: Change<T>) => boolean)[]) {
    const change = journal.get(name)
    const candidates = change ? [change] : (table.find(name)?.changes ?? [])
    return conditions.map((one) => candidates.filter(one)).find((found) => found.length > 0) ?? []
  }

  return {
    state: { get: state.get, subscribe: state.subscribe },
    add(given) {
      const record = typeof given === 'function' ? given(temporaryId(random.id())) : given
      const id = table.idOf(record)
      const known = table.find(id)
      if (known && replayed(known) !== null)
        throw new TidingsError('invalid_argument', 'There is a record of this id: update it instead.')
      return start(known ?? table.open(id), { kind: 'add', record })
    },
    update(key, fields) {
      const row = table.find(key)
      const shown = row ? replayed(row) : null
      if (!row || shown === null) return missing(key)
      if (table.idOf(overlaid(shown, fields)) !== table.idOf(shown))
        throw new TidingsError('invalid_argument', 'A record keeps its id: add another and remove this one.')
      return start(row, { kind: 'update', fields: { ...fields } })
    },
    remove(key) {
      const row = table.find(key)
      if (!row || replayed(row) === null) return missing(key)
      const added = row.changes.find(hasFailed)
      if (row.truth !== null || added?.intent.kind !== 'add') return start(row, { kind: 'remove' })
      journal.drop(added)
      return { id: added.id, key: row.key, settled: () => Promise.resolve(null) }
    },
    retry(name) {
      const found = chosen(name, hasFailed)
      journal.retry(found)
      return found.length > 0
    },
    discard(name) {
      const found = journal.get(name) ? chosen(name, () => true) : chosen(name, hasFailed, () => true)
      // The newest first: none of them leaves because the one before it is gone.
      for (const change of [...found].reverse()) if (!isOver(change)) journal.drop(change)
      return found.length > 0
    },
    confirm(records) {
      for (const record of records) table.idOf(record)
      for (const record of records) learn(record)
    },
    confirmAll(records) {
      const listed = new Set(records.map(table.idOf))
      for (const record of records) learn(record)
      for (const row of [...table.rows()]) {
        if (row.truth === null || listed.has(row.id)) continue
        table.forget(row)
        pump(row)
      }
    },
    confirmRemoved(key, version) {
      const row = table.open(key)
      table.remove(row, version)
      pump(row)
    },
    accept(id, record) {
      const change = journal.get(id)
      if (!change) return false
      if (record) table.idOf(record)
      const { stage, row } = change
      journal.taken(change, stage.name === 'underway' ? stage.base : row.truth, record)
      return true
    },
    refuse(id, cause) {
      const change = journal.get(id)
      if (change) journal.fail(change, cause)
      return change !== undefined
    },
  }
}
