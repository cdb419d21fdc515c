import {
  type ClientFrame,
  encodeFrames,
  PROTOCOL_VERSION,
  type RoomRequest,
  utf8Bytes,
  WIRE,
} from '../../protocol/index.js'

/** What a client says first. */
export interface Greeting {
  readonly token: string | undefined
  readonly device: string
  readonly rooms: readonly RoomRequest[]
}

/** The text of hello, and the rooms that did not fit in: they are asked for right after welcome. */
export function helloOf({ token, device, rooms }: Greeting): { text: string; rest: readonly RoomRequest[] } {
  for (let count = Math.min(rooms.length, WIRE.roomsPerFrame); ; count >>= 1) {
    const text = encodeFrames([
      {
        type: 'hello',
        v: PROTOCOL_VERSION,
        ...(token !== undefined && { token }),
        device,
        ...(count > 0 && { rooms: rooms.slice(0, count) }),
      },
    ])
    // Names and cursors at their longest, beside a token at its longest, would be more than a text may hold.
    if (count === 0 || utf8Bytes(text) <= WIRE.clientTextBytes) return { text, rest: rooms.slice(count) }
  }
}

/** Frames that ask for the rooms left over, as many a frame as one may name. */
export function subscriptionsOf(rooms: readonly RoomRequest[], id: () => string): ClientFrame[] {
  const frames: ClientFrame[] = []
  for (let at = 0; at < rooms.length; at += WIRE.roomsPerFrame)
    frames.push({ type: 'subscribe', id: id(), rooms: rooms.slice(at, at + WIRE.roomsPerFrame) })
  return frames
}
