import { TidingsError } from '../errors.js'
import { recordChanges } from '../limits.js'
import type { Random } from '../seams/random.js'
import { type Change, faceOf, type Intent, isBlocked, isOver, type Row } from './change.js'
import { mergedSince, overlaid } from './fields.js'
import type { ChangedRecord, RecordChange } from './records.js'
import type { Table } from './table.js'

/** Takes a change to a backend. */
export type Commit<T extends object> = (
  change: RecordChange<T>,
) => Promise<T> | Promise<T | undefined> | Promise<void>

export interface JournalParts<T extends object> {
  readonly table: Table<T>
  readonly random: Random
  readonly commit?: Commit<T> | undefined
  readonly onError: (error: TidingsError) => void
}

/** The changes that are not confirmed: when each leaves for the backend, and what becomes of it. */
export interface Journal<T extends object> {
  all(): readonly Change<T>[]
  get(id: string): Change<T> | undefined
  /** Throws a TidingsError `outbox_full` past the limit. */
  start(row: Row<T>, intent: Intent<T>): ChangedRecord<T>
  /** The backend took a change that left from `base`. */
  taken(change: Change<T>, base: T | null, answer?: T): void
  /** The record of an `add` was seen on the backend. */
  end(change: Change<T>, record: T | null): void
  fail(change: Change<T>, cause: unknown): void
  drop(change: Change<T>): void
  retry(changes: readonly Change<T>[]): void
  /** Something about a row changed: starts what waits for nothing any more, and shows the row anew. */
  pump(row: Row<T>): void
}

export function createJournal<T extends object>({
  table,
  random,
  commit,
  onError,
}: JournalParts<T>): Journal<T> {
  const changes = new Map<string, Change<T>>()

  function pump(row: Row<T>): void {
    table.touch(row)
    // A copy: what takes a change to the backend may ask for the next one.
    for (const change of [...row.changes]) {
      if (change.stage.name !== 'waiting' || isBlocked(change)) continue
      change.stage = { name: 'underway', base: row.truth }
      if (commit) void attempt(change, commit)
    }
  }

  async function attempt(change: Change<T>, take: Commit<T>): Promise<void> {
    const { stage } = change
    const base = change.row.truth
    try {
      const answer = await take(faceOf(change))
      taken(change, base, typeof answer === 'object' ? readable(answer) : undefined)
    } catch (cause) {
      // Unless it was decided otherwise meanwhile.
      if (change.stage === stage) fail(change, cause)
    }
  }

  /** The record of an answer, if it is one: the change was taken either way. */
  function readable(answer: T): T | undefined {
    try {
      table.idOf(answer)
      return answer
    } catch (cause) {
      const message = 'The answer to a change is no record with an id: the change counts as taken as it is.'
      onError(new TidingsError('invalid_argument', message, { cause }))
      return undefined
    }
  }

  /** The backend took it, perhaps long after everybody stopped waiting for it. */
  function taken(change: Change<T>, base: T | null, answer?: T): void {
    const { intent, stage } = change
    const isLive = table.find(change.row.key) === change.row
    // Gone meanwhile, and known to be: only what nobody has seen yet is new.
    if (!isLive && (intent.kind !== 'add' || stage.name === 'accepted')) return end(change, null)
    const row = isLive ? change.row : table.open(answer ? table.idOf(answer) : change.row.id)
    if (intent.kind === 'remove') table.remove(row)
    else {
      const record = answer ?? asAsked(intent, row.truth, base)
      if (record) {
        table.rename(row, table.idOf(record))
        table.answer(row, base, record)
      }
    }
    end(change, row.truth)
    pump(row)
  }

  function leave(change: Change<T>, stage: Change<T>['stage']): Change<T>['waiters'] {
    const { row, waiters } = change
    change.stage = stage
    change.waiters = []
    if (stage.name !== 'failed') {
      changes.delete(change.id)
      row.changes = row.changes.filter((other) => other !== change)
    }
    return waiters
  }

  function end(change: Change<T>, record: T | null): void {
    if (isOver(change)) return
    for (const waiter of leave(change, { name: 'accepted', record })) waiter.resolve(record)
  }

  function fail(change: Change<T>, cause: unknown): void {
    const error = refusal(cause)
    for (const waiter of leave(change, { name: 'failed', error })) waiter.reject(error)
    pump(change.row)
  }

  function drop(change: Change<T>): void {
    const { row, intent } = change
    // Without its `add` there is nothing to change.
    const all = intent.kind === 'add' && row.truth === null ? [...row.changes] : [change]
    for (const each of all) {
      const error = new TidingsError('discarded', 'The change was discarded.')
      for (const waiter of leave(each, { name: 'dropped', error })) waiter.reject(error)
    }
    pump(row)
  }

  function retry(found: readonly Change<T>[]): void {
    for (const change of found) {
      const { row } = change
      change.stage = { name: 'waiting' }
      // It is the newest wish now; only an `add` comes before everything.
      if (change.intent.kind !== 'add')
        row.changes = [...row.changes.filter((other) => other !== change), change]
    }
    for (const row of new Set(found.map((change) => change.row))) pump(row)
  }

  function start(row: Row<T>, intent: Intent<T>): ChangedRecord<T> {
    if (changes.size >= recordChanges) {
      table.touch(row)
      throw new TidingsError(
        'outbox_full',
        `${recordChanges} changes wait or have failed. This one was not made.`,
      )
    }
    const change: Change<T> = { id: random.id(), intent, row, stage: { name: 'waiting' }, waiters: [] }
    changes.set(change.id, change)
    row.changes.push(change)
    pump(row)
    return { id: change.id, key: row.key, settled: () => settled(change) }
  }

  return {
    start,
    taken,
    end,
    fail,
    drop,
    retry,
    pump,
    all: () => [...changes.values()],
    get: (id) => changes.get(id),
  }
}

const refusal = (cause: unknown): TidingsError =>
  cause instanceof TidingsError
    ? cause
    : new TidingsError('rejected', 'The change was not taken. It is kept: retry or discard it.', { cause })

/** What a record is when a change was taken as it is; fields that became something else meanwhile are newer. */
function asAsked<T extends object>(intent: Intent<T>, truth: T | null, base: T | null): T | null {
  if (intent.kind === 'add') return truth ?? intent.record
  if (intent.kind === 'remove' || truth === null) return truth
  return mergedSince(base, truth, overlaid(truth, intent.fields))
}

const settled = <T extends object>(change: Change<T>): Promise<T | null> => {
  const { stage } = change
  if (stage.name === 'accepted') return Promise.resolve(stage.record)
  if ('error' in stage) return Promise.reject(stage.error)
  return new Promise((resolve, reject) => {
    change.waiters.push({ resolve, reject })
  })
}
