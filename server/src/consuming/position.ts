import { parseCursor } from '../log/cursor.js'

/**
 * A position: cursors, the newest first, and older ones the further apart the longer ago. Where a log came back with less, the newest of them
 * that it still knows is where a group goes on.
 */

/** Cursors of a position at most: a crash takes the last seconds of a log and not the last days. */
const MOST = 8

export const cursorsOf = (position: string): readonly string[] => (position === '' ? [] : position.split(' '))
export const seqOf = (cursor: string): number => parseCursor(cursor)?.seq ?? 0

/** The cursors, with a newer one before them. One goes when those beside it lie close enough to each other. */
export function advance(cursors: readonly string[], cursor: string): string {
  const ago = (older: string | undefined) => seqOf(cursor) - seqOf(older ?? '')
  const kept = [cursor]
  const older = cursors.filter((each) => ago(each) > 0)
  for (const [i, each] of older.entries()) {
    const next = older[i + 1]
    const isSpared = i > 0 && next !== undefined && ago(next) <= 2 * ago(kept.at(-1))
    if (!isSpared) kept.push(each)
  }
  return kept.slice(0, MOST).join(' ')
}
