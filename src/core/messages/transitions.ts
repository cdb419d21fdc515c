import { type Acked, type Entry, type Failure, isConflict, isLeased } from './entry.js'

/**
 * The ways an outbox entry may change. Pure, and safe on an entry that another tab has changed meanwhile: what does not apply any more
 * leaves it as it is. Null removes it. An acknowledgement is taken in any state and wins over failure. `isDeposed`: the disk says that
 * another context leads by now.
 */
export type Transition = (entry: Entry, isDeposed?: boolean) => Entry | null

const unclaimed = ({ claim: _claim, ...rest }: Entry): Entry => rest
const unfailed = ({ failure: _failure, ...rest }: Entry): Entry => rest
const unacked = ({ acked: _acked, ...rest }: Entry): Entry => rest

/** What is told, shown and written asks each for the same: the answer for the last entry is kept. */
function kept(transition: Transition): Transition {
  let last: { readonly entry: Entry; readonly next: Entry | null } | undefined
  return (entry) => {
    if (last?.entry !== entry) last = { entry, next: transition(entry) }
    return last.next
  }
}

/**
 * A context takes the entry and is about to put it on the wire. A claim of another context is respected while its lease lasts, which
 * is no time at all for the one that leads. One that led and was deposed takes nothing.
 */
export const attempt =
  (by: string, now: number, leaseMs: number): Transition =>
  (entry, isDeposed = false) => {
    if (entry.state !== 'queued' || isDeposed) return entry
    if (entry.claim && entry.claim.by !== by && isLeased(entry.claim, now, leaseMs)) return entry
    return { ...entry, attempts: entry.attempts + 1, at: entry.at || now, claim: { by, at: now } }
  }

/**
 * The server has it. `lost` is the last acknowledgement that was known to be lost when this one was heard: where the disk knows of a later
 * one, this is a word from before the server lost it.
 */
export const acknowledge = (acked: Acked, lost?: number): Transition =>
  kept((entry) =>
    (entry.state === 'acked' &&
      entry.acked?.messageId === acked.messageId &&
      entry.acked.seq === acked.seq) ||
    entry.lost !== lost
      ? entry
      : acknowledged(entry, acked),
  )

/** Its claim stays and says nothing any more: an object that something was left out of is a slow one, and every message comes by here. */
const acknowledged = (entry: Entry, acked: Acked): Entry => ({
  ...(entry.failure ? unfailed(entry) : entry),
  state: 'acked',
  acked,
})

/** It will not be sent again unless the user says so. */
export const fail =
  (failure: Failure): Transition =>
  (entry) =>
    entry.state === 'acked' ? entry : { ...unclaimed(entry), state: 'failed', failure }

/** It may have arrived, and nobody can tell any more. */
export const park: Transition = (entry) =>
  entry.state === 'queued' ? { ...unclaimed(entry), state: 'unknown' } : entry

/** What it names is not on the server yet: it goes back behind that, as if it had never left. A server remembers nothing of what it refused. */
export const holdBack: Transition = (entry) =>
  entry.state === 'queued' ? { ...unclaimed(entry), attempts: 0, at: 0 } : entry

/** The user wants it sent again: same id, same content. What nobody can tell any more goes out as if for the first time. */
export const requeue =
  (now: number): Transition =>
  (entry) => {
    if (entry.state !== 'failed' && entry.state !== 'unknown') return entry
    const attempted = entry.state === 'unknown' ? { attempts: 0, at: 0 } : {}
    return { ...unfailed(unclaimed(entry)), ...attempted, state: 'queued', retriedAt: now }
  }

/** The server lost it after it was acknowledged: it goes back, with the same ids and stamp. */
export const reopen: Transition = (entry) => {
  if (entry.state !== 'acked') return entry
  const name = entry.kind === 'create' && entry.acked && { messageId: entry.acked.messageId }
  const lost = entry.acked && { lost: entry.acked.ts }
  return { ...unacked(unclaimed(entry)), ...name, ...lost, state: 'queued', reopened: true }
}

/** The user gave it up. What was acknowledged meanwhile stays. */
export const discard: Transition = (entry) => (entry.state === 'acked' ? entry : null)

/** Whether an entry is still its author's to change: nobody has seen it, and it is not on its way. */
export type MayChange = (entry: Entry) => boolean

/** The author says it otherwise before anybody has seen it. What is on its way already stays as it is. */
export const rewrite =
  (mayChange: MayChange, say: (entry: Entry) => Entry): Transition =>
  (entry) =>
    mayChange(entry) ? say(entry) : entry

/** The author takes it back before anybody has seen it. What is on its way already stays. */
export const withdraw =
  (mayChange: MayChange): Transition =>
  (entry) =>
    mayChange(entry) ? null : entry

/** Something newer of the author's takes its place: it was refused, or never sent. */
export const supersede =
  (mayChange: MayChange): Transition =>
  (entry) =>
    entry.state === 'failed' || mayChange(entry) ? null : entry

/** What it answers was given up: it stands for itself, unless it is on its way. */
export const detach =
  (mayChange: MayChange): Transition =>
  (entry) => {
    if (entry.state !== 'failed' && !mayChange(entry)) return entry
    const { replyTo: _replyTo, ...rest } = entry
    return rest
  }

/** What an edit that met a conflict says next, and on top of which version. */
export type Renewal = Pick<Entry, 'body' | 'bytes' | 'stamp' | 'baseVersion' | 'base'>

/** An edit that met a conflict is made anew, with the same id: a server remembers nothing of what it refused. */
export const renew =
  (renewal: Renewal, now: number): Transition =>
  (entry) => {
    if (!isConflict(entry)) return entry
    const { base: _base, after: _after, ...rest } = unfailed(unclaimed(entry))
    return { ...rest, ...renewal, attempts: 0, at: 0, state: 'queued', retriedAt: now }
  }

/** It is not needed any more. */
export const forget: Transition = () => null
