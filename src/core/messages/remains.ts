import type { Change } from '../seams/storage.js'
import { lastOf } from './apply.js'
import { cutBack, type Position } from './ranges.js'
import { keys, type StoredRange, writeRoom } from './record.js'
import { EMPTY, type RoomState } from './room-state.js'
import { type Row, sizeOf, writeBlock } from './rows.js'

/** A room of which nothing is left. */
export const emptied = ({ made, falls, cuts = 0 }: RoomState): RoomState => ({
  ...EMPTY,
  ...(made !== undefined && { made }),
  ...(falls && { falls }),
  cuts: cuts + 1,
})

/** What takes a room from the disk. */
export const removal = (room: string, state: RoomState): readonly Change[] => [
  { put: keys.room(room), value: writeRoom(state) },
  { delRange: keys.blocks(room) },
]

/**
 * What a replica keeps up to a recognised position. A message that was changed behind it cannot be trusted, and no cursor is known for
 * the hole it would leave: then the history is dropped as a whole and read again from the position downwards.
 */
export function keepUntil(
  ranges: readonly StoredRange[],
  end: Position | null,
  blocks: readonly { readonly key: string; readonly rows: readonly Row[] }[],
): { readonly ranges: readonly StoredRange[]; readonly changes: readonly Change[]; readonly bytes: number } {
  const isBelow = ({ message }: Row): boolean => end !== null && message.seq <= end.seq
  const spoiled = blocks.some(({ rows }) =>
    rows.some((row) => end !== null && isBelow(row) && lastOf(row.message) > end.seq),
  )
  if (!end || spoiled) {
    const rest = end ? [{ after: end.seq, afterCursor: end.cursor, upTo: end.seq, cursor: end.cursor }] : []
    return { ranges: rest, changes: blocks.map(({ key }) => ({ del: key })), bytes: 0 }
  }
  const changes: Change[] = []
  let bytes = 0
  for (const { key, rows } of blocks) {
    const kept = rows.filter(isBelow)
    bytes += sizeOf(kept)
    if (kept.length === 0) changes.push({ del: key })
    else if (kept.length < rows.length) changes.push({ put: key, value: writeBlock(kept) })
  }
  return { ranges: cutBack(ranges, end), changes, bytes }
}
