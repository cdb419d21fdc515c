import type { ServerFrames } from '../../protocol/index.js'
import { LIMITS } from '../limits.js'

/** A live frame of a room. */
export type LiveFrame = ServerFrames['event'] | ServerFrames['skip']

/** Live frames that wait while their room catches up. Bounded: past the bound they are dropped, and the room pages on instead. */
export interface WaitingRoom {
  add(frame: LiveFrame): void
  /** A frame came that could not be read: what waits has a hole. */
  lose(): void
  /** Takes all of them out, in the order they came. */
  take(): readonly LiveFrame[]
  /** Whether some were dropped or lost since the last take. */
  overflowed(): boolean
}

export function createWaitingRoom(): WaitingRoom {
  let frames: LiveFrame[] = []
  let bytes = 0
  let dropped = false
  return {
    add(frame) {
      // Two bytes a character is what the engine holds at most; the body is nearly all of a frame.
      bytes += frame.type === 'event' ? JSON.stringify(frame.body ?? null).length * 2 : 0
      if (frames.length < LIMITS.waitingFrames && bytes <= LIMITS.waitingBytes) frames.push(frame)
      else {
        frames = []
        bytes = 0
        dropped = true
      }
    },
    lose() {
      dropped = true
    },
    take() {
      const taken = frames
      frames = []
      bytes = 0
      dropped = false
      return taken
    },
    overflowed: () => dropped,
  }
}
