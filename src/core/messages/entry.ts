import { body, count, name, stamp, text, time } from '../../protocol/fields.js'
import { boolean, fits, type Infer, maybe, object, oneOf } from '../../protocol/shape.js'

/** What the outbox keeps on disk, version 1 for ever: fields are added, never changed. */

const acked = object({
  messageId: name,
  /** 0 when the server logged nothing: an edit that lost against a later one. */
  seq: count,
  stamp,
  ts: time,
  version: maybe(count),
  /** When it was settled, ms since the epoch, server time. */
  at: time,
})

const failure = object({
  code: oneOf('rejected', 'conflict', 'expired', 'outbox_full', 'too_large', 'invalid_body', 'not_found'),
  serverCode: maybe(name),
  message: text,
  /** Of a conflict: the version that the message has on the server, and its body; no body when the server did not say. */
  currentVersion: maybe(count),
  currentValue: maybe(body),
})

/** One operation of this user, from the tick it was made until it is settled or given up by the user. */
const entry = object({
  /** Operation id: the idempotency key on every attempt, for ever. */
  id: name,
  room: name,
  kind: oneOf('create', 'edit', 'delete', 'react', 'unreact'),
  stamp,
  body: maybe(body),
  /** Message id or operation id, as it was known when it was written. */
  replyTo: maybe(name),
  /** What an edit, delete or reaction is about: message id or operation id. */
  target: maybe(name),
  /** An edit that must not overwrite: the version that its author saw, and the body of that version. */
  baseVersion: maybe(count),
  base: maybe(body),
  /** The earlier edit of this user that it builds on: it leaves when that one is acknowledged, on top of the version that came of it. */
  after: maybe(name),
  /** When it was made, ms since the epoch, server time as far as known. */
  createdAt: time,
  /** When its author last asked for it to be sent again, server time. */
  retriedAt: maybe(time),
  /** Bytes of its body's JSON. */
  bytes: count,
  /** Attempts begun; 0 means that it was never on the wire. */
  attempts: count,
  /** Server time of the first attempt; 0 before. */
  at: count,
  /** Which context sends it, and since when. */
  claim: maybe(object({ by: name, at: time })),
  /** It was acknowledged once, and the server lost it. */
  reopened: maybe(boolean),
  /** Server time of the acknowledgement that was lost last. */
  lost: maybe(time),
  /** What the server called the message before it lost it: it will call it so again. */
  messageId: maybe(name),
  state: oneOf('queued', 'unknown', 'failed', 'acked'),
  acked: maybe(acked),
  failure: maybe(failure),
})

/** Replaced, never mutated. */
export type Entry = Infer<typeof entry>
export type Acked = Infer<typeof acked>
export type Failure = Infer<typeof failure>

/** Whether what was stored is an entry. */
export const isEntry = (row: unknown): row is Entry => fits(entry, row)

/** The server's id of a message, from the first acknowledgement on, for ever. */
export const serverIdOf = ({ acked, messageId }: Entry): string | undefined => acked?.messageId ?? messageId

/** What an entry has as long as it is not sent: its content is still its author's to change. */
export const isUnsent = ({ state, attempts, retriedAt, failure }: Entry): boolean =>
  failure?.code === 'outbox_full' ||
  // What nobody can tell any more and was retried counts as new, though it may have arrived.
  ((state === 'queued' || state === 'failed') && attempts === 0 && retriedAt === undefined)

/** Refused because the message was changed meanwhile. */
export const isConflict = ({ state, failure }: Entry): boolean =>
  state === 'failed' && failure?.code === 'conflict'

/**
 * Whether a claim is respected at a time. One from further ahead than it lasts was made before a clock was set back: it would be respected
 * until the hours that were lost have come again.
 */
export const isLeased = ({ at }: { readonly at: number }, now: number, leaseMs: number): boolean =>
  Math.abs(at - now) < leaseMs

/** Since when it has waited: patience begins anew when its author asks for it again. */
export const waitsSince = ({ createdAt, retriedAt = 0 }: Entry): number => Math.max(createdAt, retriedAt)
