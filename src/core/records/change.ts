import type { TidingsError } from '../errors.js'
import { overlaid } from './fields.js'
import type { RecordChange, RecordItem } from './records.js'
import { shownItem } from './shown.js'

/** What a change is about. */
export type Intent<T extends object> =
  | { readonly kind: 'add'; readonly record: T }
  | { readonly kind: 'update'; readonly fields: Partial<T> }
  | { readonly kind: 'remove' }

/**
 * `waiting` for an earlier change, `underway` to the backend, `failed` until somebody decides. `accepted` and `dropped` are ends; what the
 * backend says after an end still counts as truth.
 */
export type Stage<T extends object> =
  | { readonly name: 'waiting' }
  /** With the truth from which it left. */
  | { readonly name: 'underway'; readonly base: T | null }
  | { readonly name: 'failed'; readonly error: TidingsError }
  | { readonly name: 'accepted'; readonly record: T | null }
  | { readonly name: 'dropped'; readonly error: TidingsError }

export interface Change<T extends object> {
  readonly id: string
  readonly intent: Intent<T>
  row: Row<T>
  stage: Stage<T>
  /** Who asked to be told how it ends. */
  waiters: { resolve(record: T | null): void; reject(error: TidingsError): void }[]
  face?: RecordChange<T>
}

/** A record on its way through life: its confirmed truth, and the changes over it, oldest first. */
export interface Row<T extends object> {
  /** The first name it had. */
  readonly key: string
  /** What the backend calls it. */
  id: string
  /** Every name it ever had. */
  readonly names: string[]
  truth: T | null
  changes: Change<T>[]
  /** As shown; null while it is not. */
  item: RecordItem<T> | null
  /** Something changed since the item was made. */
  isStale: boolean
}

export const hasFailed = <T extends object>({ stage }: Change<T>): boolean => stage.name === 'failed'

/** Nothing can become of it any more, whatever the backend still says about the record. */
export const isOver = <T extends object>({ stage }: Change<T>): boolean =>
  stage.name === 'accepted' || stage.name === 'dropped'

/** The change as applications see it: the same object until something about it changed. */
export function faceOf<T extends object>(change: Change<T>): RecordChange<T> {
  const { id, row, stage, intent } = change
  const error = stage.name === 'failed' ? stage.error : null
  const status = error ? 'failed' : 'pending'
  const { face } = change
  if (face && face.key === row.id && face.status === status && face.error === error) return face
  change.face = Object.freeze({ id, key: row.id, ...intent, status, error })
  return change.face
}

/** The record with everything replayed that has not failed, and what was added even then: it is nowhere else. */
export function replayed<T extends object>({ truth, changes }: Row<T>): T | null {
  let record = truth
  for (const { intent, stage } of changes) {
    if (intent.kind === 'add') record ??= intent.record
    else if (stage.name !== 'failed')
      record = intent.kind === 'remove' || record === null ? null : overlaid(record, intent.fields)
  }
  return record
}

/** Whether the later of two changes of a record has to wait for the earlier: only what touches the same fields needs an order. */
function meet<T extends object>(earlier: Intent<T>, later: Intent<T>): boolean {
  if (earlier.kind !== 'update' || later.kind !== 'update') return true
  return Object.keys(later.fields).some((field) => Object.hasOwn(earlier.fields, field))
}

/** Whether a change waits for an earlier one. A failed one is waited for only where there is no record without it. */
export function isBlocked<T extends object>(change: Change<T>): boolean {
  const { row, intent } = change
  return row.changes
    .slice(0, row.changes.indexOf(change))
    .some(
      (earlier) =>
        meet(earlier.intent, intent) &&
        (!hasFailed(earlier) || (earlier.intent.kind === 'add' && row.truth === null)),
    )
}

/** A record as it is shown, or nothing while it is not; the same item until something about it changed. */
export function itemOf<T extends object>(row: Row<T>): readonly RecordItem<T>[] {
  if (row.isStale) {
    row.isStale = false
    row.item = madeItem(row)
  }
  return row.item === null ? [] : [row.item]
}

function madeItem<T extends object>(row: Row<T>): RecordItem<T> | null {
  const record = replayed(row)
  return record && shownItem(row.item, row.key, record, row.changes.map(faceOf))
}
