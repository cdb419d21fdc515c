/** Workers that share the rooms that match a name: each entry of those is for one of them. */
export interface Group {
  readonly name: string
  /** A room's name, or the beginning of names and `*`. */
  readonly rooms: string
  /** Where the group begins in rooms that have something already when it is made. */
  readonly from: 'head' | 'start'
}

/** A room that one member of a group works on, and nobody else of the group. */
export interface Hold {
  readonly room: string
  /** What was kept last; undefined when the group was never given anything of the room: then it begins with the first entry. */
  readonly position: string | undefined
  /** Keeps a position, if one is given, and the room. False: another member has it now, and nothing was kept. */
  move(position?: string): Promise<boolean>
  /** The room is for any member again, at once when there is more in it behind the position. */
  giveBack(): Promise<void>
}

export interface Member {
  /** Rooms with something for the group that no other member holds, about so many at most. */
  take(most: number): Promise<readonly Hold[]>
  /** Takes no more. What is held has to be given back before. */
  leave(): Promise<void>
}

/**
 * How far groups of workers have been given the rooms that they work on, and which member is at which room. A position is a text of cursors,
 * of which the first says where the group stands. The law, which `server/test/group-laws.ts` checks on every implementation:
 * - A group is made by the first who joins it. In rooms that have entries then it begins behind them or, `from: 'start'`, with the first; in
 *   those that get their first entry later, with that. To join with other `rooms` than the group has rejects with a GroupError.
 * - A room is taken by one member at a time: by another only after it was given back, or when the member that holds it has died.
 * - What was committed behind the position of a room that nobody holds is due until it was given to somebody, whatever ends in between; `due`
 *   is called when there may be something to take.
 * - What `move` answered is where the room is held next, whoever takes it.
 */
export interface Groups {
  join(group: Group, due: () => void): Promise<Member>
  /** Forgets a group and all its positions. Whoever joins it again makes a new one. Rejects with a GroupError while somebody here is in it. */
  dismiss(name: string): Promise<void>
}

/** Why a group cannot be joined or dismissed. */
export class GroupError extends Error {
  override readonly name = 'GroupError'
}

/** What a member is told that comes with other rooms than the group has. */
export const otherRooms = (rooms: string, asked: Pick<Group, 'name' | 'rooms'>): GroupError =>
  new GroupError(
    `The group ${asked.name} works on the rooms ${rooms}, not on ${asked.rooms}: choose another name, or dismiss that group.`,
  )

/** What is told to somebody who dismisses a group that works. */
export const stillAtWork = (name: string): GroupError =>
  new GroupError(`The group ${name} has workers here: close them first.`)
