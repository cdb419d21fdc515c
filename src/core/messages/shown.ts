import { stampMs } from '../../protocol/index.js'
import { type FailedEdit, TidingsError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Message, MessageStatus, Reaction } from '../message.js'
import { type Entry, type Failure, serverIdOf, waitsSince } from './entry.js'
import { fold, type Operation } from './fold.js'
import type { StoredMessage } from './record.js'
import { temporaryId } from './temporary-id.js'
import { isLate } from './window.js'

/** Turns what is stored and what waits into what is shown. Pure. */

/** Under which name a message of the log is shown. */
export const keyOf = ({ from, id, messageId }: StoredMessage, user: string): string =>
  from === user ? id : messageId

/** A message of the log, as it is shown while nothing of this user's concerns it. */
export const fromLog = (stored: StoredMessage, room: string, user: string): Message => ({
  type: 'message',
  key: keyOf(stored, user),
  id: stored.messageId,
  room,
  from: stored.from,
  body: stored.deleted ? null : stored.body,
  stamp: stored.stamp,
  sentAt: stampMs(stored.stamp),
  ts: stored.ts,
  seq: stored.seq,
  status: 'confirmed',
  error: null,
  version: stored.version,
  edited: stored.edited,
  deleted: stored.deleted,
  replyTo: stored.replyTo ?? null,
  reactions: stored.reactions,
  late: stored.from !== user && isLate(stored),
  durable: true,
})

/** Where an operation of this user stands, for the message it concerns. */
export function statusOf(entry: Entry, now: number): MessageStatus {
  if (entry.state === 'acked') return 'confirmed'
  if (entry.state === 'failed' || entry.state === 'unknown') return entry.state
  return now - waitsSince(entry) >= LIMITS.delayedAfterMs ? 'delayed' : 'pending'
}

/** Why an operation failed, as an error; null when it did not. Of an edit it holds the texts; what the message says now, if it is known. */
export const errorOf = (entry: Entry, now?: Message): TidingsError | null =>
  entry.failure
    ? new TidingsError(entry.failure.code, entry.failure.message, {
        room: entry.room,
        operation: entry.id,
        ...(entry.failure.serverCode !== undefined && { serverCode: entry.failure.serverCode }),
        ...(entry.kind === 'edit' && { edit: textsOf(entry, entry.failure, now) }),
      })
    : null

/** The refusal may know more than the log that was read so far, or less. */
function textsOf(entry: Entry, failure: Failure, now: Message | undefined): FailedEdit {
  const { currentVersion = 0, currentValue = null } = failure
  const current = now && now.version >= currentVersion ? now.body : currentValue
  return { yours: entry.body ?? null, current, base: entry.base ?? null }
}

/** A message that is in the outbox and not in the log. */
export function fromOutbox(entry: Entry, user: string, now: number, durable: boolean): Message {
  const { acked } = entry
  const stamp = acked?.stamp ?? entry.stamp
  return {
    type: 'message',
    key: entry.id,
    id: serverIdOf(entry) ?? temporaryId(entry.id),
    room: entry.room,
    from: user,
    body: entry.body ?? null,
    stamp,
    sentAt: stampMs(stamp),
    ts: acked?.ts ?? null,
    seq: acked && acked.seq > 0 ? acked.seq : null,
    status: statusOf(entry, now),
    error: errorOf(entry),
    version: acked?.version ?? 1,
    edited: false,
    deleted: false,
    replyTo: entry.replyTo ?? null,
    reactions: [],
    late: false,
    durable,
  }
}

const isOperation = (kind: Entry['kind']): kind is Operation['kind'] => kind !== 'create'

/** A message with an operation of this user's on top. One that failed changes only the status, so that the text shown stays true. */
export function withOperation(message: Message, entry: Entry, user: string, now: number): Message {
  if (!isOperation(entry.kind)) return message
  const status = statusOf(entry, now)
  // That a reaction is on its way is no news; that its author has to decide about it is.
  const quiet = (entry.kind === 'react' || entry.kind === 'unreact') && status !== 'unknown'
  if (status === 'failed') return { ...message, status, error: errorOf(entry, message) }
  if (entry.after !== undefined && entry.after === message.error?.operation)
    return { ...message, error: withYours(message.error, entry) }
  const version = entry.acked?.version
  const folded = fold(message, { kind: entry.kind, from: user, body: entry.body, version })
  const ownStatus =
    message.status === 'failed' || message.status === 'unknown' || quiet || status === 'confirmed'
  return ownStatus ? folded : { ...folded, status }
}

/** An edit that waits for one that failed: what its author says now is the later text. */
const withYours = ({ code, message, ...detail }: TidingsError, entry: Entry): TidingsError => {
  const { room, operation = entry.after, serverCode, edit } = detail
  return new TidingsError(code, message, {
    ...(room !== undefined && { room }),
    ...(operation !== undefined && { operation }),
    ...(serverCode !== undefined && { serverCode }),
    ...(edit && { edit: { ...edit, yours: entry.body ?? null } }),
  })
}

const FIELDS: readonly (keyof Message)[] = [
  'id',
  'body',
  'stamp',
  'ts',
  'seq',
  'status',
  'version',
  'edited',
  'deleted',
  'replyTo',
  'durable',
]

const sameReactions = (a: readonly Reaction[], b: readonly Reaction[]): boolean =>
  a.length === b.length &&
  a.every(({ emoji, users }, i) => {
    const other = b[i]
    if (other?.emoji !== emoji || other.users.length !== users.length) return false
    return users.every((user, j) => user === other.users[j])
  })

/** The last value again when nothing about it changed, so that a row is not drawn anew. */
export const reuse = (last: Message | undefined, next: Message): Message =>
  last === next ||
  (last &&
    FIELDS.every((field) => Object.is(last[field], next[field])) &&
    sameReactions(last.reactions, next.reactions) &&
    last.error?.code === next.error?.code &&
    last.error?.operation === next.error?.operation &&
    Object.is(last.error?.edit?.yours, next.error?.edit?.yours) &&
    Object.is(last.error?.edit?.current, next.error?.edit?.current))
    ? last
    : next
