import type { Change, Durability, Range, Stored } from '../core/seams/storage.js'

/** The one object store of every database. */
export const OBJECTS = 'kv'

/** What is kept under a key. The key stands in the record, so that one request brings keys and values together. */
interface Row {
  readonly k: string
  readonly v: Stored
}

/** `getAll` as IndexedDB 3.0 has it; the platform's types do not know it yet. */
interface DirectedStore extends IDBObjectStore {
  getAll(query?: IDBValidKey | IDBKeyRange | null, count?: number): IDBRequest<Row[]>
  getAll(options: {
    readonly query: IDBKeyRange
    readonly count?: number
    readonly direction: 'prev'
  }): IDBRequest<Row[]>
}

// Both came with the same revision of the standard; before it, options would be taken for a key.
const readsBackwards = (store: IDBObjectStore): store is DirectedStore => 'getAllRecords' in store

type Entry = readonly [string, Stored]

const entriesOf = (rows: readonly Row[]): Entry[] => rows.map(({ k, v }) => [k, v])

/**
 * Settles with the transaction: on `complete`, never on the success of a request, which a full disk may follow with an abort; and on
 * `abort`, never on `error`, which comes before the reason is known.
 */
function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () =>
      reject(transaction.error ?? new DOMException('The transaction was aborted.', 'AbortError'))
  })
}

/** Calls back with the values while the transaction is still active. No promise in between: some engines end it there. */
function get(
  store: IDBObjectStore,
  keys: readonly string[],
  done: (values: (Stored | undefined)[]) => void,
): void {
  if (keys.length === 0) {
    done([])
    return
  }
  const values = new Array<Stored | undefined>(keys.length).fill(undefined)
  let missing = keys.length
  keys.forEach((key, i) => {
    const request: IDBRequest<Row | undefined> = store.get(key)
    request.onsuccess = () => {
      values[i] = request.result?.v
      missing--
      if (missing === 0) done(values)
    }
  })
}

function getBackwardsByCursor(
  store: IDBObjectStore,
  query: IDBKeyRange,
  limit: number,
  done: (entries: Entry[]) => void,
): void {
  const entries: Entry[] = []
  const request = store.openCursor(query, 'prev')
  request.onsuccess = () => {
    const cursor = request.result
    if (cursor === null) {
      done(entries)
      return
    }
    const row: Row = cursor.value
    entries.push([row.k, row.v])
    if (entries.length < limit) cursor.continue()
    else done(entries)
  }
}

/** What a transaction of reads finds. Settles as soon as it is found: there is nothing that could not be committed. */
const readIn = <T>(database: IDBDatabase, read: (store: IDBObjectStore, found: (what: T) => void) => void) =>
  new Promise<T>((resolve, reject) => {
    const transaction = database.transaction(OBJECTS, 'readonly')
    read(transaction.objectStore(OBJECTS), resolve)
    finished(transaction).catch(reject)
  })

/** Reads values in one transaction. */
export const readKeys = async (
  database: IDBDatabase,
  keys: readonly string[],
): Promise<readonly (Stored | undefined)[]> =>
  keys.length === 0 ? [] : readIn(database, (store, found) => get(store, keys, found))

function getRange(
  store: IDBObjectStore,
  { gte, lt, limit, reverse = false }: Range,
  take: (entries: readonly Entry[]) => void,
): void {
  const query = IDBKeyRange.bound(gte, lt, false, true)
  const takeRows = (request: IDBRequest<Row[]>) => {
    request.onsuccess = () => take(entriesOf(request.result))
  }
  if (!reverse) takeRows(store.getAll(query, limit))
  else if (readsBackwards(store))
    takeRows(store.getAll({ query, direction: 'prev', ...(limit !== undefined && { count: limit }) }))
  else getBackwardsByCursor(store, query, limit ?? Number.POSITIVE_INFINITY, take)
}

// IndexedDB throws on such ranges, and takes a count of 0 for no limit.
const isEmpty = ({ gte, lt, limit = 1 }: Range): boolean => gte >= lt || limit <= 0

/** Reads the entries of ranges in one transaction. */
export async function readRanges(database: IDBDatabase, asked: readonly Range[]): Promise<readonly Entry[]> {
  const ranges = asked.filter((range) => !isEmpty(range))
  const all = ranges.map((): readonly Entry[] => [])
  let missing = all.length
  if (missing === 0) return []
  return readIn<readonly Entry[]>(database, (store, found) => {
    for (const [i, range] of ranges.entries())
      getRange(store, range, (entries) => {
        all[i] = entries
        missing--
        if (missing === 0) found(all.flat())
      })
  })
}

function apply(store: IDBObjectStore, change: Change): void {
  if ('put' in change) store.put({ k: change.put, v: change.value } satisfies Row)
  else if ('del' in change) store.delete(change.del)
  else {
    const [gte, lt] = change.delRange
    if (gte < lt) store.delete(IDBKeyRange.bound(gte, lt, false, true))
  }
}

/** What `fn` decided, or what it threw: the latter is the caller's own business and no fault of the database. */
export type Decided<T> =
  | { readonly is: 'committed'; readonly changes: readonly Change[]; readonly result: T }
  | { readonly is: 'thrown'; readonly thrown: unknown }

/**
 * Reads, decides and writes in one transaction. Resolves when it is complete, or aborted because `fn` or a change threw. `onCommit` is
 * told the changes when they are on their way: others who read now wait for them.
 */
export async function readThenWrite<T>(
  database: IDBDatabase,
  keys: readonly string[],
  fn: (values: readonly (Stored | undefined)[]) => {
    readonly changes: readonly Change[]
    readonly result: T
  },
  durability: Durability,
  onCommit: (changes: readonly Change[]) => void,
): Promise<Decided<T>> {
  const transaction = database.transaction(OBJECTS, 'readwrite', { durability })
  const store = transaction.objectStore(OBJECTS)
  const decisions: Decided<T>[] = []
  get(store, keys, (values) => {
    try {
      const { changes, result } = fn(values)
      for (const change of changes) apply(store, change)
      decisions.push({ is: 'committed', changes, result })
    } catch (thrown) {
      decisions.push({ is: 'thrown', thrown })
      abort(transaction)
      return
    }
    // Saves the round trip in which the database finds out that nothing more is coming.
    transaction.commit?.()
    const [decided] = decisions
    if (decided?.is === 'committed' && decided.changes.length > 0) onCommit(decided.changes)
  })
  const end = await finished(transaction).then(
    () => undefined,
    (reason: unknown) => ({ reason }),
  )
  const decided = decisions[0]
  if (decided?.is === 'thrown') return decided
  if (end !== undefined) throw end.reason
  if (decided === undefined) throw new DOMException('The transaction ended before it was read.', 'AbortError')
  return decided
}

function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort()
  } catch {
    // It was over already: its own event says why.
  }
}
