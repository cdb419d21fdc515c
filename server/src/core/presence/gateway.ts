import type { ClientFrames, PresenceEntry } from 'tidings/protocol'
import type { ServerLimits } from '../limits.js'
import type { Peer } from '../peer.js'
import type { Clock } from '../seams.js'
import { createSight, type SightParts } from './rights.js'
import { createRoomWatches } from './room-watches.js'
import type { OnlineAsk, Said } from './seam.js'
import { createUserWatches } from './user-watches.js'

/** Presence as connections have to do with it: signs of life, what clients say and watch, and what they are told. */
export interface PresenceGateway {
  /** A connection was greeted. */
  enter(peer: Peer): void
  take(peer: Peer, frame: ClientFrames['presence']): void
  joined(peer: Peer, room: string): void
  parted(peer: Peer, room: string): void
  /** One connection may not read a room any more. */
  excluded(peer: Peer, room: string): void
  /** A user was put out of a room. */
  expelled(user: string, room: string): void
  /** The connection is gone, its last sign of life came then. */
  leave(peer: Peer, seenAt: number): void
  online(ask: OnlineAsk): Promise<readonly PresenceEntry[]>
  close(): void
}

/** How long what cannot be told now waits. */
const RETRY_MS = 1_000

/** Runs something at the end of the tick in which it became due, then not for `restMs`, never twice at once; again a little later when it fails. */
function createDue(clock: Pick<Clock, 'after'>, restMs: number, run: () => Promise<void>) {
  let state: 'idle' | 'waiting' | 'running' | 'stopped' = 'idle'
  let isDue = false
  let cancel = () => {}
  const wait = (ms: number) => {
    state = 'waiting'
    cancel = clock.after(ms, look)
  }
  const look = () => {
    state = isDue ? 'running' : 'idle'
    if (!isDue) return
    isDue = false
    run().then(
      () => done(false),
      () => done(true),
    )
  }
  const done = (failed: boolean) => {
    if (state === 'stopped') return
    isDue ||= failed
    if (isDue || restMs > 0) wait(failed ? RETRY_MS : restMs)
    else state = 'idle'
  }
  return {
    soon() {
      isDue = true
      if (state === 'idle') wait(0)
    },
    stop() {
      state = 'stopped'
      cancel()
    },
  }
}

const saidIn = ({ status, custom, device, room, doNotDisturbUntil }: ClientFrames['presence']) =>
  status === undefined
    ? undefined
    : ({
        status,
        ...(custom !== undefined && { custom }),
        ...(device !== undefined && { device }),
        ...(room !== undefined && { room }),
        ...(doNotDisturbUntil !== undefined && { doNotDisturbUntil }),
      } satisfies Said)

export function createPresenceGateway(
  parts: Omit<SightParts, 'rightsOf'> & { readonly clock: Clock; readonly limits: ServerLimits },
): PresenceGateway {
  const { presence, clock, limits } = parts
  const peers = new Map<string, Peer>()
  const users = new Map<string, Set<Peer>>()
  const peersOf = (user: string): Iterable<Peer> => users.get(user) ?? []
  const sight = createSight({
    ...parts,
    rightsOf: (user) => [...peersOf(user)].at(-1)?.rights,
  })
  const due = createDue(clock, limits.presenceRestMs, async () => {
    const [byName, byRoom] = await Promise.allSettled([userWatches.flush(), roomWatches.flush()])
    for (const result of [byName, byRoom]) if (result.status === 'rejected') throw result.reason
  })
  const shared = { presence, sight, onDue: due.soon }
  // After a start everybody comes back in the course of some seconds: until then, not to be known is not to be gone.
  let isSettled = limits.presenceGraceMs <= 0
  let cancelSettle: (() => void) | undefined
  const settle = () => {
    isSettled = true
    due.soon()
  }
  const userWatches = createUserWatches({
    ...shared,
    peersOf,
    atMost: limits.watchedUsers,
    isSure: ({ status, lastSeen }) => isSettled || status !== 'offline' || lastSeen > 0,
  })
  const roomWatches = createRoomWatches({
    ...shared,
    atMost: limits.watchedRooms,
    mostUsers: limits.presenceRoomUsers,
  })
  const unfollow = presence.follow(({ user, entry, rooms }) => {
    if (entry) userWatches.changed(user)
    for (const room of rooms) roomWatches.changed(room)
  })

  let cancelBeat: (() => void) | undefined
  const beat = () => {
    presence.beat(peers.keys())
    cancelBeat = clock.after(limits.presenceBeatMs, beat)
  }
  const tooMany = (peer: Peer) => {
    const message = `A connection watches at most ${limits.watchedUsers} users and ${limits.watchedRooms} rooms.`
    peer.send({ type: 'error', code: 'too_large', message, retryable: false })
  }

  return {
    enter(peer) {
      peers.set(peer.session, peer)
      users.set(peer.user, (users.get(peer.user) ?? new Set()).add(peer))
      presence.enter(peer.session, peer.user)
      cancelBeat ??= clock.after(limits.presenceBeatMs, beat)
      if (!isSettled) cancelSettle ??= clock.after(limits.presenceGraceMs, settle)
    },
    take(peer, frame) {
      const said = saidIn(frame)
      if (said) presence.say(peer.session, said)
      const { add = {}, remove = {} } = frame.watch ?? {}
      userWatches.remove(peer, remove.users ?? [])
      roomWatches.remove(peer, remove.rooms ?? [])
      const refused = userWatches.add(peer, add.users ?? []) + roomWatches.add(peer, add.rooms ?? [])
      if (refused > 0) tooMany(peer)
    },
    joined(peer, room) {
      presence.join(peer.session, room)
      userWatches.entered(peer.user)
      roomWatches.entered(peer, room)
    },
    parted: (peer, room) => presence.part(peer.session, room),
    excluded(peer, room) {
      roomWatches.expelled(peer, room)
      userWatches.expelled(peer.user)
    },
    expelled(user, room) {
      presence.expel(user, room)
      for (const peer of peersOf(user)) roomWatches.expelled(peer, room)
      userWatches.expelled(user)
    },
    leave(peer, seenAt) {
      peers.delete(peer.session)
      const others = users.get(peer.user)
      others?.delete(peer)
      if (others?.size === 0) users.delete(peer.user)
      userWatches.end(peer)
      roomWatches.end(peer)
      presence.leave(peer.session, seenAt)
      if (peers.size > 0) return
      cancelBeat?.()
      cancelBeat = undefined
    },
    online: (ask) => presence.online(ask),
    close() {
      unfollow()
      due.stop()
      cancelBeat?.()
      cancelSettle?.()
      presence.close()
    },
  }
}
