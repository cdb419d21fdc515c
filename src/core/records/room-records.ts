import { stageOf } from '../backstage.js'
import { TidingsError } from '../errors.js'
import { roomRecordChanges } from '../limits.js'
import type { Gap, Timeline } from '../message.js'
import { temporaryId } from '../messages/temporary-id.js'
import type { Readable } from '../seams/readable.js'
import { createView } from '../view.js'
import { overlaid } from './fields.js'
import { createFold, type Fold } from './fold-records.js'
import { isRecordBody, type RecordBody } from './record-body.js'
import type { ChangedRecord, Records, RecordsState } from './records.js'
import { shownItem, shownState } from './shown.js'

/** What the records of a room are. */
export interface RecordsOfOptions<T extends object> {
  /** The id of a record. */
  readonly key: (record: T) => string
  /** Whether a value is such a record: others write them, so a change that makes something else of one is left out. */
  readonly is: (value: unknown) => value is T
  /** Records that are there before anybody changed them, such as settings and their first values. The same on every device. */
  readonly initial?: readonly T[] | undefined
  /** The order of the items; without it, that in which they were first seen. */
  readonly compare?: ((a: T, b: T) => number) | undefined
}

/** What is asked of a room: any room of `client.room`, whose bodies may be anything or `recordBody`. */
export interface RecordsRoom {
  readonly timeline: Readable<Timeline<unknown>>
  /** A room whose bodies are something else does not fit: open it with `{ body: recordBody }`. */
  readonly send: (body: RecordBody) => { readonly key: string; confirmed(): Promise<unknown> }
  retry(message: string): boolean
  discard(message: string): boolean
  loadOlder(): Promise<boolean>
  fillGap(gap: Gap): Promise<boolean>
}

/** Records at one moment, and whether all changes were read that made them what they are. */
export interface RoomRecordsState<T extends object> extends RecordsState<T> {
  /** False while older changes of the room are not read: fields that were last changed by one of those show what they were before. */
  readonly complete: boolean
}

/** Records that a room holds: durable, written offline, the same on every device. */
export interface RoomRecords<T extends object> extends Records<T> {
  readonly state: Readable<RoomRecordsState<T>>
}

/**
 * Records kept by a room of their own, one message a change: what waits survives a reload, goes out when there is a connection, and is
 * refused or given up like any message. Of two changes of one field the later one wins, in the order of the room, on every device; changes
 * of different fields both stay. The room is followed while somebody subscribes. For settings, pins and short lists: it reads the room's
 * last 900 changes (see `complete`), and whoever may write to the room may change the records.
 *
 * Throws a TidingsError `invalid_argument` for a room of another making. Fields are JSON: anything else makes a change throw `invalid_body`.
 */
export function recordsOf<T extends object>(room: RecordsRoom, options: RecordsOfOptions<T>): RoomRecords<T> {
  const { client } = stageOf(room)
  const foldOf = createFold(options)
  let seen: Timeline<unknown> | undefined
  let fold: Fold<T> = { rows: new Map(), changes: [] }
  const view = createView<RoomRecordsState<T>>(
    (last) => {
      seen = room.timeline.get()
      fold = foldOf(seen.items)
      return stateOf(seen, fold, options.compare, last)
    },
    client.onThrow,
    (watched) => reader.watch(watched),
  )
  const reader = createReader(room, view.touch)

  /** Whoever asks gets what the room shows now, followed or not. */
  function get(): RoomRecordsState<T> {
    if (room.timeline.get() !== seen) view.touch()
    return view.get()
  }

  const shown = (key: string): T | null => {
    get()
    return fold.rows.get(key)?.record ?? null
  }

  function send(key: string, change: object): ChangedRecord<T> {
    const body: unknown = { record: key, ...change }
    if (!isRecordBody(body))
      throw new TidingsError(
        'invalid_body',
        'The fields of a record in a room are JSON. Nothing was changed.',
      )
    const sent = room.send(body)
    view.touch()
    return { id: sent.key, key, settled: () => sent.confirmed().then(() => shown(key)) }
  }

  const missing = (key: string): ChangedRecord<T> => ({
    id: client.random.id(),
    key,
    settled: () =>
      Promise.reject(new TidingsError('not_found', 'There is no such record, or it was removed.')),
  })

  /** The messages of a change, or of a record: those that failed, or what waits if none did and that is wanted. */
  function messagesOf(name: string, orWaiting: boolean): readonly string[] {
    get()
    const ofRecord = fold.rows.get(name)?.changes ?? []
    const all = fold.changes.filter(({ id }) => id === name)
    const found = all.length > 0 ? all : ofRecord
    const failed = found.filter(({ status }) => status === 'failed')
    return (failed.length > 0 || !orWaiting ? failed : found).map(({ id }) => id)
  }

  /** Gives up changes, and with an `add` what was done to its record since. */
  function drop(ids: readonly string[]): boolean {
    const given = new Set(ids)
    for (const { changes } of fold.rows.values()) {
      const at = changes.findIndex(({ id, kind }) => kind === 'add' && given.has(id))
      if (at >= 0) for (const { id } of changes.slice(at)) given.add(id)
    }
    return [...given].map(room.discard).some(Boolean)
  }

  return {
    state: { get, subscribe: view.subscribe },
    add(given) {
      const record = typeof given === 'function' ? given(temporaryId(client.random.id())) : given
      if (!options.is(record)) throw unfit()
      const key = options.key(record)
      if (shown(key) !== null)
        throw new TidingsError('invalid_argument', 'There is a record of this id: update it instead.')
      return send(key, { added: record })
    },
    update(key, fields) {
      const now = shown(key)
      if (now === null) return missing(key)
      const next = overlaid(now, fields)
      if (!options.is(next) || options.key(next) !== key) throw unfit()
      return send(key, { changed: fields })
    },
    remove(key) {
      if (shown(key) === null) return missing(key)
      const failed = fold.rows.get(key)?.changes.filter(({ status }) => status === 'failed') ?? []
      if (!failed.some(({ kind }) => kind === 'add')) return send(key, { removed: true })
      drop(failed.map(({ id }) => id))
      view.touch()
      return { id: failed[0]?.id ?? key, key, settled: () => Promise.resolve(null) }
    },
    retry: (name) => messagesOf(name, false).map(room.retry).some(Boolean),
    discard: (name) => drop(messagesOf(name, true)),
  }
}

const unfit = (): TidingsError =>
  new TidingsError('invalid_argument', 'This would be no record, or another one. Nothing was changed.')

function stateOf<T extends object>(
  { hasOlder, items }: Timeline<unknown>,
  { rows, changes }: Fold<T>,
  compare: ((a: T, b: T) => number) | undefined,
  last: RoomRecordsState<T> | undefined,
): RoomRecordsState<T> {
  const before = new Map(last?.items.map((item) => [item.key, item]))
  const shown = [...rows].flatMap(([key, row]) =>
    row.record === null ? [] : shownItem(before.get(key), key, row.record, row.changes),
  )
  const state = shownState(last, shown, changes, compare)
  const complete = !hasOlder && items.every(({ type }) => type !== 'gap')
  return last && state === last && complete === last.complete ? last : Object.freeze({ ...state, complete })
}

/** Follows a room while it is watched, and reads back to its beginning, as far as a list goes. */
function createReader(room: RecordsRoom, onChange: () => void) {
  let stop: (() => void) | undefined
  let reading = false

  const step = (): Promise<boolean> | false => {
    const { items, hasOlder, status } = room.timeline.get()
    if (!stop || status === 'loading' || items.length >= roomRecordChanges) return false
    const gap = items.find((item) => item.type === 'gap')
    if (gap) return room.fillGap(gap)
    return hasOlder && room.loadOlder()
  }

  /** What cannot be had now is asked for again at the next change of the room, such as a connection. */
  async function read(): Promise<void> {
    if (reading) return
    reading = true
    while (await step());
    reading = false
  }

  return {
    watch(watched: boolean): void {
      stop?.()
      stop = undefined
      if (!watched) return
      stop = room.timeline.subscribe(() => {
        onChange()
        void read()
      })
      void read()
    },
  }
}
