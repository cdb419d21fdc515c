import { type ClientFrames, directRoom } from 'tidings/protocol'
import type { ServerLimits } from './limits.js'
import type { Peer } from './peer.js'
import type { Relay } from './relay.js'
import type { Rooms } from './rooms.js'
import type { Authorize, Clock, Permit } from './seams.js'
import { allOf, whenSettled } from './settled.js'

/**
 * Who is typing where. Nothing of it is stored. Time is counted in ticks of one timer that runs while somebody types: a jump of the
 * wall clock neither ends a start nor keeps it.
 */
export interface Typing {
  /** Tells the others in the room, if the author may write there. At most once a second for each user and room. */
  start(peer: Peer, frame: ClientFrames['typing_start']): void
  /** Tells that the user stopped, unless another connection of theirs types there. Does nothing when this one does not. */
  stop(peer: Peer, frame: ClientFrames['typing_stop']): void
  /** The connection left the room, or was sent out of it. */
  left(peer: Peer, room: string): void
  /** The connection is gone. */
  gone(peer: Peer): void
  /** Forgets everybody and stops the timer. */
  close(): void
}

const TICK_MS = 500
/** After this many ticks at least a second has passed, wherever in a tick it began. */
const QUIET_TICKS = 3
/** After this many ticks at most 5 s have passed. */
const EXPIRES_TICKS = 10
const EXPIRES_MS = TICK_MS * EXPIRES_TICKS

/** One user in one room. */
interface Typist {
  readonly user: string
  readonly room: string
  /** The connections that type, and the tick at which their start runs out. */
  readonly seats: Map<Peer, { readonly until: number }>
  /** No start is told before this tick. */
  quietUntil: number
  /** Began while no start could be told. */
  due: Peer | undefined
  /** Whether the others were told of a start and not of its end. */
  shown: boolean
}

/** A frame names a room, or whom the author writes to. */
const roomOf = ({ user }: Peer, { room, recipientId }: ClientFrames['typing_start' | 'typing_stop']) =>
  room ?? (recipientId === undefined ? undefined : directRoom(user, recipientId))

export function createTyping(options: {
  readonly clock: Pick<Clock, 'after'>
  readonly limits: ServerLimits
  readonly rooms: Rooms
  readonly authorize: Authorize
  readonly relay: Relay
}): Typing {
  const { clock, limits, rooms, authorize, relay } = options
  // Names come from outside: maps in maps, so that no two names make the same key.
  const typists = new Map<string, Map<string, Typist>>()
  const places = new Map<Peer, Set<Typist>>()
  let tick = 0
  let cancelTick: (() => void) | undefined

  const typistOf = (room: string, user: string) => typists.get(room)?.get(user)
  const enter = (room: string, user: string): Typist => {
    const known = typistOf(room, user)
    if (known) return known
    const made = { user, room, seats: new Map(), quietUntil: tick, due: undefined, shown: false }
    typists.set(room, (typists.get(room) ?? new Map<string, Typist>()).set(user, made))
    cancelTick ??= clock.after(TICK_MS, look)
    return made
  }

  const tellHere = (type: 'typing_start' | 'typing_stop', room: string, user: string) => {
    const expires = type === 'typing_start' ? { expires: EXPIRES_MS } : {}
    const text = JSON.stringify({ type, room, userId: user, ...expires })
    for (const peer of rooms.present(room)) {
      if (peer.user === user) continue
      // A reader who is behind can do without a start, which another one follows; not without an end.
      if (type === 'typing_start' && peer.buffered() > limits.pageBufferedBytes) continue
      peer.sendText({ type, room }, text)
    }
  }

  const tell = (is: 'typing_start' | 'typing_stop', { room, user }: Typist) => {
    tellHere(is, room, user)
    relay.tell(room, { is, user })
  }
  // One who types elsewhere and is not heard of any more ends by himself: a start says how long it counts.
  const unhear = relay.hear((room, relayed) => {
    if (relayed.is === 'typing_start' || relayed.is === 'typing_stop')
      tellHere(relayed.is, room, relayed.user)
  })

  const mayType = (peer: Peer, room: string): Permit | Promise<Permit> => {
    const { user, rights } = peer
    const write = authorize({ user, verb: 'write', room, rights })
    // Who is in the room was asked when he came in.
    if (rooms.has(peer, room)) return write
    const both = allOf([write, authorize({ user, verb: 'read', room, rights })])
    const strictest = (permits: readonly Permit[]) => permits.find((permit) => permit !== 'allow') ?? 'allow'
    return both instanceof Promise ? both.then(strictest) : strictest(both)
  }

  const take = (typist: Typist, peer: Peer) => {
    const seat = { until: tick + EXPIRES_TICKS }
    typist.seats.set(peer, seat)
    typist.due = undefined
    typist.quietUntil = tick + QUIET_TICKS
    places.set(peer, (places.get(peer) ?? new Set()).add(typist))
    whenSettled(
      () => mayType(peer, typist.room),
      (permit) => {
        // Stopped, left or run out meanwhile.
        if (typist.seats.get(peer) !== seat) return
        if (permit !== 'allow') {
          end(typist, peer)
          return
        }
        typist.shown = true
        tell('typing_start', typist)
      },
      () => end(typist, peer),
    )
  }

  const end = (typist: Typist, peer: Peer) => {
    if (typist.due === peer) typist.due = undefined
    typist.seats.delete(peer)
    const entered = places.get(peer)
    entered?.delete(typist)
    if (entered?.size === 0) places.delete(peer)
    if (typist.seats.size > 0 || !typist.shown) return
    typist.shown = false
    tell('typing_stop', typist)
  }

  const age = (typist: Typist) => {
    for (const [peer, { until }] of [...typist.seats]) if (until <= tick) end(typist, peer)
    if (typist.quietUntil > tick) return
    if (typist.due?.open) take(typist, typist.due)
    else if (typist.seats.size === 0) {
      const users = typists.get(typist.room)
      users?.delete(typist.user)
      if (users?.size === 0) typists.delete(typist.room)
    }
  }
  const look = () => {
    tick += 1
    for (const users of [...typists.values()]) for (const typist of [...users.values()]) age(typist)
    cancelTick = typists.size > 0 ? clock.after(TICK_MS, look) : undefined
  }

  const endAt = (peer: Peer, room: string) => {
    const typist = typistOf(room, peer.user)
    if (typist) end(typist, peer)
  }
  return {
    start(peer, frame) {
      const room = roomOf(peer, frame)
      if (room === undefined || rooms.size(room) > limits.typingConnections) return
      const known = places.get(peer)
      const typist = typistOf(room, peer.user)
      if (known && known.size >= limits.typingRooms && !(typist && known.has(typist))) return
      const entered = typist ?? enter(room, peer.user)
      if (tick >= entered.quietUntil) take(entered, peer)
      else if (!entered.seats.has(peer)) entered.due = peer
    },
    stop(peer, frame) {
      const room = roomOf(peer, frame)
      if (room !== undefined) endAt(peer, room)
    },
    left: endAt,
    gone(peer) {
      for (const typist of [...(places.get(peer) ?? [])]) end(typist, peer)
    },
    close() {
      unhear()
      cancelTick?.()
      cancelTick = undefined
      typists.clear()
      places.clear()
    },
  }
}
