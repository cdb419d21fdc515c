import type { ClientFrames, RoomRequest } from 'tidings/protocol'
import type { Asking } from './asking.js'
import type { ServerLimits } from './limits.js'
import type { Peer } from './peer.js'
import type { Receipts } from './receipts.js'
import type { Place, Rooms } from './rooms.js'
import type { Authorize, Log, Permit, Standing } from './seams.js'
import { allOf, whenSettled } from './settled.js'
import type { Streams } from './streams.js'

/** What one connection follows and reads: each room asked for is authorised, located and joined. */
export interface Subscriptions {
  enter(requests: readonly RoomRequest[], id?: string): void
  /** Events and pushed pages end; what was asked for by an id is still answered. */
  leave(rooms: readonly string[]): void
  /** Nothing of the room goes out any more. */
  expel(room: string): void
  sync(frame: ClientFrames['sync_request']): void
  /** Other rights count now: tells which of the rooms that are followed or read may not be any more. */
  review(forbidden: (room: string, code: string) => void): void
}

interface Ask {
  readonly request: RoomRequest
  readonly place: Place
}

/** What a room of this size does without. */
function without(connections: number, limits: ServerLimits) {
  if (connections <= limits.typingConnections && connections <= limits.gatherConnections) return {}
  return {
    limits: {
      ...(connections > limits.typingConnections && { typing: false }),
      ...(connections > limits.gatherConnections && { gatherMs: limits.gatherMs }),
    },
  }
}

export function createSubscriptions(options: {
  readonly peer: Peer
  readonly rooms: Rooms
  readonly streams: Streams
  readonly receipts: Receipts
  readonly log: Log
  readonly limits: ServerLimits
  readonly authorize: Authorize
  readonly asking: Asking
}): Subscriptions {
  const { peer, rooms, streams, receipts, log, limits, authorize, asking } = options

  const unsubscribed = (room: string, code: string, retryable: boolean) =>
    peer.send({ type: 'unsubscribed', room, code, retryable })
  const refuse = ({ request, place }: Ask, code: string) => {
    if (place.refuse() && peer.open) unsubscribed(request.room, code, code === 'unavailable')
  }
  const mayRead = (room: string) => authorize({ user: peer.user, verb: 'read', room, rights: peer.rights })

  const join = ({ request, place }: Ask, standing: Standing, id: string | undefined) => {
    const { room, cursor, pages = 0, from } = request
    const { head, first, mark, unread = 0 } = standing
    if (!peer.open) return
    const lost = from === 'head' ? undefined : standing.lost
    // `subscribed` goes first: it says where the events join that the place releases.
    const send = () => {
      const named = id === undefined ? {} : { id }
      peer.send({
        type: 'subscribed',
        ...named,
        room,
        seq: head,
        cursor: standing.cursor,
        head,
        first,
        ...(mark !== undefined && { mark }),
        unread,
        ...without(rooms.size(room), limits),
      })
    }
    if (!place.join(standing, send)) return
    receipts.show(peer, room)
    if (lost) peer.send({ type: 'reset', room, reason: lost, head })
    else if (from !== 'head') {
      const known = cursor === undefined ? undefined : rooms.missed(room, cursor, standing)
      streams.resume(room, cursor, pages, known)
    }
  }

  const locate = (asks: readonly Ask[], permits: readonly Permit[], id: string | undefined) => {
    const allowed = asks.filter((ask, i) => {
      const permit = permits[i] ?? 'forbidden'
      if (permit !== 'allow') refuse(ask, permit)
      return permit === 'allow'
    })
    if (allowed.length === 0) return
    const positions = allowed.map(({ request: { room, cursor } }) => ({
      room,
      ...(log.marks && { reader: peer.user }),
      ...(cursor && { cursor }),
    }))
    const unavailable = () => {
      for (const ask of allowed) refuse(ask, 'unavailable')
    }
    const located = (standings: readonly Standing[]) => {
      for (const [i, ask] of allowed.entries()) {
        const standing = standings[i]
        if (standing) join(ask, standing, id)
      }
    }
    whenSettled(
      () => allOf(allowed.map(({ place }) => place.ready)),
      () => log.locate(positions).then(located, unavailable),
      unavailable,
    )
  }

  return {
    enter(requests, id) {
      const asks: Ask[] = []
      for (const request of requests) {
        const { room } = request
        if (rooms.count(peer) >= limits.roomsPerConnection && !rooms.has(peer, room))
          unsubscribed(room, 'too_many_rooms', false)
        else {
          streams.endResume(room)
          asks.push({ request, place: rooms.enter(peer, room) })
        }
      }
      if (asks.length === 0) return
      whenSettled(
        () => allOf(asks.map(({ request }) => mayRead(request.room))),
        (permits) => locate(asks, permits, id),
        () => {
          for (const ask of asks) refuse(ask, 'unavailable')
        },
      )
    },
    review(forbidden) {
      for (const room of new Set([...rooms.of(peer), ...streams.rooms()]))
        whenSettled(
          () => mayRead(room),
          (permit) => {
            // What cannot be told now was allowed until now.
            if (peer.open && permit !== 'allow' && permit !== 'unavailable') forbidden(room, permit)
          },
          () => undefined,
        )
    },
    leave(names) {
      for (const room of names) {
        rooms.leave(peer, room)
        streams.endResume(room)
      }
    },
    expel(room) {
      rooms.leave(peer, room)
      streams.expel(room)
      asking.expel(room)
    },
    sync(frame) {
      const isWanted = asking.ask(frame.room)
      const permitted = (permit: Permit) => {
        if (!isWanted() || !peer.open) return
        if (permit === 'allow') {
          streams.request(frame)
          return
        }
        const message = 'This room cannot be read.'
        const retryable = permit === 'unavailable'
        peer.send({ type: 'error', code: permit, message, retryable, re: frame.id })
      }
      whenSettled(
        () => mayRead(frame.room),
        permitted,
        () => permitted('unavailable'),
      )
    },
  }
}
