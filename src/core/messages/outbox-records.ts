import { count } from '../../protocol/fields.js'
import { array, boolean, fits, json, maybe, object, string, whole } from '../../protocol/shape.js'
import { LIMITS } from '../limits.js'
import type { Change, Store, Stored } from '../seams/storage.js'
import { type Entry, isEntry } from './entry.js'

/** What the outbox's records look like, version 1 for ever: fields are added, never changed. */

/**
 * Entries of one write in one record: IndexedDB costs per record, not per byte. Each as JSON, since a text is copied many times faster
 * than an object; before that they were objects, which are still read.
 */
const group = object({
  v: whole(),
  e: array(json(64), 1_000),
  /** Rows were set aside by a page that did not know them: who does puts them back. */
  aside: maybe(boolean),
})
const counter = object({ v: whole(), next: whole(), stamp: string(0, 24), epoch: maybe(count) })

const RECORD_VERSION = 1
const newerGroup = object({ v: whole(RECORD_VERSION + 1) })
/** What a record holds: its entries, and the text of each. */
export interface Group {
  readonly entries: readonly Entry[]
  readonly rows: readonly string[]
}

export const NO_GROUP: Group = { entries: [], rows: [] }

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readRow(row: unknown): Entry | undefined {
  const entry = typeof row === 'string' ? parsed(row) : row
  return isEntry(entry) ? entry : undefined
}

/** Entries as they will stand in a record. Those that `held` has are not printed again. */
export function groupOf(entries: readonly Entry[], held = NO_GROUP): Group {
  const rows = entries.map((entry, i) => {
    // Where something was taken out, the others have moved up.
    const at = entries.length === held.entries.length ? i : held.entries.indexOf(entry)
    const row = held.entries[at] === entry ? held.rows[at] : undefined
    return row ?? JSON.stringify(entry)
  })
  // A copy: a list that grew keeps room for a dozen more, and of these there may be thousands.
  return { entries: [...entries], rows }
}

/** What a record held and does not hold any more. Mostly nothing: then every entry stands where it stood. */
export const missingFrom = (entries: readonly Entry[], { entries: before }: Group): readonly Entry[] =>
  before.filter(({ id }, i) => entries[i]?.id !== id && !entries.some((entry) => entry.id === id))

/** A record that a later version of this code wrote: it is that one's to read, and nobody else's to change. */
export const isNewer = (value: Stored | undefined): boolean => fits(newerGroup, value)

/**
 * Reads a group. `held` is what the record is known to hold: entries that still stand as they were are taken from there, and so are those
 * whose rows cannot be read any more. `bad` counts the rows that do not pass; the outbox sets the whole record aside before it rewrites it.
 */
export function readGroup(value: Stored | undefined, held = NO_GROUP): Group & { readonly bad: number } {
  if (value === undefined || isNewer(value)) return { ...NO_GROUP, bad: 0 }
  if (!fits(group, value)) return { ...held, bad: 1 }
  const entries: Entry[] = []
  const rows: string[] = []
  let bad = 0
  // Rows go and come at their places: in a record of another length nobody knows which one this was, and everything known stays.
  const isHeld = value.e.length === held.rows.length
  value.e.forEach((row, i) => {
    const before = held.entries[i]
    const read = row === held.rows[i] ? before : readRow(row)
    if (!read) bad += 1
    const entry = read ?? (isHeld ? before : undefined)
    if (!entry) return
    entries.push(entry)
    rows.push(read && typeof row === 'string' ? row : JSON.stringify(entry))
  })
  const isOpen = value.aside === true || (bad > 0 && !isHeld)
  const missing = isOpen ? missingFrom(entries, held) : []
  if (missing.length === 0) return { entries, rows, bad }
  return { ...groupOf([...entries, ...missing], { entries, rows }), bad: Math.max(bad, missing.length) }
}

/** What the profile remembers when its operations are gone: a number behind all of its records, and the largest stamp it gave. */
export interface Mark {
  readonly next: number
  readonly stamp: string
  /** How often a tab began to lead. */
  readonly epoch: number
}

export const readMark = (value: Stored | undefined): Mark =>
  fits(counter, value) ? { epoch: 0, ...value } : { next: 1, stamp: '', epoch: 0 }

/** The change that stores it. */
export const writeMark = (mark: Mark): Change => ({ put: MARK_KEY, value: { v: RECORD_VERSION, ...mark } })

export const MARK_KEY = 'm'
export const GROUPS = { gte: 'e/', lt: 'e0' } as const
/** Read along with others: one transaction instead of two, between which somebody could write. */
export const MARK = { gte: MARK_KEY, lt: `${MARK_KEY}/` } as const
/** Where a record that could not be read is kept, for repair by hand or by a later version. */
const asideKey = (key: string): string => `bad/${key}`

/**
 * Records are read in the order of their keys: by a number that is larger than any its writer has seen, as in Lamport's clock, and among
 * tabs that had not seen each other by the name of the tab. Keys without a name come from a counter that all tabs shared.
 */
export const groupKey = (n: number, tab: string): string => `e/${n.toString(36).padStart(10, '0')}/${tab}`

/** The number in a group's key; 0 for what is none. */
export const numberOf = (key: string): number => Number.parseInt(key.slice(2, 12), 36) || 0

/** A record of the outbox as it was read. */
export type Row = readonly [key: string, value: Stored | undefined]

/** The mark, which comes behind the records that were read with it, and those. */
export function splitMark(
  read: readonly (readonly [string, Stored])[],
): [mark: Stored | undefined, rows: readonly Row[]] {
  const last = read.at(-1)
  return last?.[0] === MARK_KEY ? [last[1], read.slice(0, -1)] : [undefined, read]
}

/** Values in the order of their keys, as records. */
export const zip =
  (keys: readonly string[]) =>
  (values: readonly (Stored | undefined)[]): readonly Row[] =>
    keys.map((key, i) => [key, values[i]])

/** Entries of one write in as few records as may be. */
export const groupsOf = (entries: readonly Entry[]): readonly (readonly Entry[])[] => {
  const groups: Entry[][] = []
  for (let i = 0; i < entries.length; i += LIMITS.batchEntries)
    groups.push(entries.slice(i, i + LIMITS.batchEntries))
  return groups
}

/** The place of an entry over all records, as text: `index` in the record of this key. */
export const orderOf = (key: string, index: number): string => `${key} ${String(index).padStart(3, '0')}`

/** `aside`: other rows, which nobody here knows, were set aside. */
export const groupChange = (key: string, { rows }: Group, aside = false): Change =>
  rows.length > 0 || aside
    ? { put: key, value: { v: RECORD_VERSION, e: rows, ...(aside && { aside }) } }
    : { del: key }

/** What each record is known to hold. */
export type Known = ReadonlyMap<string, Group>

/** Copies records with unreadable rows aside before they are rewritten with what is known of them. */
export async function setAside(store: Store, keys: readonly string[], known: Known): Promise<void> {
  function changesOf(key: string, value: Stored | undefined): readonly Change[] {
    const held = known.get(key)
    const left = readGroup(value, held)
    // Somebody else has mended it.
    if (value === undefined || left.bad === 0) return []
    const copy = readGroup(value).bad > 0 ? [{ put: asideKey(key), value }] : []
    return [...copy, groupChange(key, left, held === undefined)]
  }
  await store.transact(
    keys,
    (values) => ({ changes: keys.flatMap((key, i) => changesOf(key, values[i])), result: null }),
    'strict',
  )
}
