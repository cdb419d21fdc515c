import type { ServerLimits } from './limits.js'
import type { Screen } from './operations.js'
import type { PresenceGateway } from './presence/gateway.js'
import type { Quotas } from './quotas.js'
import type { Receipts } from './receipts.js'
import type { Rooms } from './rooms.js'
import type { Authorize, Clock, Log, Random, Sees, Verify } from './seams.js'
import type { Typing } from './typing.js'
import type { Tick, Watch } from './wire.js'

/** What the rim calls when something comes in. */
export interface Inbound {
  /** A text message; anything that is not a text is refused. Never throws. */
  received(text: unknown): void
  /** The socket is closed, by whomever. */
  closed(): void
  /** Whose connection it is, from welcome on. */
  readonly user: string | undefined
}

/** A connection from its opening to its end. */
export interface Connection extends Inbound {
  /** Takes a room away from it. */
  kick(room: string, code: string, retryable: boolean): void
  /** Refuses new operations, waits for those in flight, then closes with the slot at which the client may come back. */
  drain(retryAfter: number, reason: string, url: string | undefined): void
  close(code: number, why: string): void
}

/** What all connections of one server share. */
export interface Context {
  readonly log: Log
  readonly clock: Clock
  readonly random: Random
  readonly limits: ServerLimits
  readonly quotas: Quotas
  readonly node: string
  readonly verify: Verify
  readonly authorize: Authorize
  readonly sees: Sees | undefined
  readonly screen: Screen | undefined
  readonly outgoing: Watch | undefined
  /** Whose name server code writes in. */
  readonly author: string
  readonly rooms: Rooms
  readonly receipts: Receipts
  readonly typing: Typing
  readonly presence: PresenceGateway
  readonly tick: Tick
  /** Greeted connections, of one user or of all. */
  connected(user?: string): number
  greeted(connection: Connection, user: string): void
  left(connection: Connection): void
  readonly draining: boolean
  /** The next free place in the queue of those who come back, as ms from now. */
  slot(): number
}
