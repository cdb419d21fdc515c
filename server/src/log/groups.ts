import type { Group } from '../core/groups.js'
import { isNamed } from '../core/room-names.js'
import { cursorAt } from './cursor.js'
import type { GroupRows, RoomEnd } from './store.js'

/** The rules of groups for logs that have their positions beside them. */

/** Rooms of a group that have something behind its position; or the rooms that the group has already, which are others. */
export type Enrolled = { readonly behind: readonly string[] } | { readonly others: string }

/** Where a group stands in a room. */
export interface Stand {
  readonly position: string | undefined
  readonly isBehind: boolean
}

/** The cursor at which a position stands. */
export const cursorOf = (position: string): string => position.split(' ', 1)[0] ?? ''

const isBehind = ({ head, mark, position }: RoomEnd): boolean =>
  position === null ? head > 0 : cursorOf(position) !== cursorAt(head, mark)

/** Makes a group where there is none. */
export function enrol(store: GroupRows, { name, rooms, from }: Group): Enrolled {
  const known = store.roomsOf(name)
  if (known !== undefined && known !== rooms) return { others: known }
  if (known === undefined) store.setGroup(name, rooms)
  const ends = store.endsFor(name).filter(({ room }) => isNamed(rooms, room))
  if (known !== undefined || from === 'start')
    return { behind: ends.filter(isBehind).map(({ room }) => room) }
  for (const { room, head, mark } of ends) store.setPosition(name, room, cursorAt(head, mark))
  return { behind: [] }
}

export function standOf(store: GroupRows, group: string, room: string): Stand {
  const end = store.endFor(group, room)
  return { position: end?.position ?? undefined, isBehind: end !== undefined && isBehind(end) }
}
