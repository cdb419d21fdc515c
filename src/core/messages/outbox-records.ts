import { LIMITS } from '../limits.js'
import type { Change, Store, Stored } from '../seams/storage.js'
import { asideKey, type Entry, readGroup, writeGroup } from './entry.js'

/** A record of the outbox as it was read. */
export type Row = readonly [key: string, value: Stored | undefined]

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

/** The place of an entry over all records: `index` in the record of this key. */
export const orderOf = (key: string, index: number): number =>
  Number.parseInt(key.slice(2), 36) * 1_000 + index

export const groupChange = ([key, entries]: readonly [string, readonly Entry[]]): Change =>
  entries.length > 0 ? { put: key, value: writeGroup(entries) } : { del: key }

/** Copies records with unreadable rows aside before they are rewritten without them. */
export async function setAside(store: Store, keys: readonly string[]): Promise<void> {
  const changesOf = (key: string, value: Stored | undefined): readonly Change[] =>
    value === undefined ? [] : [{ put: asideKey(key), value }, groupChange([key, readGroup(value).entries])]
  await store.transact(
    keys,
    (values) => ({ changes: keys.flatMap((key, i) => changesOf(key, values[i])), result: null }),
    'strict',
  )
}
