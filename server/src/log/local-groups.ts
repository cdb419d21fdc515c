import { type Group, type Groups, type Hold, otherRooms, stillAtWork } from '../core/groups.js'
import { isNamed } from '../core/room-names.js'
import type { Log } from '../core/seams.js'
import type { Enrolled, Stand } from './groups.js'

/** Where positions are kept. */
export interface Positions {
  enrol(group: Group): Promise<Enrolled>
  stand(group: string, room: string): Promise<Stand>
  move(group: string, room: string, position: string): Promise<void>
  dismiss(group: string): Promise<void>
}

/** The members of a group in this process, and its rooms. */
interface Crew {
  readonly rooms: string
  readonly members: Set<() => void>
  /** Rooms that may have something behind the position, those first that wait for longer. */
  readonly due: Set<string>
  readonly held: Set<string>
}

/** Groups of a log that one process has for itself: who holds what is known here, and only positions are kept. */
export function createLocalGroups(positions: Positions, follow: Log['follow']): Groups {
  const crews = new Map<string, Crew>()
  const tell = ({ members }: Crew) => {
    for (const due of [...members]) due()
  }

  follow((committed) => {
    for (const crew of crews.values()) {
      const rooms = committed.map(({ room }) => room).filter((room) => isNamed(crew.rooms, room))
      for (const room of rooms) crew.due.add(room)
      if (rooms.length > 0) tell(crew)
    }
  })

  const giveBack = async (group: string, crew: Crew, room: string) => {
    // First: what is committed after the question is due by itself.
    crew.due.delete(room)
    const isBehind = await positions.stand(group, room).then(
      (stand) => stand.isBehind,
      () => true,
    )
    crew.held.delete(room)
    if (isBehind) crew.due.add(room)
    if (crew.due.has(room)) tell(crew)
  }
  const hold = async (group: string, crew: Crew, room: string): Promise<Hold> => {
    const { position } = await positions.stand(group, room)
    return {
      room,
      position,
      async move(moved) {
        if (moved !== undefined) await positions.move(group, room, moved)
        return true
      },
      giveBack: () => giveBack(group, crew, room),
    }
  }
  const take = async (group: string, crew: Crew, most: number): Promise<readonly Hold[]> => {
    const rooms = [...crew.due].filter((room) => !crew.held.has(room)).slice(0, most)
    for (const room of rooms) {
      crew.due.delete(room)
      crew.held.add(room)
    }
    try {
      return await Promise.all(rooms.map((room) => hold(group, crew, room)))
    } catch (cause) {
      for (const room of rooms) {
        crew.held.delete(room)
        crew.due.add(room)
      }
      throw cause
    }
  }
  const crewOf = ({ name, rooms }: Group): Crew => {
    const known = crews.get(name)
    if (known && known.rooms !== rooms) throw otherRooms(known.rooms, { name, rooms })
    const crew = known ?? { rooms, members: new Set(), due: new Set(), held: new Set() }
    crews.set(name, crew)
    return crew
  }

  return {
    async join(group, due) {
      const { name } = group
      // Before the positions are asked: what is committed meanwhile is due.
      const crew = crewOf(group)
      const listener = () => due()
      crew.members.add(listener)
      const leave = async () => {
        crew.members.delete(listener)
        if (crew.members.size === 0 && crews.get(name) === crew) crews.delete(name)
      }
      try {
        const enrolled = await positions.enrol(group)
        if ('others' in enrolled) throw otherRooms(enrolled.others, group)
        for (const room of enrolled.behind) crew.due.add(room)
      } catch (cause) {
        await leave()
        throw cause
      }
      tell(crew)
      return { take: (most) => take(name, crew, most), leave }
    },
    async dismiss(name) {
      if (crews.has(name)) throw stillAtWork(name)
      await positions.dismiss(name)
    },
  }
}
