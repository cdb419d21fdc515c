import type {
  ClientFrame,
  RefusedFrame,
  RoomRequest,
  ServerFrame,
  ServerFrames,
} from '../../protocol/index.js'
import { createEmitter, twiceAtMost } from '../emitter.js'
import { type TidingsError, thrownByListener } from '../errors.js'
import { createConnection } from './connection.js'
import type { Connection, ConnectionOptions, Lane } from './contract.js'

/** What a connection on its own needs. */
export interface PlainOptions
  extends Pick<
    ConnectionOptions,
    'url' | 'user' | 'device' | 'token' | 'connect' | 'clock' | 'random' | 'lifecycle' | 'trace'
  > {
  /** Rooms to follow from every welcome on, asked for anew each time, so that their cursors can be the newest; none unless given. */
  readonly rooms?: (() => readonly RoomRequest[]) | undefined
}

/** What a connection on its own tells. */
export interface PlainEvents extends Record<string, unknown> {
  /** It is open and the server knows the user. Comes again after every reconnect. */
  welcome: ServerFrames['welcome']
  /** The frames of one text message, in order; the connection keeps its own (ping, goaway and such) to itself. */
  frames: readonly ServerFrame[]
  /** Frames that could not be read, with all that may be said about them. */
  refused: readonly RefusedFrame[]
  /** The welcomed connection is over. What was sent and not answered may or may not have arrived. */
  down: undefined
  /** There is room again after a durable frame was refused. */
  room: undefined
  error: TidingsError
}

/**
 * A connection without outbox, timeline and sync: frames in, frames out, over as many transports as it takes. It reconnects, renews
 * tokens, answers pings and holds back; it does not queue, so what `send` did not take is the caller's.
 */
export interface PlainConnection extends Omit<Connection, 'settled' | 'send'> {
  /** Hands frames over in order; `durable` unless said otherwise. False when nothing was taken: not welcomed, or above the mark. */
  send(frames: readonly ClientFrame[], lane?: Lane): boolean
  on<K extends keyof PlainEvents>(event: K, listener: (payload: PlainEvents[K]) => void): () => void
}

/** A plain connection. Inert until `connect()`. */
export function createPlainConnection(options: PlainOptions): PlainConnection {
  const events = createEmitter<PlainEvents>((cause, event) => {
    // A listener for errors that throws has nobody left to tell.
    if (event !== 'error') onError(thrownByListener(cause))
  })
  const onError = twiceAtMost<TidingsError>((error) => events.emit('error', error))

  const connection = createConnection({
    ...options,
    rooms: () => options.rooms?.() ?? [],
    onWelcome(welcome) {
      // There is no first page to wait for: staying open is the success.
      connection.settled()
      events.emit('welcome', welcome)
    },
    onFrames(frames, refused) {
      if (frames.length > 0) events.emit('frames', frames)
      if (refused.length > 0) events.emit('refused', refused)
    },
    onDown: () => events.emit('down', undefined),
    onRoom: () => events.emit('room', undefined),
    onError,
  })

  return {
    status: connection.status,
    serverOffsetMs: connection.serverOffsetMs,
    connect: connection.connect,
    disconnect: connection.disconnect,
    probe: connection.probe,
    send: (frames, lane = 'durable') => connection.send(frames, lane),
    on: events.on,
    destroy() {
      connection.destroy()
      events.clear()
    },
  }
}
