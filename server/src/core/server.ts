import { CLOSE, NACK_CODES, type PresenceEntry } from 'tidings/protocol'
import { type Bus, EVERYWHERE, NO_BUS } from './bus.js'
import { createConnection } from './connection.js'
import type { Connection, Context, Inbound } from './context.js'
import { createDepartures } from './departures.js'
import { guarded } from './guarded.js'
import { SERVER_LIMITS, type ServerLimits } from './limits.js'
import type { Screen } from './operations.js'
import { createPresenceGateway, type PresenceGateway } from './presence/gateway.js'
import { createMemoryPresence } from './presence/memory.js'
import type { MaySee } from './presence/rights.js'
import type { OnlineAsk, Presence } from './presence/seam.js'
import { createPublisher, type Publisher, withPersonalRooms } from './publish.js'
import { NO_QUOTAS, type Quotas } from './quotas.js'
import { createReceipts, NO_RECEIPTS } from './receipts.js'
import { createRelay } from './relay.js'
import { createRooms, type Rooms, type RoomsOptions } from './rooms.js'
import type { Authorize, Clock, Log, Origin, Random, Sees, Socket, Verify } from './seams.js'
import { createTyping } from './typing.js'
import { createTick, type Watch } from './wire.js'

export interface ServerCoreOptions {
  readonly log: Log
  /** Between the nodes that share the log. Default: there is no other. */
  readonly bus?: Bus
  readonly clock: Clock
  readonly random: Random
  readonly verify: Verify
  readonly authorize: Authorize
  /** Hides entries from users; nothing is hidden without it. */
  readonly sees?: Sees
  /** Refuses operations by their content. */
  readonly screen?: Screen
  /** Who may watch the presence of whom. Default: those who share a room that both may read. */
  readonly maySee?: MaySee
  /** Who is there. Default: in this process; it is closed with the server. */
  readonly presence?: Presence
  readonly limits?: Partial<ServerLimits>
  /** Counts over connections and nodes. Default: nothing is counted. */
  readonly quotas?: Quotas
  /** `from` of what server code writes. Nobody is let in by this name. Default `server`. */
  readonly author?: string
  /** Names this server in `welcome`. */
  readonly node?: string
  /** Lets a test lose frames on their way out. */
  readonly outgoing?: Watch
}

export interface DrainOptions {
  /** ms until the first client may come back. Default 1,000. */
  readonly retryAfterMs?: number
  readonly reason?: string
  /** Where to come back to, if elsewhere. */
  readonly url?: string
}

/** Who writes when server code does, unless told otherwise. */
const AUTHOR = 'server'

/** A server as a function of frames: no socket, no database, no time of its own. */
export interface ServerCore extends Publisher {
  /** A socket was opened. `socket.close` is called at most once; after `closed()` nothing is sent. */
  opened(socket: Socket, origin?: Origin): Inbound
  /** Connections that are open, greeted or not. */
  readonly connections: number
  /** Takes a room away from a user, on every connection. Whether they may come back is up to `authorize`. */
  kick(user: string, room: string, code: string): void
  /** Who is there, or was seen since; by user id. See `OnlineAsk`. Rejects when it cannot be told now. */
  online(ask?: OnlineAsk): Promise<readonly PresenceEntry[]>
  /** Sends everybody away with a slot to come back at, and resolves when all who were here are gone. New connections get a slot as well. */
  drain(options?: DrainOptions): Promise<void>
  /** Ends every connection at once. The log stays open: it belongs to who made it. */
  close(): void
}

const isRetryable = (code: string): boolean =>
  Object.entries(NACK_CODES).some(([known, { retryable }]) => known === code && retryable)

/** What throws rejects: of questions that are asked together, those asked before it would have nobody who hears that they failed. */
const settling =
  (authorize: Authorize): Authorize =>
  (ask) => {
    try {
      return authorize(ask)
    } catch (cause) {
      return Promise.reject(cause)
    }
  }

const presenceOf = (options: ServerCoreOptions, limits: ServerLimits, rooms: Rooms): PresenceGateway => {
  const { clock, authorize, maySee } = options
  const { presenceTtlMs: ttlMs, presenceGraceMs: graceMs } = limits
  const presence = options.presence ?? createMemoryPresence({ clock, ttlMs, graceMs })
  return createPresenceGateway({ presence, clock, limits, authorize, maySee, roomsOf: rooms.of })
}

/** Makes a server. It does nothing until a socket is opened. */
export function createServerCore(options: ServerCoreOptions): ServerCore {
  const { log, clock, random, verify, screen, outgoing, node = 'tidings', author = AUTHOR } = options
  const { bus = NO_BUS, quotas = NO_QUOTAS } = options
  const authorize = settling(withPersonalRooms(options.authorize))
  const sees = options.sees && guarded(options.sees)
  const limits: ServerLimits = { ...SERVER_LIMITS, ...options.limits }
  const onMove: RoomsOptions['onMove'] = (peer, room, isIn) =>
    isIn ? presence.joined(peer, room) : presence.parted(peer, room)
  const relay = createRelay(bus)
  const rooms = createRooms({ clock, limits, sees, bus, onMove })
  const presence = presenceOf({ ...options, authorize }, limits, rooms)
  const typing = createTyping({ clock, limits, rooms, authorize, relay })
  const unfollow = [log.follow(rooms.deliver), log.onLost?.(rooms.reset)]
  const receipts = log.marks ? createReceipts({ marks: log.marks, rooms, clock, authorize }) : NO_RECEIPTS
  const connections = new Set<Connection>()
  const users = new Map<string, Set<Connection>>()
  const userOf = new Map<Connection, string>()
  const kick: ServerCore['kick'] = (user, room, code) => {
    for (const connection of [...(users.get(user) ?? [])]) connection.kick(room, code, isRetryable(code))
    presence.expelled(user, room)
  }
  unfollow.push(
    relay.hear((room, relayed) => {
      if (relayed.is === 'kick') kick(relayed.user, room, relayed.code)
      // Where somebody is in the room, that is told there.
      if (relayed.is === 'expel' && rooms.size(relayed.from) === 0)
        kick(relayed.user, relayed.from, relayed.code)
    }),
  )
  let draining: { readonly from: number; slots: number } | undefined
  const departures = createDepartures<Connection>()

  const context: Context = {
    ...{
      log,
      clock,
      random,
      limits,
      quotas,
      node,
      verify,
      authorize,
      sees,
      screen,
      outgoing,
      rooms,
      receipts,
      typing,
      presence,
      author,
    },
    tick: createTick(clock),
    connected: (user) => (user === undefined ? userOf.size : (users.get(user)?.size ?? 0)),
    greeted(connection, user) {
      userOf.set(connection, user)
      users.set(user, (users.get(user) ?? new Set()).add(connection))
    },
    left(connection) {
      connections.delete(connection)
      const user = userOf.get(connection)
      userOf.delete(connection)
      if (user !== undefined) {
        const others = users.get(user)
        others?.delete(connection)
        if (others?.size === 0) users.delete(user)
      }
      departures.gone(connection)
    },
    get draining() {
      return draining !== undefined
    },
    slot() {
      if (!draining) return 0
      const slot = draining.from + Math.floor((draining.slots * 1000) / limits.acceptPerSecond)
      draining.slots += 1
      return slot
    },
  }

  return {
    ...createPublisher({ log, random, author }),
    opened(socket, origin = {}) {
      const connection = createConnection(socket, origin, context)
      connections.add(connection)
      const { received, closed } = connection
      return {
        received,
        closed,
        get user() {
          return connection.user
        },
      }
    },
    get connections() {
      return connections.size
    },
    kick(user, room, code) {
      kick(user, room, code)
      // In this order: whoever leaves by the second may have been the last one there.
      relay.tell(EVERYWHERE, { is: 'expel', from: room, user, code })
      relay.tell(room, { is: 'kick', user, code })
    },
    online: (ask = {}) => presence.online(ask),
    drain({ retryAfterMs = 1_000, reason = 'restart', url } = {}) {
      draining ??= { from: retryAfterMs, slots: 0 }
      // Whoever comes from now on is sent away at once: waiting for them as well could go on for ever.
      const gone = departures.of(connections)
      for (const connection of [...connections]) connection.drain(context.slot(), reason, url)
      return gone
    },
    close() {
      for (const stop of unfollow) stop?.()
      receipts.end()
      for (const connection of [...connections]) connection.close(CLOSE.goingAway, 'going_away')
      typing.close()
      presence.close()
    },
  }
}
