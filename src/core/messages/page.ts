import { type LogEntry, type PageEntry, type ServerFrames, stampMs, WIRE } from '../../protocol/index.js'
import { TidingsError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Position } from './ranges.js'
import type { StoredRange } from './record.js'

/**
 * Leaves out what could not be read or cannot be ordered: a stamp far ahead of the entry's own server time is a function of the entry,
 * so every replica leaves out the same. The place is kept, the position moves on.
 */
export function readable(
  room: string,
  entries: readonly PageEntry[],
  onError: (error: TidingsError) => void,
): readonly LogEntry[] {
  return entries.filter((entry): entry is LogEntry => {
    const good = entry.kind !== 'unreadable' && stampMs(entry.stamp) <= entry.ts + WIRE.stampQuarantineMs
    if (!good) {
      const message = 'An entry of the log could not be read. It is left out; everything else is shown.'
      onError(new TidingsError('bad_entry', message, { room }))
    }
    return good
  })
}

/** The stretch that a backward page covers. Its entries are gapless, so the first one tells where it begins. */
export function rangeOfPage(page: ServerFrames['sync_response'], upper: Position): StoredRange {
  const first = page.messages.find((entry) => entry.seq !== undefined)?.seq ?? upper.seq + 1
  return {
    after: page.hasMore ? first - 1 : 0,
    afterCursor: page.hasMore ? page.prev : null,
    upTo: upper.seq,
    cursor: upper.cursor,
  }
}

/** Whether a step of the log covers about as many positions as it has entries. A wrong number would leave a stretch that nobody can look through. */
export const isWithinReach = (
  { after, upTo }: Pick<StoredRange, 'after' | 'upTo'>,
  entries: number,
): boolean => upTo - after <= entries + LIMITS.leapMost

/** Whether a page brings the replica further, or says that it is where it should be. */
export function leadsOn(
  { prev, cursor, seq, hasMore, messages }: ServerFrames['sync_response'],
  position: Position | null,
): boolean {
  if (cursor === prev) return !hasMore
  const after = position?.seq ?? 0
  return (position === null || seq > after) && isWithinReach({ after, upTo: seq }, messages.length)
}
