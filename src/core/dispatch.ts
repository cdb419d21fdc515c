import type { RefusedFrame, ServerFrame, ServerFrames } from '../protocol/index.js'
import type { Emitter } from './emitter.js'
import { TidingsError } from './errors.js'
import type { Lanes } from './messages/lanes.js'
import type { Rooms } from './rooms.js'

export interface DispatchParts {
  readonly rooms: Rooms
  readonly lanes: Lanes
  /** Told of every frame before the message path takes it. */
  readonly frames: Emitter<ServerFrames>
  readonly onError: (error: TidingsError) => void
}

/** The one switch over what a server sends. What the connection answers itself does not come here. */
export function createDispatch({ rooms, lanes, frames: listeners, onError }: DispatchParts) {
  function take(frame: ServerFrame): void {
    listeners.emit(frame.type, frame)
    switch (frame.type) {
      case 'subscribed':
        return rooms.get(frame.room)?.subscribed(frame)
      case 'unsubscribed':
        return rooms.get(frame.room)?.replica.unsubscribed(frame)
      case 'event':
      case 'skip':
        return rooms.get(frame.room)?.replica.live(frame)
      case 'sync_response':
        return rooms.get(frame.room)?.page(frame)
      case 'reset':
        return rooms.get(frame.room)?.replica.reset(frame)
      case 'read_receipt':
        return rooms.get(frame.room)?.receipts(frame)
      case 'ack':
        return lanes.ack(frame)
      case 'nack':
        return lanes.nack(frame)
      case 'error':
        // What answers a call is told to who called.
        if (rooms.all().some((room) => room.backfill.refuse(frame))) return undefined
        return onError(new TidingsError('server', frame.message, { serverCode: frame.code }))
      case 'welcome':
      case 'ping':
      case 'pong':
      case 'goaway':
      case 'typing_start':
      case 'typing_stop':
      case 'presence_update':
        return undefined
      default:
        return frame satisfies never
    }
  }

  /** A frame that could not be read leaves a hole in its room, and nothing else. */
  function miss(refused: RefusedFrame): void {
    if (refused.fault === 'unknown_type') return
    const message = 'A frame of the server could not be read. It is left out; its room is read again.'
    onError(
      new TidingsError('bad_frame', message, { ...(refused.room !== undefined && { room: refused.room }) }),
    )
    if (refused.room !== undefined) rooms.get(refused.room)?.replica.missed()
  }

  return (frames: readonly ServerFrame[], refused: readonly RefusedFrame[]): void => {
    frames.forEach(take)
    refused.forEach(miss)
  }
}
