import {
  body,
  count,
  cursor,
  features,
  name,
  presenceStatus,
  reaction,
  seq,
  stamp,
  text,
  time,
} from './fields.js'
import { frame, ping, pong } from './frame.js'
import { WIRE } from './limits.js'
import { array, boolean, fits, maybe, nullable, object, oneOf, positive, record, string } from './shape.js'

/** What an operation answers to or changes. */
const target = object({ messageId: name, seq, stamp })

const reactions = record(reaction, array(name, 10_000))

const shared = { seq, messageId: name, id: name, from: name, stamp, ts: time }

/** A committed operation, as it goes into a log. Inside pages a `create` shows the message as it is now. */
export const logEntry = object({
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

const roomLimits = object({ presence: maybe(boolean), typing: maybe(boolean), gatherMs: maybe(count) })

/** How far one reader has read. */
export const reader = object({ readBy: name, upTo: seq, readAt: time })

/** One user as all of their connections together show them. */
export const presenceEntry = object({
  userId: name,
  status: presenceStatus,
  lastSeen: time,
  ver: count,
  custom: maybe(text),
  device: maybe(name),
  room: maybe(name),
  doNotDisturbUntil: maybe(time),
})

/** What a server may send, by `type`. */
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
  read_receipt: frame('read_receipt', { room: name, readers: array(reader, WIRE.readersPerFrame) }),
  typing_start: frame('typing_start', { room: name, userId: name, expires: count }),
  typing_stop: frame('typing_stop', { room: name, userId: name }),
  presence_update: frame('presence_update', {
    room: maybe(name),
    users: maybe(array(presenceEntry, 1_024)),
    left: maybe(array(name, 1_024)),
    count: maybe(count),
  }),
  ping,
  pong,
  error: frame('error', {
    code: name,
    message: text,
    retryable: boolean,
    retryAfter: maybe(count),
    re: maybe(name),
  }),
  goaway: frame('goaway', { retryAfter: count, reason: text, url: maybe(string(1, 2048)) }),
} as const
