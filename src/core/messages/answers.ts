import type { ServerFrames } from '../../protocol/index.js'
import type { Acked, Entry, Failure } from './entry.js'
import type { StoredMessage } from './record.js'
import type { References } from './references.js'

/** What a server's answers mean for an entry. Pure. */

/** An acknowledgement as the outbox keeps it. */
export const ackedOf = (frame: ServerFrames['ack'], entry: Entry, now: number): Acked => ({
  messageId: frame.messageId ?? entry.target ?? entry.id,
  seq: frame.seq ?? 0,
  stamp: frame.stamp ?? entry.stamp,
  ts: frame.ts ?? now,
  ...(frame.version !== undefined && { version: frame.version }),
  at: now,
})

/** A message of the log as an acknowledgement of what made it. */
export const loggedAs = ({ messageId, seq, stamp, ts }: StoredMessage, now: number): Acked => ({
  messageId,
  seq,
  stamp,
  ts,
  at: now,
})

const OWN_CODES: readonly string[] = ['conflict', 'not_found', 'too_large'] satisfies Failure['code'][]
const isOwn = (code: string): code is 'conflict' | 'not_found' | 'too_large' => OWN_CODES.includes(code)

/**
 * What becomes of an operation that is refused: it goes out again `later`, or `anew`, as if for the first time; it is `held` back behind
 * what it names; nobody can tell whether it arrived (`untold`); or it `failed`.
 */
export type Fate = 'later' | 'anew' | 'held' | 'untold' | 'failed'

export function fateOf(
  { code, retryable }: Pick<ServerFrames['nack'], 'code' | 'retryable'>,
  entry: Entry,
  { waits, isOutOfSight }: Pick<References, 'waits' | 'isOutOfSight'>,
): Fate {
  if (retryable) return 'later'
  // Nobody sees it to decide about it, and a change that is made twice changes nothing.
  if (code === 'dedupe_expired') return isOutOfSight(entry) ? 'anew' : 'untold'
  if (code !== 'not_found') return 'failed'
  // What it concerns was lost with it, and comes back when its own author does. Who has asked for it again is told how things stand.
  const { reopened, lost = 0, retriedAt = 0 } = entry
  if (reopened && retriedAt <= lost) return 'later'
  return waits(entry) ? 'held' : 'failed'
}

/** A final refusal as the outbox keeps it. */
export const failureOf = (frame: ServerFrames['nack']): Failure => ({
  code: frame.code === 'deleted' ? 'not_found' : isOwn(frame.code) ? frame.code : 'rejected',
  serverCode: frame.code,
  message: frame.message || 'The server refused it. It is kept: retry or discard it.',
  ...(frame.currentVersion !== undefined && { currentVersion: frame.currentVersion }),
  ...(frame.currentValue !== undefined && { currentValue: frame.currentValue }),
})

/** "Not now", too often. */
export const poisoned = (frame: ServerFrames['nack']): Failure => ({
  code: 'rejected',
  serverCode: frame.code,
  message: `The server kept saying "${frame.code}". It is kept: retry or discard it.`,
})

/** It waited too long. */
export const EXPIRED: Failure = {
  code: 'expired',
  message: 'It waited for more than 7 days. It is kept: retry or discard it.',
}
