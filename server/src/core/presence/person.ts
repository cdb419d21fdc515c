import type { PresenceEntry } from 'tidings/protocol'
import type { Said } from './seam.js'

/** One connection of a user. `silent` was not beaten in time, `gone` left and is in its grace. */
export interface Link {
  readonly session: string
  readonly user: string
  state: 'open' | 'silent' | 'gone'
  /** Undefined until it speaks, and once it is gone and another one spoke. */
  said: Said | undefined
  /** What it said counts no more; that it is in its rooms still does. */
  muted: boolean
  /** Rises with each word of any connection, 0 before the first: of several alike the last one counts. */
  order: number
  seenAt: number
  readonly rooms: Set<string>
  cancel: () => void
}

/** What of an entry is a change when it changes. */
type Look = Omit<PresenceEntry, 'lastSeen' | 'ver'>

/** A user, with all that is known of them. */
export interface Person {
  readonly user: string
  readonly links: Set<Link>
  look: Look
  ver: number
  /** The last sign of life of those who are shown as gone. */
  seenAt: number
  /** Rooms in whose lists the user stands. */
  shownIn: Set<string>
  /** Rooms they were in when they were last shown. */
  lastRooms: ReadonlySet<string>
}

const WEIGHT: Readonly<Record<PresenceEntry['status'], number>> = { busy: 3, online: 2, away: 1, offline: 0 }

const UNSAID: Said = { status: 'online' }
const saidBy = ({ said }: Link): Said => said ?? UNSAID

/** Whether a connection is counted at all. */
const counts = ({ state }: Link): boolean => state !== 'silent'
/** Whether it shows its user in its rooms. */
export const shows = (link: Link): boolean => counts(link) && saidBy(link).status !== 'offline'

/** How all connections of a user together show them. */
export function lookOf({ user, links }: Person): Look {
  let strongest: Link | undefined
  for (const link of links) {
    if (!counts(link) || link.muted) continue
    const ahead = strongest
      ? WEIGHT[saidBy(link).status] - WEIGHT[saidBy(strongest).status] || link.order - strongest.order
      : 1
    if (ahead > 0) strongest = link
  }
  if (!strongest) return { userId: user, status: 'offline' }
  const { status, custom, device, room, doNotDisturbUntil } = saidBy(strongest)
  // Somebody who wants to look gone leaves no traces.
  if (status === 'offline') return { userId: user, status }
  return {
    userId: user,
    status,
    ...(custom !== undefined && { custom }),
    ...(device !== undefined && { device }),
    ...(room !== undefined && { room }),
    ...(doNotDisturbUntil !== undefined && { doNotDisturbUntil }),
  }
}

export const sameLook = (a: Look, b: Look): boolean =>
  a.status === b.status &&
  a.custom === b.custom &&
  a.device === b.device &&
  a.room === b.room &&
  a.doNotDisturbUntil === b.doNotDisturbUntil

/** A person as the wire shows them now. What they said until when is over is not said any more. */
export function entryOf({ look, ver, seenAt }: Person, now: number): PresenceEntry {
  const { doNotDisturbUntil, ...rest } = look
  return {
    ...rest,
    lastSeen: look.status === 'offline' ? seenAt : now,
    ver,
    ...(doNotDisturbUntil !== undefined && doNotDisturbUntil > now && { doNotDisturbUntil }),
  }
}
