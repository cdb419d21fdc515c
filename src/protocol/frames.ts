import * as v from 'valibot'
import { body, count, cursor, features, name, reaction, seq, stamp, text, time, token } from './fields.js'
import { WIRE } from './limits.js'

/**
 * Every frame of the wire, as schemas: the types below, the validation of both sides and the published JSON Schema come from here.
 * Fields that no schema names are dropped on receipt, so that a newer peer may add some. `docs/protocol.md` holds the obligations.
 */
const frame = <const T extends string, const E extends v.ObjectEntries>(type: T, entries: E) =>
  v.object({ type: v.literal(type), ...entries })

const maybe = <const S extends v.GenericSchema>(schema: S) => v.exactOptional(schema)

/** A room to follow, from the log position that the client holds; `pages` is credit for pages the server may push. */
const roomRequest = v.object({
  room: name,
  cursor: maybe(cursor),
  pages: maybe(count),
  from: maybe(v.literal('head')),
})
const roomRequests = v.pipe(v.array(roomRequest), v.maxLength(WIRE.roomsPerFrame))

export const clientFrames = {
  hello: frame('hello', {
    v: count,
    token: maybe(token),
    device: name,
    rooms: maybe(roomRequests),
    features: maybe(features),
  }),
  auth: frame('auth', { id: name, token }),
  subscribe: frame('subscribe', { id: name, rooms: roomRequests }),
  unsubscribe: frame('unsubscribe', { rooms: v.pipe(v.array(name), v.maxLength(WIRE.roomsPerFrame)) }),
  message: frame('message', {
    id: name,
    room: name,
    stamp,
    body,
    replyTo: maybe(name),
    attempt: count,
    at: time,
  }),
  message_update: frame('message_update', {
    id: name,
    room: name,
    messageId: name,
    op: v.picklist(['edit', 'delete', 'react', 'unreact']),
    baseVersion: maybe(count),
    stamp,
    body: maybe(body),
    attempt: count,
    at: time,
  }),
  sync_request: frame('sync_request', {
    id: name,
    room: name,
    cursor: maybe(cursor),
    dir: maybe(v.picklist(['forward', 'backward'])),
    limit: v.pipe(count, v.minValue(1), v.maxValue(WIRE.pageMessages)),
    pages: maybe(count),
    checkpoints: maybe(v.pipe(v.array(cursor), v.maxLength(WIRE.checkpoints))),
    lastSyncTimestamp: maybe(time),
  }),
  sync_credit: frame('sync_credit', { id: name, pages: count }),
  ping: frame('ping', { t: time }),
  pong: frame('pong', { t: time, now: maybe(time) }),
} as const

/** What an operation answers to or changes. */
const target = v.object({ messageId: name, seq, stamp })

const reactions = v.record(reaction, v.array(name))

const shared = { seq, messageId: name, id: name, from: name, stamp, ts: time }

/** A committed operation, as it goes into a log. Inside pages a `create` shows the message as it is now. */
const logEntry = v.object({
  ...shared,
  kind: v.picklist(['create', 'edit', 'delete', 'react', 'unreact', 'system']),
  body: maybe(body),
  version: maybe(count),
  replyTo: maybe(name),
  target: maybe(target),
  edited: maybe(v.boolean()),
  deleted: maybe(v.boolean()),
  reactions: maybe(reactions),
  rev: maybe(seq),
})

/** A page's entry that does not fit: it keeps its place, so that one bad entry never holds a position. */
const unreadableEntry = v.pipe(
  v.unknown(),
  v.transform((value) => ({ kind: 'unreadable' as const, seq: seqOf(value) })),
)

const seqOf = (value: unknown): number | undefined => {
  const parsed = v.safeParse(v.object({ seq }), value)
  return parsed.success ? parsed.output.seq : undefined
}

const roomLimits = v.object({ presence: maybe(v.boolean()), typing: maybe(v.boolean()) })

export const serverFrames = {
  welcome: frame('welcome', {
    v: maybe(count),
    session: name,
    user: name,
    node: name,
    t: time,
    ping: v.object({ interval: count, timeout: count }),
    limits: v.object({
      frame: count,
      body: count,
      rooms: count,
      page: count,
      dedupeWindow: count,
      rate: v.object({ perSecond: v.pipe(v.number(), v.minValue(0)), burst: count }),
    }),
    reconnectWindow: maybe(count),
    features: maybe(features),
  }),
  subscribed: frame('subscribed', {
    id: maybe(name),
    room: name,
    seq: count,
    cursor,
    head: count,
    first: count,
    role: maybe(name),
    members: maybe(count),
    mark: maybe(count),
    unread: count,
    limits: maybe(roomLimits),
  }),
  unsubscribed: frame('unsubscribed', { room: name, code: name, retryable: v.boolean() }),
  ack: frame('ack', {
    id: name,
    room: maybe(name),
    messageId: maybe(name),
    seq: maybe(seq),
    stamp: maybe(stamp),
    ts: maybe(time),
    version: maybe(count),
    dup: maybe(v.boolean()),
    applied: maybe(v.boolean()),
  }),
  nack: frame('nack', {
    id: name,
    code: name,
    message: text,
    retryable: v.boolean(),
    retryAfter: maybe(count),
    currentVersion: maybe(count),
    currentValue: maybe(body),
  }),
  event: frame('event', { room: name, cursor, prev: cursor, ...logEntry.entries }),
  skip: frame('skip', { room: name, seq, cursor, prev: cursor }),
  sync_response: frame('sync_response', {
    id: name,
    room: name,
    messages: v.array(v.union([logEntry, unreadableEntry])),
    prev: v.nullable(cursor),
    cursor: v.nullable(cursor),
    seq: count,
    hasMore: v.boolean(),
    head: count,
  }),
  reset: frame('reset', {
    room: name,
    reason: v.picklist(['fork', 'trimmed', 'restored', 'unknown']),
    head: count,
  }),
  ping: clientFrames.ping,
  pong: clientFrames.pong,
  error: frame('error', {
    code: name,
    message: text,
    retryable: v.boolean(),
    retryAfter: maybe(count),
    re: maybe(name),
  }),
  goaway: frame('goaway', { retryAfter: count, reason: text, url: maybe(v.pipe(v.string(), v.maxLength(2048))) }),
} as const

type FrameOf<T extends Record<string, v.GenericSchema>> = { [K in keyof T]: v.InferOutput<T[K]> }

/** Frames that a client sends, by their `type`. */
export type ClientFrames = FrameOf<typeof clientFrames>
/** Any frame that a client sends. */
export type ClientFrame = ClientFrames[keyof ClientFrames]
/** Frames that a server sends, by their `type`. */
export type ServerFrames = FrameOf<typeof serverFrames>
/** Any frame that a server sends. */
export type ServerFrame = ServerFrames[keyof ServerFrames]

/** A committed operation as pages carry it; an `event` frame adds `room`, `cursor` and `prev`. */
export type LogEntry = v.InferOutput<typeof logEntry>
/** What a page holds at one place: an entry, or the place of one that did not fit. */
export type PageEntry = ServerFrames['sync_response']['messages'][number]
/** A room to follow, as hello and subscribe name it. */
export type RoomRequest = v.InferOutput<typeof roomRequest>
