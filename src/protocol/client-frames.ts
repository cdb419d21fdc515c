import {
  body,
  count,
  cursor,
  features,
  name,
  presenceStatus,
  seq,
  stamp,
  text,
  time,
  token,
} from './fields.js'
import { frame, ping, pong } from './frame.js'
import { WIRE } from './limits.js'
import { array, maybe, object, oneOf, whole } from './shape.js'

/** A room to follow, from the log position that the client holds; `pages` is credit for pages the server may push. */
export const roomRequest = object({
  room: name,
  cursor: maybe(cursor),
  pages: maybe(count),
  from: maybe(oneOf('head')),
})
const roomRequests = array(roomRequest, WIRE.roomsPerFrame)

/** Whose presence somebody wants to hear of: users by id, and whoever is in a room. */
const subjects = object({
  users: maybe(array(name, WIRE.presenceNames)),
  rooms: maybe(array(name, WIRE.presenceNames)),
})

/** What a client may send, by `type`. In a file of its own: a client, which never reads these, does not carry it. */
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
    around: maybe(object({ seq: maybe(seq), ts: maybe(time), messageId: maybe(name) })),
  }),
  sync_credit: frame('sync_credit', { id: name, pages: count }),
  read_receipt: frame('read_receipt', {
    room: name,
    upTo: maybe(seq),
    messageIds: maybe(array(name, WIRE.receiptMessages)),
    at: time,
  }),
  typing_start: frame('typing_start', { room: maybe(name), recipientId: maybe(name) }),
  typing_stop: frame('typing_stop', { room: maybe(name), recipientId: maybe(name) }),
  presence: frame('presence', {
    status: maybe(presenceStatus),
    custom: maybe(text),
    device: maybe(name),
    room: maybe(name),
    doNotDisturbUntil: maybe(time),
    watch: maybe(object({ add: maybe(subjects), remove: maybe(subjects) })),
  }),
  ping,
  pong,
} as const
