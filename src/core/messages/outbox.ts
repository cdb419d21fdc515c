import { compareText } from '../../protocol/index.js'
import type { OutboxStatus } from '../api.js'
import { TidingsError, thrownByListener } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Clock } from '../seams/clock.js'
import type { Readable } from '../seams/readable.js'
import type { Durability, Store } from '../seams/storage.js'
import type { Entry } from './entry.js'
import { createOutboxCount } from './outbox-count.js'
import { createOutboxDisk } from './outbox-disk.js'
import type { Written } from './outbox-ledger.js'
import { forget, type Transition } from './transitions.js'
import { createUnsettled } from './unsettled.js'

/** What the outbox needs and whom it tells. */
export interface OutboxParts {
  readonly open: () => Promise<Store>
  readonly clock: Clock
  /** A name that no other context has. */
  readonly tab: string
  /** Server time, ms since the epoch. */
  readonly serverNow: () => number
  /** Entries of a room changed: what is shown and what is sent may have to change with them. */
  readonly onChange: (room: string) => void
  /** Acknowledged entries were found that this context had not known. */
  readonly onFound: (room: string) => void
  /** An entry reached the disk for the first time. */
  readonly onQueued: (entry: Entry) => void
  /** Another tab of the profile learned what became of an entry of this one; undefined: it was given up there. */
  readonly onElsewhere: (id: string, entry: Entry | undefined) => void
  /** Another tab of the profile sent something, or heard what became of it. */
  readonly onMoved: () => void
  /** This tab led, and the disk says that another one does. */
  readonly onDeposed: () => void
  readonly onError: (error: TidingsError) => void
}

/** How far an entry's first write has come. `overdue`: it may be sent although nobody knows yet whether the disk has it. */
type Writing = 'writing' | 'overdue' | 'written'

interface Row {
  entry: Entry
  writing: Writing
  /** Order over tabs and restarts, as text; entries that are not written yet come last, in the order they were made. */
  order: string
  waiting: { resolve(): void; reject(error: TidingsError): void }[]
}

/** The durable queue of this user's operations, over all rooms and tabs. Nothing leaves it but by a verdict. */
export interface Outbox {
  readonly status: Readable<OutboxStatus>
  /** Reads what is on disk. */
  load(): Promise<void>
  /** Others may have written without being heard of: looks at the disk. Resolves when it was looked at, or cannot be. */
  look(): Promise<void>
  /** The largest stamp that this profile gave, '' before any. */
  largestStamp(): string
  /** Takes an operation: in memory now, on disk soon. Refuses with `outbox_full` by keeping it as failed, in memory only. */
  add(entry: Entry): void
  get(id: string): Entry | undefined
  /** What is not covered by the log, in the order of the lane. */
  lane(room: string): readonly Entry[]
  /** Those of a lane that are not acknowledged, in order. */
  open(room: string): readonly Entry[]
  /** Those of a lane that change messages, in order. */
  operations(room: string): readonly Entry[]
  /** Rooms with something to send or to settle. */
  rooms(): readonly string[]
  /** Whether the entry may leave: it is on disk, or the disk takes too long. */
  maySend(id: string): boolean
  isDurable(id: string): boolean
  /** Changes entries: in memory now, on disk soon; resolves when the disk has it. `strict` for what somebody wrote. */
  change(ids: readonly string[], transition: Transition, durability?: Durability): Promise<void>
  /** A change that would be found out again if it were lost: in memory now, on disk within a moment. */
  note(id: string, transition: Transition): void
  /** The page may be gone in a moment: what waits for company is written now. */
  hurry(): void
  /** The log covers a room up to `seq`: acknowledged entries up to there need not be shown any more. */
  cover(room: string, seq: number): void
  /** The log of a room, as far as it is known here, fell back to `seq`: what was acknowledged behind it is not covered any more. */
  uncover(room: string, seq: number): void
  /** Resolves when the entry is on disk. */
  queued(id: string): Promise<void>
  /** Entries acknowledged beyond `seq` of a room, in lane order: the server lost them. */
  ackedBeyond(room: string, seq: number): readonly Entry[]
  /** This tab sends alone, or does not any more. */
  lead(on: boolean): void
  /** Forgets acknowledged entries that are old enough and covered. */
  prune(isCovered: (entry: Entry) => boolean): Promise<void>
  /** What was not written yet is handed over, unless everything is to be forgotten. */
  close(keeps: boolean): void
}

/** Behind every key of the disk. */
const notWritten = (made: number): string => `~${made.toString(36).padStart(10, '0')}`

/** Those that were acknowledged beyond `seq` of a room. */
const beyond = (rows: Iterable<Row>, room: string, seq: number): Row[] =>
  [...rows].filter(({ entry }) => entry.room === room && (entry.acked?.seq ?? 0) > seq)

export function createOutbox(parts: OutboxParts): Outbox {
  const rows = new Map<string, Row>()
  const unsettled = createUnsettled<Row>()
  let made = 0
  const counted = createOutboxCount({
    clock: parts.clock,
    serverNow: parts.serverNow,
    waiting: () => unsettled.rooms().flatMap(unsettled.open),
    onDelayed: parts.onChange,
    onThrow: (cause) => parts.onError(thrownByListener(cause)),
  })

  const disk = createOutboxDisk({
    open: parts.open,
    clock: parts.clock,
    tab: parts.tab,
    onError: parts.onError,
    onWritten: adopt,
    onDeposed: parts.onDeposed,
    onOverdue(ids) {
      for (const id of ids) {
        const row = rows.get(id)
        if (row?.writing === 'writing') {
          row.writing = 'overdue'
          parts.onChange(row.entry.room)
        }
      }
    },
  })

  /** Takes over what a commit, of this tab or another, left on disk. */
  function adopt(written: readonly Written[]): void {
    const touched = new Set<string>()
    const found = new Set<string>()
    for (const { id, entry, order } of written) {
      const row = rows.get(id)
      const isKnown = row && row.entry === entry && row.order === order && row.writing === 'written'
      if (isKnown) continue
      if (!entry) {
        if (row) remove(row)
        if (row) parts.onElsewhere(id, undefined)
      } else if (row) {
        row.order = order
        if (row.entry.state !== entry.state) parts.onElsewhere(id, entry)
        if (row.entry.state !== entry.state || row.entry.attempts < entry.attempts) parts.onMoved()
        if (row.entry !== entry) replace(row, entry)
        if (row.writing !== 'written') {
          row.writing = 'written'
          for (const waiter of row.waiting.splice(0)) waiter.resolve()
          parts.onQueued(entry)
        }
      } else {
        insert({ entry, writing: 'written', order, waiting: [] })
        if (entry.acked) found.add(entry.room)
      }
      const room = entry?.room ?? row?.entry.room
      if (room !== undefined) touched.add(room)
    }
    for (const room of touched) {
      unsettled.sort(room)
      parts.onChange(room)
    }
    for (const room of found) parts.onFound(room)
  }

  function insert(row: Row): void {
    rows.set(row.entry.id, row)
    unsettled.put(row)
    counted.changed(undefined, row.entry)
  }

  /** A covered entry that is open again goes back to its place in the lane. */
  function replace(row: Row, entry: Entry): void {
    counted.changed(row.entry, entry)
    row.entry = entry
    const isListed = unsettled.has(row)
    if (isListed || entry.state !== 'acked') unsettled.put(row)
    if (!isListed) unsettled.sort(entry.room)
  }

  function remove(row: Row): void {
    counted.changed(row.entry, undefined)
    rows.delete(row.entry.id)
    unsettled.drop(row.entry.room, (other) => other === row)
  }

  /** Changes entries in memory. Gives the ids of those that the disk has to change, too. */
  function apply(ids: readonly string[], transition: Transition): readonly string[] {
    const touched = new Set<string>()
    const onDisk: string[] = []
    for (const id of ids) {
      const row = rows.get(id)
      if (!row) continue
      const refused = row.entry.failure?.code === 'outbox_full'
      const next = transition(row.entry)
      const revived = refused && next?.state === 'queued'
      // Still no room for it: it stays as it is.
      if (revived && counted.isFull(next.bytes)) continue
      touched.add(row.entry.room)
      if (next) replace(row, next)
      else remove(row)
      if (!refused) onDisk.push(id)
      else if (revived) disk.append(next)
    }
    for (const room of touched) parts.onChange(room)
    return onDisk
  }

  function change(ids: readonly string[], transition: Transition, durability?: Durability): Promise<void> {
    const onDisk = apply(ids, transition)
    return onDisk.length > 0 ? disk.change(onDisk, transition, durability) : Promise.resolve()
  }

  return {
    status: counted.status,
    ...{ load: disk.load, look: disk.look, lead: disk.lead, largestStamp: disk.largestStamp },
    add(entry) {
      const order = notWritten(made++)
      if (counted.isFull(entry.bytes)) {
        const message =
          'The outbox is full. The message is kept in this page only: send what waits, then retry it.'
        const refused: Entry = { ...entry, state: 'failed', failure: { code: 'outbox_full', message } }
        insert({ entry: refused, writing: 'writing', order, waiting: [] })
      } else {
        insert({ entry, writing: 'writing', order, waiting: [] })
        disk.append(entry)
      }
      parts.onChange(entry.room)
    },
    get: (id) => rows.get(id)?.entry,
    lane: unsettled.entries,
    open: unsettled.open,
    operations: unsettled.operations,
    rooms: unsettled.rooms,
    maySend: (id) => (rows.get(id)?.writing ?? 'writing') !== 'writing',
    isDurable: (id) => rows.get(id)?.writing !== 'overdue',
    change,
    note(id, transition) {
      for (const each of apply([id], transition)) disk.note(each, transition)
    },
    hurry: disk.hurry,
    cover(room, seq) {
      unsettled.drop(room, ({ entry }) => entry.acked !== undefined && entry.acked.seq <= seq)
    },
    uncover(room, seq) {
      for (const row of beyond(rows.values(), room, seq)) if (!unsettled.has(row)) unsettled.put(row)
      unsettled.sort(room)
    },
    queued(id) {
      const row = rows.get(id)
      if (!row)
        return Promise.reject(
          new TidingsError('discarded', 'The message was discarded before it was stored.'),
        )
      if (row.writing === 'written') return Promise.resolve()
      if (row.entry.failure) return Promise.reject(new TidingsError('outbox_full', row.entry.failure.message))
      return new Promise((resolve, reject) => row.waiting.push({ resolve, reject }))
    },
    ackedBeyond: (room, seq) =>
      beyond(rows.values(), room, seq)
        .sort((a, b) => compareText(a.order, b.order))
        .map((row) => row.entry),
    async prune(isCovered) {
      const oldest = parts.serverNow() - LIMITS.keepAckedMs
      const done = [...rows.values()].filter(
        ({ entry }) => entry.acked !== undefined && entry.acked.at < oldest && isCovered(entry),
      )
      const ids = done.map((row) => row.entry.id)
      if (ids.length > 0) await change(ids, forget)
    },
    close(keeps) {
      counted.stop()
      disk.close(keeps)
      for (const row of rows.values()) {
        for (const waiter of row.waiting.splice(0)) {
          waiter.reject(
            new TidingsError('destroyed', 'The client was destroyed before the message was stored.'),
          )
        }
      }
      if (!keeps) for (const row of [...rows.values()]) remove(row)
    },
  }
}
