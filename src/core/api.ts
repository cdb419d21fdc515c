import type { Json } from '../protocol/index.js'
import type { TidingsError } from './errors.js'
import type { Gap, Message, Timeline } from './message.js'
import type { Readable } from './seams/readable.js'

/**
 * `idle` (never asked, or after disconnect()), `connecting`, `connected` (welcomed), `waiting` (for the next attempt, see `nextRetryAt`),
 * `failed` (final: see `error`; connect() tries again), `destroyed`.
 */
export type ConnectionState = 'idle' | 'connecting' | 'connected' | 'waiting' | 'failed' | 'destroyed'

/** The logical connection at one moment. */
export interface ConnectionStatus {
  readonly state: ConnectionState
  /** Kind of the transport in use (`websocket` …), or null. */
  readonly transport: string | null
  /** Round trip of the last probe in ms, or null. */
  readonly rttMs: number | null
  /** Wall time of the last frame received, ms since the epoch, to the second, so that not every frame is a change; or null. */
  readonly lastInboundAt: number | null
  /** Wall time of the next attempt, ms since the epoch, while `waiting`; null otherwise. */
  readonly nextRetryAt: number | null
  /** Why it is not connected, as a word for people and logs; null while it is. */
  readonly reason: string | null
  /** Why it failed for good; null otherwise. */
  readonly error: TidingsError | null
}

/** Where the client keeps things, and whether that outlives the page. */
export interface StorageStatus {
  /** `opening` until the first use has succeeded or failed. */
  readonly state: 'idle' | 'opening' | 'ready' | 'degraded'
  /** `indexed-db`, `memory` … */
  readonly kind: string
  readonly durable: boolean
  readonly error: TidingsError | null
}

/** What waits to be sent, over all rooms. */
export interface OutboxStatus {
  readonly pending: number
  readonly failed: number
  /** When the oldest pending operation was made, ms since the epoch, or null. */
  readonly oldestAt: number | null
  /** Bytes of JSON that the pending operations hold. */
  readonly bytes: number
}

/** How far the client is behind. */
export interface SyncStatus {
  readonly phase: 'offline' | 'catching-up' | 'live'
  /** Messages and other operations written since this catch-up began. */
  readonly applied: number
  /** What is still missing over all rooms followed; null while the server has not said. */
  readonly remaining: number | null
}

/** A room as lists of rooms show it. */
export interface RoomSummary {
  readonly room: string
  readonly unread: number | null
  readonly last: Message | null
}

/** What happened, for `client.on`. */
export interface ClientEvents extends Record<string, unknown> {
  /** Something went wrong that no call could be told. Nothing durable was lost unless the message says so. */
  error: TidingsError
  /** A message of this client is on disk. */
  queued: { readonly room: string; readonly key: string }
  /** The server has it. */
  confirmed: { readonly room: string; readonly key: string; readonly id: string }
  /** The server or a limit refused it; it is kept until retried or discarded. */
  failed: { readonly room: string; readonly key: string; readonly error: TidingsError }
  /** The room's log was cut back to a recognised point and read again. */
  reset: { readonly room: string; readonly reason: string }
}

/** What `send` gives back at once. */
export interface Sent<Body = Json> {
  readonly key: string
  readonly message: Message<Body>
  /** Resolves when it is on disk; rejects with a TidingsError when the outbox refused it. */
  queued(): Promise<void>
  /** Resolves with the confirmed message; rejects with a TidingsError when it failed for good or was discarded. */
  confirmed(): Promise<Message<Body>>
}

/** How to write a message. */
export interface SendOptions {
  /** Key or id of the message this one answers, pending ones included. */
  readonly replyTo?: string
}

/** What any change of a message gives back at once. */
export interface Change {
  /** Resolves when it is on disk; rejects with a TidingsError when the outbox refused it. */
  queued(): Promise<void>
  /** Resolves when the server has it; rejects with a TidingsError when it failed for good or was discarded. */
  confirmed(): Promise<void>
}

/** A named stream of messages. Methods take a key, a temporary id or a server id. */
export interface Room<Body = Json> {
  readonly id: string
  readonly timeline: Readable<Timeline<Body>>
  /** Keeps the room followed without anybody looking at it, until the returned function is called. */
  open(): () => void
  /** Shows the message in this tick and sends it when it can. Throws a TidingsError `invalid_body` or `too_large`, nothing else. */
  send(body: Body, options?: SendOptions): Sent<Body>
  edit(message: string, body: Body): Change
  remove(message: string): Change
  react(message: string, emoji: string): Change
  unreact(message: string, emoji: string): Change
  /** Sends a failed or unknown message again. False when there is none. */
  retry(message: string): boolean
  /** Drops a message that was not confirmed, or a failed one. False when there is none. */
  discard(message: string): boolean
  /** Loads a step of older messages, from the device first. Resolves when shown; false when there are none or they cannot be had now. */
  loadOlder(): Promise<boolean>
  /** Loads from the newer end of a gap. False when it cannot be had now. */
  fillGap(gap: Gap): Promise<boolean>
  /** The message as it is now, if it is loaded or waits in the outbox. */
  message(key: string): Readable<Message<Body> | null>
  /** Every message once, in the order of the server's log, from now on: for notifications and bots. */
  arrivals(listener: (message: Message<Body>) => void): () => void
}

/** A client of one user. Inert until `connect()`: no socket, timer, storage or window before. */
export interface Client<Body = Json> {
  readonly user: string
  readonly connection: Readable<ConnectionStatus>
  readonly storage: Readable<StorageStatus>
  readonly outbox: Readable<OutboxStatus>
  readonly sync: Readable<SyncStatus>
  readonly rooms: Readable<readonly RoomSummary[]>
  /** Opens the storage and connects; safe to call again. */
  connect(): void
  /** Closes the connection and stays closed whatever the network says, until connect(). What is written meanwhile waits. */
  disconnect(): void
  room(id: string): Room<Body>
  /** The room of this user and another. */
  direct(user: string): Room<Body>
  on<K extends keyof ClientEvents>(event: K, listener: (payload: ClientEvents[K]) => void): () => void
  /** The last 500 state changes and frame headers, without bodies and tokens. */
  trace(): readonly string[]
  /** Ends everything; what is queued stays on disk. Resolves when nothing is left running. */
  destroy(): Promise<void>
  /**
   * Ends everything and removes what the device holds of this user. Rejects with `unsent` while operations are pending, unless forced,
   * and with `storage` when everything ended and the device could not be emptied.
   */
  logout(options?: { readonly force?: boolean }): Promise<void>
}
