import type { ServerFrames } from '../../protocol/index.js'
import type { Acked, Entry, Failure } from './entry.js'

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

const OWN_CODES: readonly string[] = ['conflict', 'not_found', 'too_large'] satisfies Failure['code'][]
const isOwn = (code: string): code is 'conflict' | 'not_found' | 'too_large' => OWN_CODES.includes(code)

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
