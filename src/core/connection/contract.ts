import type {
  ClientFrame,
  RefusedFrame,
  RoomRequest,
  ServerFrame,
  ServerFrames,
} from '../../protocol/index.js'
import type { ConnectionStatus } from '../api.js'
import type { TidingsError } from '../errors.js'
import type { Clock } from '../seams/clock.js'
import type { Lifecycle } from '../seams/lifecycle.js'
import type { Random } from '../seams/random.js'
import type { Readable } from '../seams/readable.js'
import type { Connect } from '../seams/transport.js'

/** Fetches the token for the next connection or renewal. Called before the socket opens; the token never stands in the url. */
export type TokenSource = () => string | Promise<string>

/** Where to connect to: one place, or a function that is asked before each attempt, such as `() => router.pick(user)`. */
export type UrlSource = string | (() => string)

/** How much a frame may wait: control always goes, durable is refused above the high water mark, ephemeral is dropped there. */
export type Lane = 'control' | 'durable' | 'ephemeral'

/** What a logical connection needs and whom it tells. */
export interface ConnectionOptions {
  readonly url: UrlSource
  /** Who must be welcomed: anybody else is the final error `wrong_user`, and nothing is sent or read. */
  readonly user: string
  /** Names this installation to the server; not a secret. */
  readonly device: string
  readonly token?: TokenSource | undefined
  readonly connect: Connect
  readonly clock: Clock
  readonly random: Random
  readonly lifecycle: Lifecycle
  /** The rooms to resume, asked for when hello is built. */
  readonly rooms: () => readonly RoomRequest[]
  /** Once per connection, after the user was checked and before any other frame. */
  readonly onWelcome: (welcome: ServerFrames['welcome']) => void
  /** The frames of one text message that are not the connection's own, in order, after welcome. */
  readonly onFrames: (frames: readonly ServerFrame[], refused: readonly RefusedFrame[]) => void
  /** Once per welcomed connection, when it is over. */
  readonly onDown: () => void
  /** The transport has room again after a durable frame was refused. */
  readonly onRoom: () => void
  readonly onError: (error: TidingsError) => void
  /** State changes and frame headers, without bodies and tokens. */
  readonly trace?: ((line: string) => void) | undefined
}

/** One logical connection over many transports. Never gives up while it is asked to be connected. */
export interface Connection {
  readonly status: Readable<ConnectionStatus>
  /** Server time minus wall time in ms, from the last welcome or pong; 0 before. */
  serverOffsetMs(): number
  connect(): void
  /** Sticky: no wake signal opens it again, only connect(). The reason is a word for people and logs. */
  disconnect(reason?: string): void
  /** Hands frames over in order, those of one tick as one text message. False when nothing was taken: not welcomed, or above the mark. */
  send(frames: readonly ClientFrame[], lane: Lane): boolean
  /** The owner applied the first page: with the time that must pass, this is what makes an attempt a success. */
  settled(): void
  /** The transport is suspected: probe it, and end it when it stays silent. */
  probe(): void
  /** For ever. The error says why, where it was not asked for. */
  destroy(error?: TidingsError): void
}
