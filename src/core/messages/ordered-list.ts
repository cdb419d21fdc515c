/**
 * Items in the order of their keys, each once. Kept in chunks, so that an item that comes late, or in no order at all,
 * moves a few hundred neighbours instead of everything behind it.
 */
export interface OrderedList<T> extends Iterable<T> {
  readonly size: number
  /** Puts an item at its place; false, and no change, when its key is there. */
  add(item: T): boolean
  /** Adds several in any order; tells how many were new. */
  addMany(items: Iterable<T>): number
  /** Puts an item in the place of the one with the same key; false when there is none. */
  replace(item: T): boolean
  /** False when the key is not there. */
  remove(key: string, tie?: string): boolean
  /** Removes the `count` oldest and gives them, in order. */
  takeFirst(count: number): T[]
  clear(): void
  get(key: string, tie?: string): T | undefined
  at(index: number): T | undefined
  /** Where the key stands, or -1. */
  indexOf(key: string, tie?: string): number
  /** How many items stand before the key, whether it is there or not. */
  countBefore(key: string, tie?: string): number
  /** Items from index `from` up to but not including `to`: a new array. */
  slice(from: number, to?: number): T[]
  /** The newest `count`, oldest of them first: a new array. */
  last(count: number): T[]
  /** All keys in order: a new array. */
  keys(): string[]
}

// Measured: at 512, arrival in random and reverse order stays flat and the usual order costs nothing. A chunk splits at twice that.
const CHUNK = 512

/**
 * Order is (key, tie), by code units; without `tieOf` the key alone. Both are called some twenty times an insert and must be cheap: the
 * read of a field, not a concatenation. They never change while their item is in the list. Equality of both means the same item: an
 * index of ids would cost more than the order does.
 */
export function createOrderedList<T extends object>(
  keyOf: (item: T) => string,
  tieOf: (item: T) => string = () => '',
): OrderedList<T> {
  // Never holds an empty chunk.
  const chunks: T[][] = []
  let size = 0

  /** Whether the item at an index is before a place; false past the end. */
  const isBefore = (chunk: readonly T[] | undefined, index: number, key: string, tie: string): boolean => {
    const item = chunk?.[index]
    if (item === undefined) return false
    const own = keyOf(item)
    return own < key || (own === key && tieOf(item) < tie)
  }
  const endsBefore = (chunk: readonly T[] | undefined, key: string, tie: string): boolean =>
    chunk !== undefined && isBefore(chunk, chunk.length - 1, key, tie)
  const isAt = (chunk: readonly T[], index: number, key: string, tie: string): boolean => {
    const item = chunk[index]
    return item !== undefined && keyOf(item) === key && tieOf(item) === tie
  }

  /** The first chunk that does not end before the place; the number of chunks when all do. */
  const chunkOf = (key: string, tie: string): number => {
    let low = 0
    let high = chunks.length
    // Late arrivals are mostly a little late: look at the newest chunk first.
    if (high > 0 && isBefore(chunks[high - 1], 0, key, tie)) low = high - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (endsBefore(chunks[middle], key, tie)) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Index in the chunk of the first item that is not before the place. */
  const placeIn = (chunk: readonly T[], key: string, tie: string): number => {
    let low = 0
    let high = chunk.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (isBefore(chunk, middle, key, tie)) low = middle + 1
      else high = middle
    }
    return low
  }

  const append = (item: T) => {
    const newest = chunks[chunks.length - 1]
    if (newest === undefined || newest.length >= CHUNK) chunks.push([item])
    else newest.push(item)
    size++
    return true
  }

  /** What comes backwards fills chunks of its own, as what comes in order does. */
  const prepend = (item: T) => {
    const oldest = chunks[0]
    if (oldest === undefined || oldest.length >= CHUNK) chunks.unshift([item])
    else oldest.unshift(item)
    size++
    return true
  }

  const add = (item: T): boolean => {
    const key = keyOf(item)
    const tie = tieOf(item)
    if (size === 0 || endsBefore(chunks[chunks.length - 1], key, tie)) return append(item)
    const index = isBefore(chunks[0], 0, key, tie) ? chunkOf(key, tie) : 0
    const chunk = chunks[index] ?? []
    const place = index > 0 || isBefore(chunk, 0, key, tie) ? placeIn(chunk, key, tie) : 0
    if (isAt(chunk, place, key, tie)) return false
    if (index === 0 && place === 0) return prepend(item)
    chunk.splice(place, 0, item)
    if (chunk.length > 2 * CHUNK) chunks.splice(index + 1, 0, chunk.splice(CHUNK))
    size++
    return true
  }

  const addMany = (items: Iterable<T>): number => {
    const before = size
    for (const item of items) add(item)
    return size - before
  }

  /** Calls back with the chunk and index of a place that is taken. */
  const found = <R>(
    key: string,
    tie: string,
    fn: (chunk: T[], place: number, index: number) => R,
  ): R | undefined => {
    const index = chunkOf(key, tie)
    const chunk = chunks[index]
    if (chunk === undefined) return undefined
    const place = placeIn(chunk, key, tie)
    return isAt(chunk, place, key, tie) ? fn(chunk, place, index) : undefined
  }

  const startOf = (index: number): number => {
    let start = 0
    for (let i = 0; i < index; i++) start += chunks[i]?.length ?? 0
    return start
  }

  const slice = (from: number, to = size): T[] => {
    const start = Math.max(0, from)
    const end = Math.min(to, size)
    const parts: T[][] = []
    // Backwards: what is read is nearly always the newest.
    let chunkEnd = size
    for (let i = chunks.length - 1; i >= 0 && chunkEnd > start; i--) {
      const chunk = chunks[i] ?? []
      const chunkStart = chunkEnd - chunk.length
      if (chunkStart < end) parts.push(chunk.slice(Math.max(0, start - chunkStart), end - chunkStart))
      chunkEnd = chunkStart
    }
    const [first = [], ...rest] = parts.reverse()
    // `concat` copies blocks; `flat` looks at every item.
    return rest.length === 0 ? first : first.concat(...rest)
  }

  const takeFirst = (count: number): T[] => {
    const taken = slice(0, count)
    let left = taken.length
    let whole = 0
    for (; whole < chunks.length; whole++) {
      const length = chunks[whole]?.length ?? 0
      if (length > left) break
      left -= length
    }
    chunks.splice(0, whole)
    chunks[0]?.splice(0, left)
    size -= taken.length
    return taken
  }

  return {
    get size() {
      return size
    },
    add,
    addMany,
    takeFirst,
    replace: (item) =>
      found(keyOf(item), tieOf(item), (chunk, place) => {
        chunk[place] = item
        return true
      }) ?? false,
    remove: (key, tie = '') =>
      found(key, tie, (chunk, place, index) => {
        chunk.splice(place, 1)
        if (chunk.length === 0) chunks.splice(index, 1)
        size--
        return true
      }) ?? false,
    clear() {
      chunks.length = 0
      size = 0
    },
    get: (key, tie = '') => found(key, tie, (chunk, place) => chunk[place]),
    at: (index) => slice(index, index + 1)[0],
    indexOf: (key, tie = '') => found(key, tie, (_chunk, place, index) => startOf(index) + place) ?? -1,
    countBefore(key, tie = '') {
      const index = chunkOf(key, tie)
      const chunk = chunks[index]
      return chunk === undefined ? size : startOf(index) + placeIn(chunk, key, tie)
    },
    slice,
    last(count) {
      const newest = chunks[chunks.length - 1]
      // One array, where the newest chunk has enough.
      return newest && newest.length >= count && count > 0 ? newest.slice(-count) : slice(size - count)
    },
    keys: () => chunks.flatMap((chunk) => chunk.map(keyOf)),
    *[Symbol.iterator]() {
      for (const chunk of chunks) yield* chunk
    },
  }
}
