import type { Change, Range, Stored } from '../seams/storage.js'

/** Keys in code-unit order with their values, in memory. What goes in must be copied first, what comes out is a copy. */
export interface OrderedTable {
  read(keys: readonly string[]): (Stored | undefined)[]
  scan(range: Range): (readonly [string, Stored])[]
  /** Takes the changes in their order. Cannot fail half-way. */
  apply(changes: readonly Change[]): void
}

/** A copy that shares nothing. Throws a RangeError where the nesting is deeper than the platform's stack. */
export function copyStored(value: Stored): Stored {
  if (typeof value !== 'object' || value === null) return value
  if (isList(value)) return value.map(copyStored)
  // Spread as a whole, which engines do fast and which keeps a key named __proto__ a key; then what is nested.
  const copy: Record<string, Stored> = { ...value }
  for (const key of Object.keys(copy)) {
    const inner = copy[key]
    if (typeof inner === 'object') copy[key] = copyStored(inner)
  }
  return copy
}

const isList = (value: object): value is readonly Stored[] => Array.isArray(value)

/** The changes with values of their own: what the caller does to its objects afterwards cannot reach the store. */
export const copyChanges = (changes: readonly Change[]): Change[] =>
  changes.map((change) => ('put' in change ? { put: change.put, value: copyStored(change.value) } : change))

/** The keys that watchers are told: a range delete is told as its `gte`. */
export const touchedKeys = (changes: readonly Change[]): string[] =>
  changes.map((change) => {
    if ('put' in change) return change.put
    return 'del' in change ? change.del : change.delRange[0]
  })

/** A table that holds these entries, in any order. */
export function createOrderedTable(entries: Iterable<readonly [string, Stored]> = []): OrderedTable {
  const values = new Map(entries)
  // Without a comparison function sort() goes by code units, which is the order of the seam.
  const keys = [...values.keys()].sort()

  /** Index of the first key that is not below this one. */
  function firstFrom(key: string): number {
    let low = 0
    let high = keys.length
    while (low < high) {
      const middle = (low + high) >> 1
      const other = keys[middle]
      if (other !== undefined && other < key) low = middle + 1
      else high = middle
    }
    return low
  }

  function put(key: string, value: Stored): void {
    if (!values.has(key)) keys.splice(firstFrom(key), 0, key)
    values.set(key, value)
  }

  function removeRange(gte: string, lt: string): void {
    const from = firstFrom(gte)
    for (const key of keys.splice(from, Math.max(0, firstFrom(lt) - from))) values.delete(key)
  }

  function copyAt(key: string): Stored | undefined {
    const value = values.get(key)
    return value === undefined ? undefined : copyStored(value)
  }

  return {
    read: (wanted) => wanted.map(copyAt),
    scan({ gte, lt, limit = Number.POSITIVE_INFINITY, reverse = false }) {
      const found = keys.slice(firstFrom(gte), firstFrom(lt))
      if (reverse) found.reverse()
      return found.slice(0, Math.max(0, limit)).map((key) => [key, copyAt(key) ?? null] as const)
    },
    apply(changes) {
      for (const change of changes) {
        if ('put' in change) put(change.put, change.value)
        else if ('delRange' in change) removeRange(...change.delRange)
        else if (values.delete(change.del)) keys.splice(firstFrom(change.del), 1)
      }
    },
  }
}
