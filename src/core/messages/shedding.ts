import { LIMITS } from '../limits.js'
import type { Change, Store, Stored } from '../seams/storage.js'
import type { Position } from './ranges.js'
import { blockOf, keys, readRoom, roomOf, type StoredRoom, writeRoom } from './record.js'
import { readBlock, writeBlock } from './rows.js'

/** What a room takes on disk, in characters of JSON, and when somebody wrote or looked there last. */
export interface Footprint {
  readonly room: string
  readonly bytes: number
  readonly usedAt: number
}

/** Rooms that hold anything. */
export async function footprintsIn(store: Store): Promise<readonly Footprint[]> {
  const [gte, lt] = keys.rooms
  return (await store.scan({ gte, lt })).flatMap(([key, value]) => {
    const { bytes = 0, usedAt = 0 } = readRoom(value) ?? {}
    return bytes > 0 ? { room: roomOf(key), bytes, usedAt } : []
  })
}

/** Where a room can be parted, so that about so many bytes lie above: a position whose cursor is known, below what a list may hold. */
function lowerEdge({ ranges, edges, bytes = 0 }: StoredRoom, most: number): Position | undefined {
  const newest = ranges.at(-1)
  if (!newest) return undefined
  const perPosition = bytes / Math.max(1, newest.upTo - newest.after)
  const may = edges.filter(({ seq }) => seq > newest.after && seq <= newest.upTo - LIMITS.windowMost)
  return may.find(({ seq }) => (newest.upTo - seq) * perPosition <= most) ?? may.at(-1)
}

/** The room without what lies below a position; undefined where another tab has changed it meanwhile. */
function above(value: Stored | undefined, edge: Position): Stored | undefined {
  const room = readRoom(value)
  const newest = room?.ranges.at(-1)
  if (!newest || edge.seq <= newest.after || !room?.edges.some(({ cursor }) => cursor === edge.cursor))
    return undefined
  const share = (newest.upTo - edge.seq) / (newest.upTo - newest.after)
  return writeRoom({
    ...room,
    ranges: [{ ...newest, after: edge.seq, afterCursor: edge.cursor }],
    edges: room.edges.filter(({ seq }) => seq >= edge.seq),
    cuts: (room.cuts ?? 0) + 1,
    bytes: Math.round((room.bytes ?? 0) * share),
  })
}

/** Forgets the older part of a room, so that about so many bytes are left; nothing of what a list may hold. False when it cannot. */
export async function shed(store: Store, room: string, bytes: number): Promise<boolean> {
  const [found] = await store.read([keys.room(room)])
  const stored = readRoom(found)
  const edge = stored && lowerEdge(stored, bytes)
  if (!edge) return false
  const parted = keys.block(room, blockOf(edge.seq))
  return store.transact(
    [keys.room(room), parted],
    ([value, held]) => {
      const rest = above(value, edge)
      const { rows, bad } = readBlock(held)
      // What cannot be read is found by who reads there.
      if (rest === undefined || bad > 0) return { changes: [], result: false }
      const kept = rows.filter(({ message }) => message.seq > edge.seq)
      const changes: Change[] = [
        { put: keys.room(room), value: rest },
        { delRange: [keys.blocks(room)[0], parted] },
        { put: parted, value: writeBlock(kept) },
      ]
      return { changes, result: true }
    },
    'relaxed',
  )
}
