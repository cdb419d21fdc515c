import { LIMITS } from '../limits.js'
import { type Entry, waitsSince } from './entry.js'
import type { Outbox } from './outbox.js'

/** Bytes that a frame adds around its body. */
const ENVELOPE_BYTES = 512

/** What may leave a room's lane together: in order, within the size of an array, leaving out what waits for something that failed. */
export function headOf(outbox: Outbox, room: string): readonly Entry[] {
  /** What stays behind keeps back what concerns it: an answer to an answer to what failed, and a reaction to either. */
  const behind = new Set<string>()
  const isStopped = (reference: string | undefined): boolean => {
    if (reference === undefined) return false
    const state = outbox.get(reference)?.state
    return state === 'failed' || state === 'unknown' || behind.has(reference)
  }
  /** An edit that must not overwrite needs to know what came of the one before it. */
  const isAwaited = ({ after }: Entry): boolean => {
    const earlier = after === undefined ? undefined : outbox.get(after)
    return earlier !== undefined && earlier.state !== 'acked'
  }
  const picked: Entry[] = []
  let bytes = 0
  for (const entry of outbox.open(room)) {
    if (entry.state !== 'queued' || isStopped(entry.target) || isStopped(entry.replyTo) || isAwaited(entry)) {
      behind.add(entry.id)
      continue
    }
    // First in, first out: what is not on disk yet stops those behind it.
    if (!outbox.maySend(entry.id)) break
    bytes += entry.bytes + ENVELOPE_BYTES
    if (picked.length > 0 && (picked.length === LIMITS.batchEntries || bytes > LIMITS.batchBytes)) break
    picked.push(entry)
  }
  return picked
}

/** Operations of a room that waited longer than anybody means what they wrote. */
export const expiredOf = (outbox: Outbox, room: string, serverNow: number): readonly Entry[] =>
  outbox
    .open(room)
    .filter((entry) => entry.state === 'queued' && waitsSince(entry) <= serverNow - LIMITS.expireAfterMs)
