import type { TidingsError } from '../errors.js'
import type { Readable } from '../seams/readable.js'

/*
 * Records that are not messages: settings, lists, pins. What is shown is the truth that the backend confirmed, with the changes that it
 * has not confirmed yet replayed over it, field by field. Nothing is ever restored from a snapshot: a change that fails is left out of
 * the next replay, and takes nothing of anybody else with it.
 */

/** What was asked for and is not confirmed. Replaced when it changes, never mutated. */
export type RecordChange<T extends object> = {
  /** Names the change for ever: send it along, so that the backend can tell a repetition. */
  readonly id: string
  /** Id of the record as the backend knows it; the temporary one while its own `add` is not confirmed. */
  readonly key: string
  /** `failed`: refused, kept until retried or discarded, and not part of what is shown, except for what was added. */
  readonly status: 'pending' | 'failed'
  /** Why it failed; null otherwise. */
  readonly error: TidingsError | null
} & (
  | { readonly kind: 'add'; readonly record: T }
  | { readonly kind: 'update'; readonly fields: Partial<T> }
  | { readonly kind: 'remove' }
)

/** A record as it is shown. The same reference until something about it changed. */
export interface RecordItem<T extends object> {
  /** Stays the same from the first tick on, over confirmation: for row keys. */
  readonly key: string
  readonly record: T
  /** `failed` when a change of it failed, else `pending` when one waits, else `confirmed`. */
  readonly status: 'confirmed' | 'pending' | 'failed'
  /** Why the first failed change of it failed; null otherwise. */
  readonly error: TidingsError | null
  /** Its changes that are not confirmed, oldest first. */
  readonly changes: readonly RecordChange<T>[]
}

/** Records at one moment. Frozen; the same reference until something changed. */
export interface RecordsState<T extends object> {
  /** In the order in which they were first seen, unless the store was told another. */
  readonly items: readonly RecordItem<T>[]
  /** How many changes wait for the backend. */
  readonly pending: number
  /** Every change that failed, also of records that are not shown. */
  readonly failed: readonly RecordChange<T>[]
}

/** What a change gives back at once. */
export interface ChangedRecord<T extends object> {
  /** The change, for `retry` and `discard`. */
  readonly id: string
  /** Key of the record's item. */
  readonly key: string
  /**
   * Resolves with the confirmed record, or null once it is removed. Rejects with a TidingsError when the change failed (ask again after a
   * retry) or was discarded. The promise exists only if it is asked for; it may stay pending for as long as the backend is silent.
   */
  settled(): Promise<T | null>
}

/**
 * What a page does with records, whatever keeps them: `createOptimistic` over any backend, `recordsOf` over a room. Records and fields are
 * plain objects, taken as they are and never changed: give new ones. A field is one value: what lies inside it is replaced as a whole.
 */
export interface Records<T extends object> {
  readonly state: Readable<RecordsState<T>>
  /**
   * Shows a record in this tick. A function is given a temporary id (`tmp_…`) for a record whose id the backend will choose. Throws a
   * TidingsError `invalid_argument` for an id that is shown already or is no text, and `outbox_full` past 1,000 changes that wait.
   */
  add(record: T | ((temporaryId: string) => T)): ChangedRecord<T>
  /**
   * Changes fields in this tick; others keep what they have and may be changed by others meanwhile. `null` is a value. A record that is
   * not there makes `settled()` reject with `not_found`. Throws like `add`, and for a change of the id.
   */
  update(key: string, fields: Partial<T>): ChangedRecord<T>
  /** Hides a record in this tick. One whose `add` has failed is discarded. A record that is not there: as for `update`. */
  remove(key: string): ChangedRecord<T>
  /** Sends a failed change again, or all failed ones of a record. False when there is none. */
  retry(changeOrKey: string): boolean
  /**
   * Drops a change, of a record all that failed, or if none did, all that wait. One that is under way may still arrive; it is shown then.
   * What was done to a record whose `add` is dropped goes with it. False when there is none.
   */
  discard(changeOrKey: string): boolean
}
