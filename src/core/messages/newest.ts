import { LIMITS } from '../limits.js'
import { type Position, positionOf } from './ranges.js'
import type { StoredMessage } from './record.js'
import type { RoomDisk } from './room-disk.js'
import { copyOf } from './room-state.js'
import type { Window } from './window.js'

/** The newest end of a room, as the disk has it. */
export interface Newest {
  /** The copy that this was read from. */
  readonly copy: string
  /** The lowest seq that was looked at. */
  readonly from: number
  /** Null when nothing is known of the room. */
  readonly position: Position | null
  readonly messages: readonly StoredMessage[]
}

/** Reads how the room stands, and as much as a list begins with, at once. Rejects when the disk does not let it. */
export async function readFromDisk(disk: RoomDisk): Promise<Newest> {
  const { from, messages, bad } = await disk.newest()
  // The room goes: what its record says is nothing to go by, and a server that is asked from there would not say what it has lost.
  if (bad > 0) {
    await disk.load()
    return readNewest(disk)
  }
  const copy = copyOf(disk.state())
  const newest = disk.state().ranges.at(-1)
  if (!newest) return { copy, from: 1, position: null, messages: [] }
  const lowest = newest.after + 1
  // Much that is nothing to show lies at the end.
  if (from > lowest && messages.length < LIMITS.windowMessages) return readNewest(disk)
  return {
    ...{ copy, from: Math.max(lowest, from), position: { seq: newest.upTo, cursor: newest.cursor } },
    messages: messages.filter(({ seq }) => seq >= lowest && seq <= newest.upTo),
  }
}

/** Reads as much as a list begins with, by what is known of the room. Rejects when the disk does not let it. */
export async function readNewest(disk: RoomDisk): Promise<Newest> {
  const { ranges } = disk.state()
  const copy = copyOf(disk.state())
  const newest = ranges.at(-1)
  if (!newest) return { copy, from: 1, position: null, messages: [] }
  let from = newest.upTo + 1
  let messages: readonly StoredMessage[] = []
  while (messages.length < LIMITS.windowMessages && from > newest.after + 1) {
    const upTo = from - 1
    from = Math.max(newest.after + 1, from - LIMITS.blockMessages)
    messages = [...(await disk.read(from, upTo)), ...messages]
  }
  // Cut by another tab, or by this one: records that could not be read are dropped with their room.
  if (!(await disk.isUncut()) || copyOf(disk.state()) !== copy) {
    await disk.load()
    return readNewest(disk)
  }
  // As far as was read: meanwhile the disk may have come to stand further.
  return { copy, from, position: { seq: newest.upTo, cursor: newest.cursor }, messages }
}

/** What a disk holds where a window does not know it. */
export interface Unseen {
  /** Of these positions, `after` < seq <= `upTo`. */
  readonly after: number
  readonly upTo: number
  readonly messages: readonly StoredMessage[]
  /** The disk was cut since the window was read: what the window had there may be lost. */
  readonly isCut: boolean
}

/** What the disk holds beyond a window; after a cut also what stands in the place of what was lost. Undefined when there is nothing. */
async function readUnseen(
  disk: RoomDisk,
  window: Window,
  copy: string | undefined,
): Promise<Unseen | undefined> {
  const { ranges } = disk.state()
  const [stood, stands] = [window.position(), positionOf(ranges)]
  if (!stood || !stands) return undefined
  const isCut = copyOf(disk.state()) !== copy
  const after = isCut ? window.from() - 1 : stood.seq
  if (after >= stands.seq) return undefined
  return { after, upTo: stands.seq, messages: await disk.read(after + 1, stands.seq), isCut }
}

/** How the disk stands now, and what of it a window does not know that was read from this copy. Rejects when the disk cannot be read. */
export async function readAgain(
  disk: RoomDisk,
  window: Window,
  copy: string | undefined,
): Promise<{ readonly newest: Newest; readonly unseen: Unseen | undefined }> {
  const newest = await readFromDisk(disk)
  const unseen = await readUnseen(disk, window, copy)
  // What was read after it belongs to it only if nothing was cut in between.
  const isOne = !unseen || (await disk.isUncut())
  return { newest: isOne ? newest : await readNewest(disk), unseen }
}
