import {
  type ClientFrame,
  type ClientFrames,
  PROTOCOL_VERSION,
  type RoomRequest,
  WIRE,
} from '../../protocol/index.js'

/** What a client says first. */
export interface Greeting {
  readonly token: string | undefined
  readonly device: string
  readonly rooms: readonly RoomRequest[]
}

/** Rooms in a hello: fewer than a frame may name, so that the longest names and cursors fit beside the longest token. */
const HELLO_ROOMS = 32

/** Hello, and the rooms that are left over for the first moment after welcome. */
export function helloOf({ token, device, rooms }: Greeting): {
  readonly hello: ClientFrames['hello']
  readonly rest: readonly RoomRequest[]
} {
  const first = rooms.slice(0, HELLO_ROOMS)
  const hello = { type: 'hello', v: PROTOCOL_VERSION, device, rooms: first } as const
  return { hello: token === undefined ? hello : { ...hello, token }, rest: rooms.slice(HELLO_ROOMS) }
}

/** Frames that ask for the rooms left over, as many a frame as one may name. */
export function subscriptionsOf(rooms: readonly RoomRequest[], id: () => string): ClientFrame[] {
  const frames: ClientFrame[] = []
  for (let at = 0; at < rooms.length; at += WIRE.roomsPerFrame)
    frames.push({ type: 'subscribe', id: id(), rooms: rooms.slice(at, at + WIRE.roomsPerFrame) })
  return frames
}
