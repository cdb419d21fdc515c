import type { Peer } from '../peer.js'
import type { Authorize } from '../seams.js'
import type { Presence } from './seam.js'

/**
 * Whether a user may watch another. Told instead of the rule that they share a room which both may read. A throw means no. It says
 * nothing about rooms: who may read one sees who is there.
 */
export type MaySee = (user: string, other: string) => boolean | Promise<boolean>

/** Rooms that are looked at to find one that two people share: a question must not cost without bound. */
const MOST_ROOMS = 64

export interface SightParts {
  readonly presence: Presence
  readonly authorize: Authorize
  readonly maySee: MaySee | undefined
  /** Rooms that a connection follows, those included that it may not have been let into yet. */
  readonly roomsOf: (peer: Peer) => readonly string[]
  /** What the token of a user who is connected says of them. */
  readonly rightsOf: (user: string) => unknown
}

/** Who may watch whom and what. Rejects when that cannot be told now. */
export interface Sight {
  room(peer: Peer, room: string): Promise<boolean>
  user(peer: Peer, other: string): Promise<boolean>
}

export function createSight({ presence, authorize, maySee, roomsOf, rightsOf }: SightParts): Sight {
  const mayRead = async (user: string, room: string, rights: unknown): Promise<boolean> =>
    (await authorize({ user, verb: 'read', room, rights })) === 'allow'

  /** The rooms of one of them are looked at first where the other is as well: most often the first answer is yes. */
  const share = async (peer: Peer, other: string): Promise<boolean> => {
    const own = new Set(roomsOf(peer))
    const theirs = new Set(await presence.roomsOf(other))
    const both = [...own].filter((room) => theirs.has(room))
    const rights = rightsOf(other)
    for (const room of [...new Set([...both, ...own, ...theirs])].slice(0, MOST_ROOMS)) {
      if (!(await mayRead(peer.user, room, peer.rights))) continue
      // They were let in when they entered, and are put out when that ends.
      if (theirs.has(room) || (await mayRead(other, room, rights))) return true
    }
    return false
  }

  return {
    room: (peer, room) => mayRead(peer.user, room, peer.rights),
    async user(peer, other) {
      if (other === peer.user) return true
      return maySee ? (await maySee(peer.user, other)) === true : share(peer, other)
    },
  }
}
