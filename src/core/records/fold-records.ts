import { TidingsError } from '../errors.js'
import type { Message, TimelineItem } from '../message.js'
import { alike, overlaid } from './fields.js'
import { isRecordBody, type RecordBody } from './record-body.js'
import type { RecordChange } from './records.js'

/** A record as the room makes it, and the changes of it that are not confirmed. */
export interface FoldedRow<T extends object> {
  record: T | null
  readonly changes: RecordChange<T>[]
}

/** What the changes of a room make of its records. */
export interface Fold<T extends object> {
  readonly rows: ReadonlyMap<string, FoldedRow<T>>
  /** All that are not confirmed, in the order of the room. */
  readonly changes: readonly RecordChange<T>[]
}

export interface FoldParts<T extends object> {
  readonly key: (record: T) => string
  readonly is: (value: unknown) => value is T
  readonly initial?: readonly T[] | undefined
}

/** Makes records of a room's changes; keeps what it made for as long as nothing about it is different. */
export function createFold<T extends object>(
  parts: FoldParts<T>,
): (items: readonly TimelineItem<unknown>[]) => Fold<T> {
  let last: ReadonlyMap<string, RecordChange<T>> = new Map()
  /** Bodies are checked once: they are the same objects for as long as they say the same. */
  const bodies = new WeakMap<object, { readonly body: RecordBody | undefined }>()

  function read(body: unknown): RecordBody | undefined {
    if (typeof body !== 'object' || body === null) return undefined
    const known = bodies.get(body) ?? { body: isRecordBody(body) ? body : undefined }
    bodies.set(body, known)
    return known.body
  }

  function keep(change: RecordChange<T>): RecordChange<T> {
    const known = last.get(change.id)
    return known && alike(known, change) ? known : Object.freeze(change)
  }

  return (items) => {
    const fold = foldRecords(items, parts, read, keep)
    last = new Map(fold.changes.map((change) => [change.id, change]))
    return fold
  }
}

/**
 * Replays changes in the order of the room, which is the same on every device, own ones that are not confirmed in their places. What
 * failed changes nothing, but for a record that was added and is nowhere else.
 */
function foldRecords<T extends object>(
  items: readonly TimelineItem<unknown>[],
  parts: FoldParts<T>,
  read: (body: unknown) => RecordBody | undefined,
  keep: (change: RecordChange<T>) => RecordChange<T>,
): Fold<T> {
  const rows = new Map<string, FoldedRow<T>>()
  for (const record of parts.initial ?? []) rows.set(parts.key(record), { record, changes: [] })
  const changes: RecordChange<T>[] = []
  for (const item of items) {
    if (item.type !== 'message') continue
    const body = read(item.body)
    if (!body) continue
    const row = rows.get(body.record) ?? { record: null, changes: [] }
    const next = after(row.record, body, parts)
    // Somebody else's idea of a record.
    if (next === undefined) continue
    rows.set(body.record, row)
    if (item.status !== 'confirmed') {
      const change = keep(changeOf(item, body, row.record, next))
      changes.push(change)
      row.changes.push(change)
      if (change.status === 'failed' && change.kind !== 'add') continue
    }
    row.record = next
  }
  return { rows, changes }
}

/** The record after a change: null for none, undefined where the change makes no record of it. */
function after<T extends object>(
  record: T | null,
  { record: id, added, changed, removed }: RecordBody,
  { key, is }: FoldParts<T>,
): T | null | undefined {
  if (removed || (changed && record === null)) return null
  const next: unknown = record === null ? added : overlaid<object>(record, added ?? changed ?? {})
  try {
    return is(next) && key(next) === id ? next : undefined
  } catch {
    // Whoever wrote it meant something that the application did not think of.
    return undefined
  }
}

/** A change as applications see it. */
function changeOf<T extends object>(
  { key: id, status, error }: Message<unknown>,
  { record: key, added, changed, removed }: RecordBody,
  before: T | null,
  next: T | null,
): RecordChange<T> {
  const undecided = status === 'failed' || status === 'unknown'
  const common = {
    id,
    key,
    status: undecided ? ('failed' as const) : ('pending' as const),
    error: undecided ? (error ?? unanswered()) : null,
  }
  if (removed) return { ...common, kind: 'remove' }
  if (added && before === null && next) return { ...common, kind: 'add', record: next }
  const fields: Partial<T> = { ...next }
  const named = added ?? changed ?? {}
  for (const field of Object.keys(fields))
    if (!Object.hasOwn(named, field)) Reflect.deleteProperty(fields, field)
  return { ...common, kind: 'update', fields }
}

const unanswered = (): TidingsError =>
  new TidingsError('delivery_unknown', 'The change may have arrived: try it again, or discard it.')
