import type { RoomRequest } from '../protocol/index.js'
import { createFollowedRoom, type FollowedRoom } from './followed-room.js'
import { LIMITS } from './limits.js'
import type { RoomSurroundings } from './room-surroundings.js'

/** The rooms that a client knows in this life. */
export interface Rooms {
  get(id: string): FollowedRoom | undefined
  /** The room, made if need be. */
  of(id: string): FollowedRoom
  all(): readonly FollowedRoom[]
  /** Rooms to be followed on the wire: somebody looks at them, or something waits to be sent there. */
  followed(): readonly FollowedRoom[]
  /** The disk may hold other things than it did, of all rooms or of these: those that no server tells of them show them. */
  look(ids?: readonly string[]): void
  /** What hello asks for: every followed room whose disk was read; the first one gets its pages unasked. */
  requests(): readonly RoomRequest[]
  /** Nothing of them is known any more. */
  forget(): void
}

export function createRooms(surroundings: RoomSurroundings): Rooms {
  const rooms = new Map<string, FollowedRoom>()

  function followed(): readonly FollowedRoom[] {
    const waiting = new Set(surroundings.outbox.rooms())
    const all = [...rooms.values()].filter((room) => room.isHeld() || waiting.has(room.id))
    // What somebody looks at comes first.
    return [...all.filter((room) => room.isHeld()), ...all.filter((room) => !room.isHeld())]
  }

  return {
    get: (id) => rooms.get(id),
    of(id) {
      const known = rooms.get(id)
      if (known) return known
      const made = createFollowedRoom(id, surroundings)
      rooms.set(id, made)
      return made
    },
    all: () => [...rooms.values()],
    followed,
    look(ids) {
      for (const { id, keeper, replica } of rooms.values())
        if (keeper.isLoaded() && (!ids || (ids.includes(id) && replica.isOff()))) keeper.look(replica.isOff)
    },
    requests() {
      const requests: RoomRequest[] = []
      for (const room of followed()) {
        const request = room.replica.request(requests.length === 0 ? LIMITS.creditPages : 0)
        if (request) requests.push(request)
      }
      return requests
    },
    forget() {
      for (const room of rooms.values()) room.keeper.forget()
      rooms.clear()
    },
  }
}
