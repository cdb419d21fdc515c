import { retryDelayMs } from '../connection/backoff.js'
import { TidingsError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Clock } from '../seams/clock.js'
import type { Durability, Store } from '../seams/storage.js'
import type { Entry } from './entry.js'
import { addChange, type Batch, emptyBatch, isEmpty, putBack, run, writeOver } from './outbox-batch.js'
import { isDamaged, setBadAside } from './outbox-damage.js'
import { createLedger, type Written } from './outbox-ledger.js'
import { createOutboxReading } from './outbox-reading.js'
import { GROUPS, type Group, MARK, type Row, readGroup, splitMark, zip } from './outbox-records.js'
import { createOutboxWriter } from './outbox-writer.js'
import type { Transition } from './transitions.js'

export interface OutboxDiskParts {
  readonly open: () => Promise<Store>
  readonly clock: Clock
  /** A name that no other context has. */
  readonly tab: string
  /** A commit of this tab or of another. */
  readonly onWritten: (written: readonly Written[]) => void
  /** The first write of these takes too long, or failed and will be tried again. */
  readonly onOverdue: (ids: readonly string[]) => void
  /** This tab led, and the disk says that another one does. */
  readonly onDeposed: () => void
  readonly onError: (error: TidingsError) => void
}

/** The outbox on disk: entries of one tick share a record, records are numbered in the order in which they were written, one commit at a time. */
export interface OutboxDisk {
  /** Looks at all of it for the first time. Rejects when that cannot be; it is tried again then. */
  load(): Promise<void>
  /** Others may have written without being heard of: looks at all of it, if it was opened. Never rejects. */
  look(): Promise<void>
  append(entry: Entry): void
  /** Resolves when the disk has the change; an entry that waits for its first write is changed before it. */
  change(ids: readonly string[], transition: Transition, durability?: Durability): Promise<void>
  /** A change that would be found out again if it were lost: written within a moment, with others like it. */
  note(id: string, transition: Transition): void
  /** What waits for company is written now. */
  hurry(): void
  /** This tab leads, or does not any more: what it claims then counts only until the disk hears of another that leads. */
  lead(on: boolean): void
  largestStamp(): string
  /** What was not written yet is handed over, unless nothing of it is to be kept. */
  close(keeps: boolean): void
}

/** What is being done about what waits to be written. */
type Work =
  | { readonly state: 'idle' | 'scheduled' | 'committing' | 'closed' }
  | { readonly state: 'failing'; readonly cancel: () => void }

export function createOutboxDisk(parts: OutboxDiskParts): OutboxDisk {
  const ledger = createLedger()
  let batch = emptyBatch()
  /** The one that is being written. */
  let underWay: Batch | undefined
  /** Changes that wait for company: a send does not wait for them to be written with it. */
  const notes = new Map<string, Transition[]>()
  let cancelGather: (() => void) | undefined
  let work: Work = { state: 'idle' }
  let failures = 0
  /** The commit under way hangs. */
  let hangs = false
  let watched: Store | undefined
  let stopWatching: (() => void) | undefined

  /** What was written; changes of ours that wait for their commit, or for its end, stay on top. */
  function withOurs(written: readonly Written[]): readonly Written[] {
    const ours = [underWay?.changes, batch.changes, notes].filter((changes) => changes?.size)
    if (ours.length === 0) return written
    return written.map((one) => {
      const transitions = ours.flatMap((changes) => changes?.get(one.id) ?? [])
      return transitions.length > 0 && one.entry ? { ...one, entry: run(one.entry, transitions) } : one
    })
  }

  /** The store, watched: after it was lost another one takes its place. */
  async function opened(): Promise<Store> {
    const store = await parts.open()
    if (store === watched || work.state === 'closed') return store
    watched = store
    stopWatching?.()
    stopWatching = store.watch(GROUPS.gte, (keys) => {
      const look = () => store.read(keys).then(zip(keys))
      // What another tab could not read, and this one knows, is put back.
      void reading.read(() => look().then((rows) => (isDamaged(rows, ledger.known) ? rescan() : rows)))
    })
    // Other tabs go on writing: what they wrote meanwhile is there, or everything known has to be put back.
    store.onLost(() => {
      if (watched === store) watched = undefined
      writer.lost(store.isFallback === true)
      void reading.read(rescan)
    })
    return store
  }

  /** The whole disk: what waits there, and where the profile stands. */
  async function rescan(): Promise<readonly Row[]> {
    const store = await opened()
    const before = [...ledger.known.keys()]
    const [mark, rows] = splitMark(await store.scan(GROUPS, MARK))
    await setBadAside(store, rows, ledger.known, parts.onError)
    if (writer.sawMark(mark) && !writer.owes()) {
      // What another tab took out is not there any more; what is not there yet was written since.
      const there = new Set(rows.map(([key]) => key))
      return [...rows, ...before.flatMap((key): Row[] => (there.has(key) ? [] : [[key, undefined]]))]
    }
    // The store was emptied, or is another one: what is known has to go there again.
    if (ledger.known.size > 0) schedule()
    return rows
  }

  /** What records hold now. */
  function learn(groups: readonly (readonly [key: string, group: Group])[]): void {
    reading.passed(groups.map(([key]) => key))
    parts.onWritten(withOurs(groups.flatMap(([key, group]) => ledger.learn(key, group))))
  }

  const { tab, onDeposed } = parts
  const writer = createOutboxWriter({ ledger, watched: () => watched, opened, tab, onDeposed })
  const reading = createOutboxReading({
    ...{ clock: parts.clock, all: rescan, onError: parts.onError },
    onFound: (rows) => learn(rows.map(([key, value]) => [key, readGroup(value, ledger.known.get(key))])),
  })

  function schedule(): void {
    if (work.state !== 'idle') return
    work = { state: 'scheduled' }
    // The sends of one tick share a commit.
    void Promise.resolve().then(commit)
  }

  /** What is noted of an entry goes before anything that comes after it. */
  function addNote(id: string): void {
    addChange(batch, id, notes.get(id) ?? [])
    notes.delete(id)
  }

  /** What was noted is written with the next commit, which is due. */
  function hurry(): void {
    cancelGather?.()
    cancelGather = undefined
    for (const id of notes.keys()) addNote(id)
    if (!isEmpty(batch)) schedule()
  }

  async function commit(): Promise<void> {
    if (work.state === 'closed') return
    work = { state: 'committing' }
    const taken = batch
    batch = emptyBatch()
    underWay = taken
    const overdue = (): void => {
      hangs = true
      parts.onOverdue([...taken.fresh.keys(), ...batch.fresh.keys()])
    }
    const writing = writer.write(taken)
    const cancelSlow = parts.clock.after(LIMITS.slowWriteMs, overdue)
    try {
      const written = await writing
      failures = 0
      underWay = undefined
      learn([...written])
      for (const done of taken.done) done()
      finish()
    } catch (cause) {
      overdue()
      underWay = undefined
      batch = putBack(taken, batch)
      waitAfter(cause)
    } finally {
      cancelSlow()
      hangs = false
    }
  }

  function finish(): void {
    if (work.state === 'closed') return
    work = { state: 'idle' }
    if (!isEmpty(batch) || writer.owes()) schedule()
  }

  function waitAfter(cause: unknown): void {
    if (work.state === 'closed') return
    if (failures === 0) {
      const message =
        'The outbox could not be written. Messages are kept in this page and sent from there; writing is tried again.'
      parts.onError(new TidingsError('storage', message, { cause }))
    }
    work = { state: 'failing', cancel: parts.clock.after(retryDelayMs(failures++, 1), () => void commit()) }
  }

  return {
    async load() {
      try {
        await reading.attempt(rescan)
      } catch (cause) {
        reading.later()
        throw cause
      }
    },
    look: async () => (watched ? reading.read(rescan) : undefined),
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
          if (notes.has(id)) addNote(id)
          addChange(batch, id, [transition])
        }
        batch.done.push(resolve)
        schedule()
      })
    },
    note(id, transition) {
      const before = notes.get(id)
      if (before) before.push(transition)
      // What waits for a write already is changed before it.
      else if (batch.fresh.has(id) || batch.changes.has(id)) addChange(batch, id, [transition])
      else notes.set(id, [transition])
      if (work.state === 'closed' || notes.size === 0) return
      if (notes.size >= LIMITS.batchEntries) hurry()
      else cancelGather ??= parts.clock.after(LIMITS.noteWithinMs, hurry)
    },
    hurry,
    lead(on) {
      writer.follow()
      batch.leads = on
      if (on) schedule()
    },
    largestStamp: () => ledger.mark().stamp,
    close(keeps) {
      if ('cancel' in work) work.cancel()
      reading.stop()
      cancelGather?.()
      for (const id of notes.keys()) addNote(id)
      work = { state: 'closed' }
      stopWatching?.()
      // What was written in the last moment is handed over before the store closes; who waits for it is told that it was not.
      if (!keeps || isEmpty(batch)) return
      // Both are on their way then, one behind the other.
      writer.write(underWay ? writeOver(underWay, batch) : batch).then(
        () => {
          for (const done of batch.done) done()
        },
        () => undefined,
      )
    },
  }
}
