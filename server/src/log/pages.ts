import { type ResetReason, utf8Bytes, WIRE } from 'tidings/protocol'
import { type Entry, entryText, isMessage } from '../core/entry-text.js'
import type {
  Page,
  PageAnswer,
  PageItem,
  PageRequest,
  Place,
  Standing,
  StandingRequest,
  Surroundings,
} from '../core/seams.js'
import { resolve } from './commit.js'
import { cursorAt, firstMark, type Position, parseCursor } from './cursor.js'
import { readingOf } from './marks.js'
import type { Rows, Store } from './store.js'

/** Rows read at a time: a page may end early by its size, and an open scan must not outlive the page. */
const CHUNK = 64

const itemOf = (row: Entry): PageItem => ({
  seq: row.seq,
  from: row.author,
  kind: row.kind,
  text: entryText(row),
})

const cursorOf = (store: Rows, room: string, seq: number): string =>
  cursorAt(seq, store.markAt(room, seq) ?? firstMark(room))

/** Why a cursor is not a position of this log, or the position. */
export function recognise(store: Rows, room: string, cursor: string): Position | ResetReason {
  const position = parseCursor(cursor)
  if (!position) return 'unknown'
  if (position.seq > store.tail(room).head) return 'restored'
  if (position.seq < store.first(room) - 1) return 'trimmed'
  return store.markAt(room, position.seq) === position.mark ? position : 'fork'
}

/** Where a room stands, whoever asks. */
export function standingOf(store: Rows, room: string, cursor: string | undefined): Standing {
  const { head, mark } = store.tail(room)
  const position = cursor === undefined ? undefined : recognise(store, room, cursor)
  const standing = { head, cursor: cursorAt(head, mark), first: store.first(room) }
  return typeof position === 'string' ? { ...standing, lost: position } : standing
}

/** Where a room stands, and a reader in it. */
export function locate(store: Store, { room, cursor, reader }: StandingRequest): Standing {
  const standing = standingOf(store, room, cursor)
  return reader === undefined ? standing : { ...standing, ...readingOf(store, room, reader) }
}

export function readPage(store: Rows, request: PageRequest): PageAnswer {
  const { room, dir, cursor, limit, checkpoints } = request
  const { head } = store.tail(room)
  if (checkpoints) return forward(store, room, newestOf(store, room, checkpoints), limit)
  const position = cursor === undefined ? undefined : recognise(store, room, cursor)
  if (typeof position === 'string') return { lost: position, head }
  return dir === 'forward'
    ? forward(store, room, position, limit)
    : backward(store, room, position?.seq ?? head, limit)
}

function newestOf(store: Rows, room: string, checkpoints: readonly string[]): Position | undefined {
  let newest: Position | undefined
  for (const checkpoint of checkpoints) {
    const position = recognise(store, room, checkpoint)
    if (typeof position !== 'string' && position.seq >= (newest?.seq ?? 0)) newest = position
  }
  return newest
}

/** Whether one more entry may join a page of these counts and bytes. */
type Fits = (
  row: Entry,
  counts: { readonly entries: number; readonly messages: number },
  bytes: number,
) => boolean

interface Range {
  readonly from: number
  readonly to: number
  readonly order: 'asc' | 'desc'
}

/** Takes rows from one end of a range until one does not fit; the first always does. */
function take(store: Rows, room: string, { from, to, order }: Range, fits: Fits): PageItem[] {
  const items: PageItem[] = []
  let messages = 0
  let bytes = 0
  let [low, high] = [from, to]
  while (low <= high) {
    for (const row of store.range(room, low, high, CHUNK, order)) {
      const item = itemOf(row)
      bytes += utf8Bytes(item.text) + 1
      if (isMessage(row.kind)) messages += 1
      if (items.length > 0 && !fits(row, { entries: items.length + 1, messages }, bytes)) return items
      items.push(item)
    }
    if (order === 'asc') low += CHUNK
    else high -= CHUNK
  }
  return items
}

/** What follows a position, or the start of the log. */
function forward(store: Rows, room: string, from: Position | undefined, limit: number): Page {
  const { head } = store.tail(room)
  const after = from?.seq ?? store.first(room) - 1
  const items = take(
    store,
    room,
    { from: after + 1, to: head, order: 'asc' },
    (_, { entries }, bytes) => entries <= limit && bytes <= WIRE.pageBytes,
  )
  const seq = items.at(-1)?.seq ?? after
  const prev = from ? cursorOf(store, room, after) : null
  return { items, prev, cursor: cursorOf(store, room, seq), seq, hasMore: seq < head, head }
}

/** A full page ends with a message: the operations beyond belong to the next one. */
const messagesWithin =
  (limit: number, mostBytes: number): Fits =>
  (row, { messages }, bytes) => {
    const isFull = messages > limit || (messages === limit && !isMessage(row.kind))
    return !isFull && bytes <= mostBytes
  }

function backward(store: Rows, room: string, upTo: number, limit: number): Page {
  const { head } = store.tail(room)
  const items = take(
    store,
    room,
    { from: store.first(room), to: upTo, order: 'desc' },
    messagesWithin(limit, WIRE.pageBytes),
  ).reverse()
  const before = (items[0]?.seq ?? upTo + 1) - 1
  const [prev, cursor] = [cursorOf(store, room, before), cursorOf(store, room, upTo)]
  return { items, prev, cursor, seq: upTo, hasMore: before >= store.first(room), head }
}

/** The first position whose entry is not older than `since`; timestamps never go back along a log. */
function firstSince(store: Rows, room: string, since: number): number {
  let low = store.searchFrom?.(room, since) ?? store.first(room)
  let high = store.tail(room).head + 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((store.at(room, middle)?.ts ?? 0) < since) low = middle + 1
    else high = middle
  }
  return low
}

export function readSince(store: Rows, room: string, since: number, limit: number): Page {
  const { head } = store.tail(room)
  const first = firstSince(store, room, since)
  let ts: number | undefined
  const items = take(store, room, { from: first, to: head, order: 'asc' }, (row, { entries }, bytes) => {
    const sameTs = row.ts === (ts ?? store.at(room, first)?.ts)
    ts = row.ts
    return entries <= limit && (bytes <= WIRE.pageBytes || sameTs)
  })
  const seq = items.at(-1)?.seq ?? first - 1
  const prev = cursorOf(store, room, first - 1)
  return { items, prev, cursor: cursorOf(store, room, seq), seq, hasMore: seq < head, head }
}

/** The position of a place; undefined when nothing is like it. */
function positionOf(store: Rows, room: string, place: Place): number | undefined {
  const { head } = store.tail(room)
  if ('seq' in place) return Math.min(Math.max(place.seq, store.first(room) - 1), head)
  if ('ts' in place) return Math.min(firstSince(store, room, place.ts), head)
  return resolve(store, { room, author: place.author }, place.messageId)?.seq
}

const bytesOf = (items: readonly PageItem[]): number =>
  items.reduce((sum, { text }) => sum + utf8Bytes(text) + 1, 0)

export function readAround(store: Rows, room: string, place: Place, limit: number): Surroundings | undefined {
  const at = positionOf(store, room, place)
  if (at === undefined) return undefined
  const { head } = store.tail(room)
  const half = Math.ceil(limit / 2)
  const upTo = { from: store.first(room), to: at, order: 'desc' } as const
  const below = take(store, room, upTo, messagesWithin(half, WIRE.pageBytes / 2)).reverse()
  const left = WIRE.pageBytes - bytesOf(below)
  const after = { from: at + 1, to: limit > half && left > 0 ? head : at, order: 'asc' } as const
  const above = take(store, room, after, messagesWithin(limit - half, left))
  const items = [...below, ...above]
  const before = (items[0]?.seq ?? at + 1) - 1
  const seq = items.at(-1)?.seq ?? at
  const [prev, cursor] = [cursorOf(store, room, before), cursorOf(store, room, seq)]
  return { items, prev, cursor, seq, hasMore: before >= store.first(room), head, at }
}
