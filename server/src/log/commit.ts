import { compareText, stampAfter, stampMs, WIRE } from 'tidings/protocol'
import { isMessage } from '../core/entry-text.js'
import type { Committed, Done, Operation, Outcome, Target } from '../core/seams.js'
import { cursorAt, nextMark } from './cursor.js'
import { fingerprint, messageIdOf } from './digest.js'
import { changed } from './present.js'
import { type REFUSALS, refusal } from './refusal.js'
import type { Row, Rows, Store, Tail, Unlogged } from './store.js'

/** Names the server where a stamp names a node. Rooms keep fresh stamps apart themselves. */
export const SERVER_NODE = 'server-----'
/** Entries of a room that may share one `ts`; the next one gets the millisecond after. */
export const ENTRIES_PER_MS = 16

/** What a commit did: the answer, and the entry where there is a new one. */
export interface Commit {
  readonly outcome: Outcome
  readonly committed?: Committed
}

const refuse = (code: keyof typeof REFUSALS): Commit => ({ outcome: refusal(code) })

/** The message that an operation names, by its id or by the id of an earlier operation of the same author. */
export function resolve(
  store: Pick<Rows, 'find'>,
  { room, author }: Pick<Operation, 'room' | 'author'>,
  reference: string,
): Row | undefined {
  const found = store.find(room, reference) ?? store.find(room, messageIdOf(room, author, reference))
  return found && isMessage(found.kind) ? found : undefined
}

/** The same for every repeat of an operation, also when the repeat names its target by another of its two names. */
const digestOf = ({ kind, body }: Operation, reference: string | undefined): string =>
  fingerprint(16, kind, reference ?? '', body ?? '')

const repeated = (prior: Row | Unlogged, logged: boolean): Done => ({
  done: true,
  messageId: prior.messageId,
  ...('seq' in prior && { seq: prior.seq }),
  stamp: prior.stamp,
  ts: prior.ts,
  ...versionOf(prior),
  dup: true,
  applied: logged,
})

// A message's row shows the version of today; its own ack said 1.
const versionOf = (prior: Row | Unlogged): { version?: number } => {
  if ('kind' in prior && isMessage(prior.kind)) return { version: 1 }
  return prior.version === null ? {} : { version: prior.version }
}

/** Server time for the next entry of a room: never back, and never on too many entries. */
function timed(tail: Tail, now: number): Pick<Tail, 'ts' | 'sameTs'> {
  if (now > tail.ts) return { ts: now, sameTs: 1 }
  return tail.sameTs < ENTRIES_PER_MS
    ? { ts: tail.ts, sameTs: tail.sameTs + 1 }
    : { ts: tail.ts + 1, sameTs: 1 }
}

/** The stamp that counts: the author's, unless it is out of bounds or not after what it has to follow. */
function stamped(tail: Tail, ts: number, stamp: string, follows: string): string {
  const aheadMs = stampMs(stamp) - ts
  const inBounds = aheadMs <= WIRE.stampAheadMs && -aheadMs <= WIRE.stampBehindMs
  if (inBounds && stamp > follows) return stamp
  const latest = tail.stamp > follows ? tail.stamp : follows
  return stampAfter(latest === '' ? undefined : latest, ts, SERVER_NODE)
}

/** What a stamp must be after: the message; with an optimistic lock also the edit that its author has seen. */
const followed = (operation: Operation, target: Row | undefined): string => {
  if (!target) return ''
  const seen = operation.baseVersion === undefined ? null : target.editStamp
  return seen !== null && seen > target.stamp ? seen : target.stamp
}

function mayNot(operation: Operation, target: Row | undefined): Commit | undefined {
  const { kind, author, baseVersion, moderates } = operation
  if (isMessage(kind) || !target) return undefined
  const owned = kind === 'react' || kind === 'unreact' || target.author === author || moderates === true
  if (!owned) return refuse('forbidden')
  // Whatever else comes to a tombstone changes nothing. A text would be lost without a word.
  if (kind === 'edit' && target.deleted) return refuse('deleted')
  if (baseVersion === undefined || baseVersion === target.version) return undefined
  return {
    outcome: {
      ...refusal('conflict'),
      currentVersion: target.version ?? 0,
      ...(target.body !== null && { currentValue: target.body }),
    },
  }
}

const asTarget = ({ messageId, seq, stamp }: Row): Target => ({ messageId, seq, stamp })

/** Commits one operation by the rules of the log. The caller's transaction makes it all or nothing. */
export function commit(store: Store, operation: Operation, now: number): Commit {
  const { room, author, id, kind } = operation
  const messageId = messageIdOf(room, author, id)
  const reference = isMessage(kind) ? operation.replyTo : operation.messageId
  const target = reference === undefined ? undefined : resolve(store, operation, reference)
  const digest = digestOf(operation, target?.messageId ?? reference)
  const row = store.find(room, messageId)
  const prior = row ?? store.unlogged(room, messageId)
  if (prior) {
    const same = prior.digest === digest && prior.author === author && prior.id === id
    return same ? { outcome: repeated(prior, row !== undefined) } : refuse('id_conflict')
  }
  if (!target && (reference !== undefined || !isMessage(kind))) return refuse('not_found')
  const refused = mayNot(operation, target)
  if (refused) return refused
  const tail = store.tail(room)
  const time = timed(tail, now)
  const stamp = stamped(tail, time.ts, operation.stamp, followed(operation, target))
  if (isMessage(kind) || !target)
    return write(store, tail, time, { operation, messageId, digest, stamp, target, version: 1 })
  const present = changed(target, operation, { stamp, messageId, seq: tail.head + 1 })
  if (present === 'too_large') return refuse('too_large')
  if (!present) return lose(store, { room, messageId, author, id, digest, stamp, ts: time.ts, version: null })
  store.change(room, target.seq, present)
  if (kind === 'delete') store.forgetEdits(room, target.seq)
  const raised = kind === 'edit' || kind === 'delete' ? present.version : null
  return write(store, tail, time, { operation, messageId, digest, stamp, target, version: raised })
}

function lose(store: Store, unlogged: Unlogged): Commit {
  store.remember(unlogged)
  return { outcome: { ...repeated(unlogged, false), dup: false } }
}

interface Draft {
  readonly operation: Operation
  readonly messageId: string
  readonly digest: string
  readonly stamp: string
  readonly target: Row | undefined
  readonly version: number | null
}

/** Gives the next position of the room to a draft. Written out field by field: spreading rows together costs more than the commit. */
function write(store: Store, tail: Tail, time: Pick<Tail, 'ts' | 'sameTs'>, draft: Draft): Commit {
  const { operation, messageId, digest, stamp, target, version } = draft
  const { room, author, id, kind } = operation
  const { ts, sameTs } = time
  const seq = tail.head + 1
  const mark = nextMark(tail.mark, messageId, id, stamp)
  const body = kind === 'delete' ? null : (operation.body ?? null)
  store.insert({
    room,
    seq,
    messageId,
    author,
    id,
    kind,
    stamp,
    ts,
    body,
    version,
    targetId: target?.messageId ?? null,
    targetSeq: target?.seq ?? null,
    targetStamp: target?.stamp ?? null,
    edited: 0,
    deleted: 0,
    reactions: null,
    rev: isMessage(kind) ? seq : null,
    editStamp: null,
    editId: null,
    digest,
    mark,
  })
  const largest = compareText(stamp, tail.stamp) > 0 ? stamp : tail.stamp
  store.setTail(room, { head: seq, mark, ts, sameTs, stamp: largest })
  const raised = version === null ? {} : { version }
  const prev = cursorAt(tail.head, tail.mark)
  return {
    outcome: { done: true, messageId, seq, stamp, ts, dup: false, applied: true, ...raised },
    committed: {
      room,
      seq,
      cursor: cursorAt(seq, mark),
      prev,
      messageId,
      id,
      from: author,
      stamp,
      ts,
      kind,
      ...raised,
      ...(body !== null && { body }),
      ...(target && { target: asTarget(target) }),
    },
  }
}
