import { body, count, cursor, features, name, reaction, seq, stamp, text, time, token } from './fields.js'
import { WIRE } from './limits.js'
import {
  type AnyShape,
  array,
  boolean,
  fits,
  type Infer,
  maybe,
  nullable,
  object,
  oneOf,
  positive,
  record,
  string,
  whole,
} from './shape.js'

/**
 * Every frame of the wire, as schemas: the types below, the validation of both sides and the published JSON Schema come from here.
 * Fields that no schema names are dropped on receipt, so that a newer peer may add some. `docs/protocol.md` holds the obligations.
 */
const frame = <const T extends string, const F extends Readonly<Record<string, AnyShape>>>(
  type: T,
  fields: F,
) => object({ type: oneOf(type), ...fields })

/** A room to follow, from the log position that the client holds; `pages` is credit for pages the server may push. */
const roomRequest = object({
  room: name,
  cursor: maybe(cursor),
  pages: maybe(count),
  from: maybe(oneOf('head')),
})
const roomRequests = array(roomRequest, WIRE.roomsPerFrame)

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
  unsubscribe: frame('unsubscribe', { rooms: array(name, WIRE.roomsPerFrame) }),
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
    op: oneOf('edit', 'delete', 'react', 'unreact'),
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
    dir: maybe(oneOf('forward', 'backward')),
    limit: whole(1, WIRE.pageMessages),
    pages: maybe(count),
    checkpoints: maybe(array(cursor, WIRE.checkpoints)),
    lastSyncTimestamp: maybe(time),
  }),
  sync_credit: frame('sync_credit', { id: name, pages: count }),
  ping: frame('ping', { t: time }),
  pong: frame('pong', { t: time, now: maybe(time) }),
} as const

/** What an operation answers to or changes. */
const target = object({ messageId: name, seq, stamp })

const reactions = record(reaction, array(name, 10_000))

const shared = { seq, messageId: name, id: name, from: name, stamp, ts: time }

/** A committed operation, as it goes into a log. Inside pages a `create` shows the message as it is now. */
const logEntry = object({
  ...shared,
  kind: oneOf('create', 'edit', 'delete', 'react', 'unreact', 'system'),
  body: maybe(body),
  version: maybe(count),
  replyTo: maybe(name),
  target: maybe(target),
  edited: maybe(boolean),
  deleted: maybe(boolean),
  reactions: maybe(reactions),
  rev: maybe(seq),
})

const numbered = object({ seq })

/** A page's entry that does not fit: it keeps its place, so that one bad entry never holds a position. */
const unreadable = (bad: unknown): { readonly kind: 'unreadable'; readonly seq?: number } =>
  fits(numbered, bad) ? { kind: 'unreadable', seq: bad.seq } : { kind: 'unreadable' }

const roomLimits = object({ presence: maybe(boolean), typing: maybe(boolean) })

export const serverFrames = {
  welcome: frame('welcome', {
    v: maybe(count),
    session: name,
    user: name,
    node: name,
    t: time,
    ping: object({ interval: count, timeout: count }),
    limits: object({
      frame: count,
      body: count,
      rooms: count,
      page: count,
      dedupeWindow: count,
      rate: object({ perSecond: positive, burst: count }),
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
  unsubscribed: frame('unsubscribed', { room: name, code: name, retryable: boolean }),
  ack: frame('ack', {
    id: name,
    room: maybe(name),
    messageId: maybe(name),
    seq: maybe(seq),
    stamp: maybe(stamp),
    ts: maybe(time),
    version: maybe(count),
    dup: maybe(boolean),
    applied: maybe(boolean),
  }),
  nack: frame('nack', {
    id: name,
    code: name,
    message: text,
    retryable: boolean,
    retryAfter: maybe(count),
    currentVersion: maybe(count),
    currentValue: maybe(body),
  }),
  event: frame('event', { room: name, cursor, prev: cursor, ...logEntry.fields }),
  skip: frame('skip', { room: name, seq, cursor, prev: cursor }),
  sync_response: frame('sync_response', {
    id: name,
    room: name,
    messages: array(logEntry, 65_536, unreadable),
    prev: nullable(cursor),
    cursor: nullable(cursor),
    seq: count,
    hasMore: boolean,
    head: count,
  }),
  reset: frame('reset', {
    room: name,
    reason: oneOf('fork', 'trimmed', 'restored', 'unknown'),
    head: count,
  }),
  ping: clientFrames.ping,
  pong: clientFrames.pong,
  error: frame('error', {
    code: name,
    message: text,
    retryable: boolean,
    retryAfter: maybe(count),
    re: maybe(name),
  }),
  goaway: frame('goaway', { retryAfter: count, reason: text, url: maybe(string(1, 2048)) }),
} as const

type FrameOf<T extends Record<string, AnyShape>> = { readonly [K in keyof T]: Infer<T[K]> }

/** Frames that a client sends, by their `type`. */
export type ClientFrames = FrameOf<typeof clientFrames>
/** Any frame that a client sends. */
export type ClientFrame = ClientFrames[keyof ClientFrames]
/** Frames that a server sends, by their `type`. */
export type ServerFrames = FrameOf<typeof serverFrames>
/** Any frame that a server sends. */
export type ServerFrame = ServerFrames[keyof ServerFrames]

/** A committed operation as pages carry it; an `event` frame adds `room`, `cursor` and `prev`. */
export type LogEntry = Infer<typeof logEntry>
/** What a page holds at one place: an entry, or the place of one that did not fit. */
export type PageEntry = ServerFrames['sync_response']['messages'][number]
/** A room to follow, as hello and subscribe name it. */
export type RoomRequest = Infer<typeof roomRequest>
