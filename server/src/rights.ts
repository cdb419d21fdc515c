import { directRoom, personalRoom } from 'tidings/protocol'
import { isNamed } from './core/room-names.js'
import type { Authorize, Permit, Verb } from './core/seams.js'

const DIRECT = 'dm:'
const PERSONAL = '@'

/** Rooms whose name says who may be there; undefined for all others. */
function byName(user: string, verb: Verb, room: string): Permit | undefined {
  if (room.startsWith(PERSONAL)) return verb === 'read' && room === personalRoom(user) ? 'allow' : 'forbidden'
  if (!room.startsWith(DIRECT)) return undefined
  const [one = '', other = ''] = room.slice(DIRECT.length).split(':')
  try {
    const [a, b] = [decodeURIComponent(one), decodeURIComponent(other)]
    // Only the one name that both sides make is a room: others would be rooms that just look like it.
    return (a === user || b === user) && room === directRoom(a, b) ? 'allow' : 'not_member'
  } catch {
    return 'not_found'
  }
}

/** For development: everybody may enter every room, except personal and direct rooms of others. Nobody moderates. */
export const openRooms: Authorize = ({ user, verb, room }) =>
  verb === 'moderate' ? 'forbidden' : (byName(user, verb, room) ?? 'allow')

const namesOf = (rights: unknown, claim: string): readonly unknown[] => {
  const names: unknown =
    typeof rights === 'object' && rights !== null ? Reflect.get(rights, claim) : undefined
  return Array.isArray(names) ? names : []
}
const includes = (names: readonly unknown[], room: string): boolean =>
  names.some((name) => typeof name === 'string' && isNamed(name, room))

/**
 * For production: besides personal and direct rooms a user may enter the rooms that the token names in `rooms`, and moderate those in
 * `moderates`. A name that ends in `*` stands for all that begin with the rest. Nothing else is allowed.
 */
export const roomsOfToken: Authorize = ({ user, verb, room, rights }) => {
  if (verb === 'moderate') return includes(namesOf(rights, 'moderates'), room) ? 'allow' : 'forbidden'
  return byName(user, verb, room) ?? (includes(namesOf(rights, 'rooms'), room) ? 'allow' : 'not_member')
}
