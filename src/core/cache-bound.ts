import { LIMITS } from './limits.js'
import type { Log } from './messages/log.js'
import { type Footprint, footprintsIn, shed } from './messages/shedding.js'
import type { Rooms } from './rooms.js'
import type { Store } from './seams/storage.js'

export interface CacheBoundParts {
  readonly open: () => Promise<Store>
  readonly log: Pick<Log, 'drop'>
  readonly rooms: () => Rooms
  /** A room went from the device, or the older part of one. */
  readonly onEvicted: (room: string) => void
}

/** Keeps what the device holds of the server's within a bound. Rooms that were not used for longest go first; it can all be had again. */
export interface CacheBound {
  /** So many bytes came in: once that is enough to matter, the whole is looked at. */
  grew(bytes: number): void
  /** The device is full: gives up part of the cache. False when there is nothing to give. */
  makeRoom(): Promise<boolean>
}

const sumOf = (rooms: readonly Footprint[]): number => rooms.reduce((sum, { bytes }) => sum + bytes, 0)

export function createCacheBound({ open, log, rooms, onEvicted }: CacheBoundParts): CacheBound {
  let grown = Number.POSITIVE_INFINITY
  let isAtWork = false

  /** Gives up rooms until so many bytes are left, or none that nobody uses here. Resolves with what went. */
  async function evict(mostOf: (sum: number) => number): Promise<number> {
    const store = await open()
    const stored = await footprintsIn(store)
    const inUse = new Set(
      rooms()
        .followed()
        .map(({ id }) => id),
    )
    let left = sumOf(stored)
    const most = mostOf(left)
    const before = left
    const idle = stored.filter(({ room }) => !inUse.has(room)).sort((a, b) => a.usedAt - b.usedAt)
    for (const { room, bytes } of idle) {
      if (left <= most) break
      // One that is in memory lets go of it as well.
      const known = rooms().get(room)
      await (known ? known.keeper.drop() : log.drop(room))
      left -= bytes
      onEvicted(room)
    }
    for (const { room, bytes } of stored.filter((one) => inUse.has(one.room))) {
      if (left <= most || !(await shed(store, room, Math.max(0, most - left + bytes)))) continue
      left = most
      onEvicted(room)
    }
    return before - left
  }

  async function work(mostOf: (sum: number) => number): Promise<number> {
    if (isAtWork) return 0
    isAtWork = true
    try {
      return await evict(mostOf)
    } catch {
      // The disk does not answer now: who writes next tells it.
      return 0
    } finally {
      isAtWork = false
    }
  }

  return {
    grew(bytes) {
      grown += bytes
      if (grown < LIMITS.cacheLookBytes) return
      grown = 0
      void work((sum) => (sum > LIMITS.cacheBytes ? LIMITS.cacheBytes * 0.9 : sum))
    },
    makeRoom: async () => (await work((sum) => sum * 0.75)) > 0,
  }
}
