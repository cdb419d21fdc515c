import { TidingsError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Clock } from '../seams/clock.js'
import type { Change, Durability, Store } from '../seams/storage.js'
import { COUNTER_KEY, type Entry, GROUPS, groupKey, readCounter, readGroup, writeCounter } from './entry.js'
import { groupChange, groupsOf, orderOf, type Row, setAside, zip } from './outbox-records.js'
import type { Transition } from './transitions.js'

/** What the disk holds of an operation after a commit; null: nothing any more. `order` grows over tabs and restarts. */
export interface Written {
  readonly id: string
  readonly entry: Entry | null
  readonly order: number
}

export interface OutboxDiskParts {
  readonly open: () => Promise<Store>
  readonly clock: Clock
  /** A commit of this tab or of another. */
  readonly onWritten: (written: readonly Written[]) => void
  /** The first write of these takes too long, or failed and will be tried again. */
  readonly onOverdue: (ids: readonly string[]) => void
  readonly onError: (error: TidingsError) => void
}

/** The outbox on disk: entries of one tick share a record, records are ordered by a stored counter, one commit at a time. */
export interface OutboxDisk {
  load(): Promise<readonly Written[]>
  append(entry: Entry): void
  /** Resolves when the disk has the change; an entry that waits for its first write is changed before it. */
  change(ids: readonly string[], transition: Transition, durability?: Durability): Promise<void>
  largestStamp(): string
  close(): void
}

/** Work that waits for the next commit. */
interface Batch {
  fresh: Map<string, Entry>
  changes: Map<string, Transition[]>
  /** `strict` as soon as it holds what somebody wrote. */
  durability: Durability
  done: (() => void)[]
}

const emptyBatch = (): Batch => ({ fresh: new Map(), changes: new Map(), durability: 'relaxed', done: [] })

const run = (entry: Entry, transitions: readonly Transition[]): Entry | null =>
  transitions.reduce<Entry | null>((current, transition) => current && transition(current), entry)

export function createOutboxDisk(parts: OutboxDiskParts): OutboxDisk {
  /** What each record held after the last commit seen, and where each entry is. */
  const known = new Map<string, readonly Entry[]>()
  const keyOf = new Map<string, string>()
  let largest = ''
  /** Behind every record that was seen so far. */
  let free = 1
  let batch = emptyBatch()
  let work:
    | { state: 'idle' }
    | { state: 'scheduled' | 'committing' }
    | { state: 'failing'; cancel: () => void }
    | { state: 'closed' } = { state: 'idle' }
  let failures = 0
  /** The commit under way hangs. */
  let hangs = false
  let watched: Store | undefined
  let stopWatching: (() => void) | undefined

  function learn(key: string, entries: readonly Entry[]): readonly Written[] {
    const gone = (known.get(key) ?? []).filter((before) => !entries.some((entry) => entry.id === before.id))
    for (const { id } of gone) keyOf.delete(id)
    free = Math.max(free, orderOf(key, 0) / 1_000 + 1)
    if (entries.length > 0) known.set(key, entries)
    else known.delete(key)
    for (const entry of entries) {
      keyOf.set(entry.id, key)
      if (entry.stamp > largest) largest = entry.stamp
    }
    return [
      ...gone.map(({ id }) => ({ id, entry: null, order: 0 })),
      ...entries.map((entry, i) => ({ id: entry.id, entry, order: orderOf(key, i) })),
    ]
  }

  /** What other tabs wrote; changes of ours that wait for their commit stay on top. */
  const withOurs = (written: readonly Written[]): readonly Written[] =>
    written.map((one) => {
      const ours = batch.changes.get(one.id)
      return ours && one.entry ? { ...one, entry: run(one.entry, ours) } : one
    })

  /** The store, watched: after it was lost another one takes its place. */
  async function opened(): Promise<Store> {
    const store = await parts.open()
    if (store === watched || work.state === 'closed') return store
    watched = store
    stopWatching?.()
    stopWatching = store.watch(GROUPS.gte, (keys) => void reread(() => store.read(keys).then(zip(keys))))
    // Other tabs go on writing: what they wrote meanwhile is there, or everything known has to be put back.
    store.onLost(() => void reread(() => rescan()))
    return store
  }

  async function rescan(): Promise<readonly Row[]> {
    const store = await opened()
    const [counterValue] = await store.read([COUNTER_KEY])
    if (counterValue === undefined && known.size > 0) schedule()
    return store.scan(GROUPS)
  }

  async function reread(rows: () => Promise<readonly Row[]>): Promise<void> {
    try {
      parts.onWritten(
        withOurs((await rows()).flatMap(([key, value]) => learn(key, readGroup(value).entries))),
      )
    } catch (cause) {
      if (work.state === 'closed') return
      parts.onError(
        new TidingsError('storage', 'What another tab queued could not be read; it sends it itself.', {
          cause,
        }),
      )
    }
  }

  function tellNotAside(cause: unknown): void {
    const message = 'Stored outbox records that cannot be read could not be kept aside either.'
    parts.onError(new TidingsError('storage', message, { cause }))
  }

  function schedule(): void {
    if (work.state !== 'idle') return
    work = { state: 'scheduled' }
    // The sends of one tick share a commit.
    void Promise.resolve().then(commit)
  }

  async function commit(): Promise<void> {
    if (work.state === 'closed') return
    work = { state: 'committing' }
    const taken = batch
    batch = emptyBatch()
    const overdue = (): void => {
      hangs = true
      parts.onOverdue([...taken.fresh.keys(), ...batch.fresh.keys()])
    }
    const cancelSlow = parts.clock.after(LIMITS.slowWriteMs, overdue)
    try {
      const written = await write(taken)
      failures = 0
      parts.onWritten(withOurs([...written].flatMap(([key, entries]) => learn(key, entries))))
      for (const done of taken.done) done()
      finish()
    } catch (cause) {
      overdue()
      putBack(taken)
      waitAfter(cause)
    } finally {
      cancelSlow()
      hangs = false
    }
  }

  function finish(): void {
    if (work.state === 'closed') return
    work = { state: 'idle' }
    if (batch.fresh.size > 0 || batch.changes.size > 0) schedule()
  }

  function waitAfter(cause: unknown): void {
    if (work.state === 'closed') return
    if (failures === 0) {
      const message =
        'The outbox could not be written. Messages are kept in this page and sent from there; writing is tried again.'
      parts.onError(new TidingsError('storage', message, { cause }))
    }
    const waitMs = Math.min(LIMITS.backoffCapMs, LIMITS.backoffFirstMs * 2 ** failures++)
    work = { state: 'failing', cancel: parts.clock.after(waitMs, () => void commit()) }
  }

  function putBack(taken: Batch): void {
    const later = batch
    batch = taken
    for (const [id, entry] of later.fresh) batch.fresh.set(id, entry)
    for (const [id, transitions] of later.changes) {
      const fresh = batch.fresh.get(id)
      if (fresh) changeFresh(id, fresh, transitions)
      else batch.changes.set(id, [...(batch.changes.get(id) ?? []), ...transitions])
    }
    if (later.durability === 'strict') batch.durability = 'strict'
    batch.done.push(...later.done)
  }

  function changeFresh(id: string, entry: Entry, transitions: readonly Transition[]): void {
    const next = run(entry, transitions)
    if (next) batch.fresh.set(id, next)
    else batch.fresh.delete(id)
  }

  async function write(taken: Batch): Promise<ReadonlyMap<string, readonly Entry[]>> {
    const store = await opened()
    const keys = [...new Set([...taken.changes.keys()].flatMap((id) => keyOf.get(id) ?? []))]
    const fresh = groupsOf([...taken.fresh.values()])
    return store.transact(
      [COUNTER_KEY, ...keys],
      ([counterValue, ...values]) => {
        // No counter although something was written: the store was emptied. Everything known goes back at once.
        const emptied = counterValue === undefined && known.size > 0
        const groups = new Map<string, readonly Entry[]>(emptied ? known : [])
        keys.forEach((key, i) => {
          const stored = emptied ? (known.get(key) ?? []) : readGroup(values[i]).entries
          groups.set(
            key,
            stored.flatMap((entry) => run(entry, taken.changes.get(entry.id) ?? []) ?? []),
          )
        })
        // Never a place that is taken, whatever became of the counter.
        const next = Math.max(free, readCounter(counterValue).next)
        fresh.forEach((entries, i) => {
          groups.set(groupKey(next + i), entries)
        })
        return {
          changes: [counterChange(next + fresh.length, fresh), ...[...groups].map(groupChange)],
          result: groups,
        }
      },
      taken.durability,
    )
  }

  function counterChange(next: number, fresh: readonly (readonly Entry[])[]): Change {
    const peak = fresh.flat().reduce((top, entry) => (entry.stamp > top ? entry.stamp : top), largest)
    return { put: COUNTER_KEY, value: writeCounter(next, peak) }
  }

  return {
    async load() {
      const store = await opened()
      const [counterValue] = await store.read([COUNTER_KEY])
      largest = readCounter(counterValue).stamp
      const rows = await store.scan(GROUPS)
      const bad = rows.filter(([, value]) => readGroup(value).bad > 0)
      if (bad.length > 0) {
        const keys = bad.map(([key]) => key)
        await setAside(store, keys).catch(tellNotAside)
        const message = `${bad.length} stored outbox records could not be read whole. They are kept aside; the rest goes on.`
        parts.onError(new TidingsError('bad_record', message))
      }
      return rows.flatMap(([key, value]) => learn(key, readGroup(value).entries))
    },
    append(entry) {
      batch.fresh.set(entry.id, entry)
      batch.durability = 'strict'
      schedule()
      // Nobody waits for a disk that is known not to answer.
      if (hangs || work.state === 'failing') parts.onOverdue([entry.id])
    },
    change(ids, transition, durability = 'relaxed') {
      return new Promise((resolve) => {
        if (durability === 'strict') batch.durability = 'strict'
        for (const id of ids) {
          const fresh = batch.fresh.get(id)
          if (fresh) changeFresh(id, fresh, [transition])
          else batch.changes.set(id, [...(batch.changes.get(id) ?? []), transition])
        }
        batch.done.push(resolve)
        schedule()
      })
    },
    largestStamp: () => largest,
    close() {
      if (work.state === 'failing') work.cancel()
      work = { state: 'closed' }
      stopWatching?.()
      // What was written in the last moment is handed over before the store closes; who waits for it is told that it was not.
      if (batch.fresh.size > 0 || batch.changes.size > 0)
        write(batch).then(
          () => {
            for (const done of batch.done) done()
          },
          () => undefined,
        )
    },
  }
}
