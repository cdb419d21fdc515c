import type { Json } from '../protocol/index.js'
import type { ConflictRules } from './conflicts.js'
import type { TidingsError } from './errors.js'
import type { Gap, Jump, JumpTarget, Message, Timeline } from './message.js'
import type { BodySchema } from './schema.js'
import type { Readable } from './seams/readable.js'

/**
 * `idle` (never asked, or after disconnect()), `connecting`, `connected` (welcomed), `waiting` (for the next attempt, see `nextRetryAt`),
 * `failed` (final: see `error`; connect() tries again), `destroyed`.
 */
export type ConnectionState = 'idle' | 'connecting' | 'connected' | 'waiting' | 'failed' | 'destroyed'

/** The logical connection at one moment. */
export interface ConnectionStatus {
  readonly state: ConnectionState
  /** Kind of the transport in use (`websocket`, `http` …), or null. */
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
  /** The newest message, its body as it travelled: no schema has seen it. */
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
  /** The device had no more place for a room, or for the older part of one: it comes back from the server when somebody looks. */
  evicted: { readonly room: string }
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

/** How to edit a message. */
export interface EditOptions {
  /**
   * Take the edit only if the message still has this version; `true` means the one that is shown now. A number is right where an
   * editor was open for a while: the `version` of the message when it was opened. Otherwise it is a conflict, see `ConflictPolicy`. The room's policy unless given.
   */
  readonly expectVersion?: true | number | undefined
}

/** What any change of a message gives back at once. */
export interface Change {
  /** Resolves when it is on disk; rejects with a TidingsError when the outbox refused it. */
  queued(): Promise<void>
  /** Resolves when the server has it; rejects with a TidingsError when it failed for good or was discarded. */
  confirmed(): Promise<void>
}

/**
 * A named stream of messages. Methods take a key, a temporary id or a server id. `Body` is what is read, `Input` what is written: the
 * same, unless a schema transforms.
 */
export interface Room<Body = Json, Input = Body> {
  readonly id: string
  readonly timeline: Readable<Timeline<Body>>
  /** Keeps the room followed without anybody looking at it, until the returned function is called. */
  open(): () => void
  /**
   * Shows the message in this tick and sends it when it can. Throws a TidingsError `invalid_body` or `too_large`, and `signed_out`
   * after a logout, in whatever tab; nothing else.
   */
  send(body: Input, options?: SendOptions): Sent<Body>
  /**
   * Says a message otherwise. One that was never on the wire is rewritten in place, and nobody will see that it was. Throws a
   * TidingsError `invalid_body` or `too_large`; a message that is not loaded or was deleted is `not_found`, told to who asks.
   */
  edit(message: string, body: Input, options?: EditOptions): Change
  /** Leaves a tombstone. One that was never on the wire goes without a trace, unless an answer to it waits. */
  remove(message: string): Change
  /** A person counts once per emoji; what is as it should be needs no operation. Throws `invalid_body` unless it has 1 to 32 characters. */
  react(message: string, emoji: string): Change
  unreact(message: string, emoji: string): Change
  /** Sends a failed or unknown message, or change of it, again; an edit that met a conflict on top of the current version. False when there is none. */
  retry(message: string): boolean
  /** Drops a message that was not confirmed, or failed, and failed changes of one. What answers it stands for itself then. False when there is none. */
  discard(message: string): boolean
  /**
   * Loads a step of older messages, from the device first. Resolves when shown; false when there are none or they cannot be had now.
   * A list that grows beyond 1,000 messages lets go of its newer end, and `hasNewer` says so.
   */
  loadOlder(): Promise<boolean>
  /** The same towards the newest end; false as well when the list stands there. The older end goes beyond 1,000. */
  loadNewer(): Promise<boolean>
  /**
   * Brings a message, a moment, the newest end or the first unread message into the list, from the device first: what lay around it is
   * loaded, what was in the list before may leave it. Never rejects. What is sent meanwhile, from here, brings the list back to the
   * newest end.
   */
  jumpTo(target: JumpTarget): Promise<Jump>
  /** Loads from one end of a gap, the newer one unless told otherwise. False when it cannot be had now. */
  fillGap(gap: Gap, options?: { readonly from?: 'newer' | 'older' }): Promise<boolean>
  /** The message as it is now, if it is loaded or waits in the outbox. */
  message(key: string): Readable<Message<Body> | null>
  /** Every message once, in the order of the server's log, from now on: for notifications and bots. */
  arrivals(listener: (message: Message<Body>) => void): () => void
}

/** How to treat a room. What is said of conflicts holds for the room until it is said otherwise. */
export interface RoomOptions<Body = Json, Input = Body> extends ConflictRules<NoInfer<Body>, NoInfer<Input>> {
  /**
   * Describes this room's bodies, instead of the client's schema: a Standard Schema, synchronous (valibot, zod, arktype …). Make it
   * once: the same schema gives the same room.
   */
  readonly body?: BodySchema<Input, Body> | undefined
}

/** A client of one user. Inert until `connect()`: no socket, timer, storage or window before. */
export interface Client<Body = Json, Input = Body> {
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
  /** The room's bodies are the client's, unless a schema is given for it. */
  room<B = Body, I = Input>(id: string, options?: RoomOptions<B, I>): Room<B, I>
  /** The room of this user and another. */
  direct<B = Body, I = Input>(user: string, options?: RoomOptions<B, I>): Room<B, I>
  on<K extends keyof ClientEvents>(event: K, listener: (payload: ClientEvents[K]) => void): () => void
  /** The last 500 state changes and frame headers, without bodies and tokens. */
  trace(): readonly string[]
  /** Ends everything; what is queued stays on disk. Resolves when nothing is left running. */
  destroy(): Promise<void>
  /**
   * Ends everything, in all tabs of the profile, and removes what the device holds of this user. Rejects with `unsent` while operations
   * are pending, unless forced, and with `storage` when everything ended and the device did not answer: then it is emptied when the user
   * comes back. Every client of this user on the device shows nothing any more, refuses everything with `signed_out`, and the others
   * are told so by an `error` event. Where the user has signed out already, here or in another tab, it resolves: nothing is left to do.
   */
  logout(options?: { readonly force?: boolean }): Promise<void>
}

/** A room, whatever its bodies are: for what works on any room. Nothing can be written through it. */
export type AnyRoom = Room<unknown, never>

/** A client, whatever its bodies are: for what works on any client. */
export interface AnyClient extends Omit<Client<unknown, never>, 'room' | 'direct'> {
  room(id: string): AnyRoom
  direct(user: string): AnyRoom
}
