import type { Bus } from './bus.js'
import { eventText } from './entry-text.js'
import { createGathered, type Gathered } from './gathered.js'
import type { ServerLimits } from './limits.js'
import type { Peer } from './peer.js'
import { createRecent, type Recent } from './recent.js'
import type { Clock, Committed, Glimpse, Loss, Page, Sees, Standing } from './seams.js'
import type { FrameHead } from './wire.js'

/** An event, encoded once for all who follow its room. */
interface Live extends Glimpse {
  readonly head: FrameHead
  readonly cursor: string
  readonly prev: string
}

/** Positions that were hidden and not told yet. */
interface Hidden {
  readonly prev: string
  readonly cursor: string
  readonly seq: number
  readonly cancel: () => void
}

/**
 * One connection in one room. While it is joining, events wait: where they join is known only when the log has answered, and what was
 * committed in between must be neither lost nor sent before `subscribed`.
 */
interface Member {
  readonly peer: Peer
  readonly room: string
  state:
    | { readonly is: 'joining'; readonly waiting: Live[] }
    /** What was gathered up to `after` was told in another way. */
    | { readonly is: 'live'; readonly after: number }
  hidden: Hidden | undefined
}

/** A room in which somebody of this node is. */
interface Hall {
  readonly members: Map<Peer, Member>
  readonly recent: Recent
  readonly gathered: Gathered<Live>
  /** Until what is committed elsewhere arrives here; undefined where it does at once. */
  readonly ready: Promise<void> | undefined
}

/** A place in a room that is not taken up yet. Once it was left or taken again, `join` and `refuse` do nothing and say so by false. */
export interface Place {
  /** Where the room stands must be asked after this; rejects when nothing can be heard of it now. */
  readonly ready: Promise<void> | undefined
  /** Calls `joined`, then lets the events flow that come after the standing's head. */
  join(standing: Standing, joined: () => void): boolean
  refuse(): boolean
}

export interface Rooms {
  /** Takes a place; a second one in the same room replaces the first. */
  enter(peer: Peer, room: string): Place
  leave(peer: Peer, room: string): boolean
  leaveAll(peer: Peer): void
  /** Rooms that a connection is in, joining ones included. */
  count(peer: Peer): number
  has(peer: Peer, room: string): boolean
  /** The rooms of a connection, joining ones included. */
  of(peer: Peer): readonly string[]
  /** Connections in a room, joining ones included. */
  size(room: string): number
  /** Connections that joined a room. A list of its own: who fails while it is told something leaves. */
  present(room: string): readonly Peer[]
  /** What a page of the log after this cursor would hold, where that is remembered here; see `Recent`. */
  missed(room: string, cursor: string, standing: Standing): Page | undefined
  deliver(committed: readonly Committed[]): void
  /** Tells those who joined that what they were told is not the room's past. */
  reset(loss: Loss): void
}

const liveOf = (committed: Committed): Live => {
  const { room, seq, cursor, prev, from, kind } = committed
  return { room, seq, cursor, prev, from, kind, text: eventText(committed), head: { type: 'event', room } }
}

export interface RoomsOptions {
  readonly clock: Pick<Clock, 'after'>
  readonly limits: ServerLimits
  readonly sees: Sees | undefined
  readonly bus: Pick<Bus, 'enter' | 'leave'>
  /** A connection joined a room, or is not in it any more. */
  readonly onMove: (peer: Peer, room: string, isIn: boolean) => void
}

export function createRooms(options: RoomsOptions): Rooms {
  const { clock, limits, sees, bus, onMove } = options
  // Names come from outside: maps, so that `__proto__` is a room like any other.
  const rooms = new Map<string, Hall>()
  const places = new Map<Peer, Set<string>>()

  const tellHidden = (member: Member) => {
    const { hidden, peer, room } = member
    if (!hidden) return
    hidden.cancel()
    member.hidden = undefined
    const { seq, cursor, prev } = hidden
    peer.send({ type: 'skip', room, seq, cursor, prev })
  }
  const hide = (member: Member, { seq, cursor, prev }: Live) => {
    const before = member.hidden
    const cancel = before?.cancel ?? clock.after(limits.skipMs, () => tellHidden(member))
    member.hidden = { prev: before?.prev ?? prev, cursor, seq, cancel }
  }
  const give = (member: Member, live: Live) => {
    if (sees && !sees(member.peer.user, live)) {
      hide(member, live)
      return
    }
    tellHidden(member)
    member.peer.sendText(live.head, live.text)
  }
  const remove = (member: Member) => {
    const { peer, room } = member
    member.hidden?.cancel()
    const members = rooms.get(room)?.members
    members?.delete(peer)
    if (members?.size === 0) {
      rooms.get(room)?.gathered.clear()
      rooms.delete(room)
      bus.leave(room)
    }
    const entered = places.get(peer)
    entered?.delete(room)
    if (entered?.size === 0) places.delete(peer)
  }
  // A wire that fails while it is given something leaves the room: a Map goes on behind what was deleted.
  const tellGathered = (members: Hall['members'], lives: readonly Live[]) => {
    for (const member of members.values()) {
      const { state } = member
      if (state.is === 'live') for (const live of lives) if (live.seq > state.after) give(member, live)
    }
  }
  const memberOf = (peer: Peer, room: string) => rooms.get(room)?.members.get(peer)

  const open = (room: string): Hall => {
    const known = rooms.get(room)
    if (known) return known
    const { recentEntries: entries, recentChars: chars } = limits
    const members = new Map<Peer, Member>()
    const ready = bus.enter(room)
    // Those who are let in hear of a failure. Where nobody is, nobody waits, and it must not end the process.
    ready?.catch(() => undefined)
    const hall = {
      members,
      gathered: createGathered<Live>(clock, limits.gatherMs, (lives) => tellGathered(members, lives)),
      recent: createRecent({ entries, chars }),
      ready,
    }
    rooms.set(room, hall)
    return hall
  }
  const enter = (peer: Peer, room: string): Place => {
    memberOf(peer, room)?.hidden?.cancel()
    const { members, ready } = open(room)
    const member: Member = { peer, room, state: { is: 'joining', waiting: [] }, hidden: undefined }
    members.set(peer, member)
    places.set(peer, (places.get(peer) ?? new Set()).add(room))
    const current = () => memberOf(peer, room) === member
    return {
      ready,
      join({ head }, joined) {
        if (!current() || member.state.is === 'live') return false
        const { waiting } = member.state
        member.state = { is: 'live', after: Math.max(head, waiting.at(-1)?.seq ?? 0) }
        joined()
        onMove(peer, room, true)
        for (const live of waiting) if (live.seq > head) give(member, live)
        return true
      },
      refuse() {
        if (!current()) return false
        remove(member)
        onMove(peer, room, false)
        return true
      },
    }
  }

  const leave = (peer: Peer, room: string): boolean => {
    const member = memberOf(peer, room)
    if (!member) return false
    remove(member)
    onMove(peer, room, false)
    return true
  }
  return {
    enter,
    leave,
    leaveAll(peer) {
      for (const room of [...(places.get(peer) ?? [])]) leave(peer, room)
    },
    count: (peer) => places.get(peer)?.size ?? 0,
    has: (peer, room) => memberOf(peer, room) !== undefined,
    of: (peer) => [...(places.get(peer) ?? [])],
    size: (room) => rooms.get(room)?.members.size ?? 0,
    present: (room) =>
      [...(rooms.get(room)?.members.values() ?? [])].flatMap(({ peer, state }) =>
        state.is === 'live' ? peer : [],
      ),
    missed: (room, cursor, standing) => rooms.get(room)?.recent.after(cursor, standing),
    deliver(committed) {
      for (const entry of committed) {
        const hall = rooms.get(entry.room)
        if (!hall) continue
        hall.recent.add(entry)
        const live = liveOf(entry)
        const isLate = hall.members.size > limits.gatherConnections || !hall.gathered.isEmpty
        for (const member of hall.members.values())
          if (member.state.is === 'joining') member.state.waiting.push(live)
          else if (!isLate) give(member, live)
        if (isLate) hall.gathered.add(live)
      }
    },
    reset({ room, reason, head }) {
      const hall = rooms.get(room)
      hall?.recent.clear()
      hall?.gathered.clear()
      for (const member of [...(hall?.members.values() ?? [])]) {
        if (member.state.is === 'joining') {
          // It joins what the log is now: what was committed before the loss follows nothing there.
          member.state.waiting.length = 0
          continue
        }
        member.hidden?.cancel()
        member.hidden = undefined
        member.state = { is: 'live', after: 0 }
        member.peer.send({ type: 'reset', room, reason, head })
      }
    },
  }
}
