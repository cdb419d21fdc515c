import type { Acked, Entry, Failure } from './entry.js'

/**
 * The ways an outbox entry may change. Pure, and safe on an entry that another tab has changed meanwhile: what does not apply any more
 * leaves it as it is. Null removes it. An acknowledgement is taken in any state and wins over failure.
 */
export type Transition = (entry: Entry) => Entry | null

const unclaimed = ({ claim: _claim, ...rest }: Entry): Entry => rest
const unfailed = ({ failure: _failure, ...rest }: Entry): Entry => rest
const unacked = ({ acked: _acked, ...rest }: Entry): Entry => rest

/** A context takes the entry and is about to put it on the wire. A claim of another context is respected while its lease lasts. */
export const attempt =
  (by: string, now: number, leaseMs: number): Transition =>
  (entry) => {
    if (entry.state !== 'queued') return entry
    const foreign = entry.claim !== undefined && entry.claim.by !== by && entry.claim.at + leaseMs > now
    if (foreign) return entry
    return { ...entry, attempts: entry.attempts + 1, at: entry.at || now, claim: { by, at: now } }
  }

/** The server has it. */
export const acknowledge =
  (acked: Acked): Transition =>
  (entry) =>
    entry.state === 'acked' && entry.acked?.messageId === acked.messageId && entry.acked.seq === acked.seq
      ? entry
      : { ...unfailed(unclaimed(entry)), state: 'acked', acked }

/** It will not be sent again unless the user says so. */
export const fail =
  (failure: Failure): Transition =>
  (entry) =>
    entry.state === 'acked' ? entry : { ...unclaimed(entry), state: 'failed', failure }

/** It may have arrived, and nobody can tell any more. */
export const park: Transition = (entry) =>
  entry.state === 'queued' ? { ...unclaimed(entry), state: 'unknown' } : entry

/** The user wants it sent again: same id, same content. What nobody can tell any more goes out as if for the first time. */
export const requeue =
  (now: number): Transition =>
  (entry) => {
    if (entry.state !== 'failed' && entry.state !== 'unknown') return entry
    const attempted = entry.state === 'unknown' ? { attempts: 0, at: 0 } : {}
    return { ...unfailed(unclaimed(entry)), ...attempted, state: 'queued', retriedAt: now }
  }

/** The server lost it after it was acknowledged: it goes back, with the same id and stamp. */
export const reopen: Transition = (entry) =>
  entry.state === 'acked' ? { ...unacked(unclaimed(entry)), state: 'queued', reopened: true } : entry

/** The user gave it up. What was acknowledged meanwhile stays. */
export const discard: Transition = (entry) => (entry.state === 'acked' ? entry : null)

/** It is not needed any more. */
export const forget: Transition = () => null
