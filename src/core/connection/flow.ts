import { type ClientFrame, encodeFrames, utf8Bytes, WIRE } from '../../protocol/index.js'
import * as LIMITS from '../limits.js'
import type { Transport } from '../seams/transport.js'
import type { Lane } from './contract.js'

/** What a flow writes to and whom it tells. */
export interface FlowOptions {
  readonly transport: Transport
  /** The most a text message may hold: the wire's bound, or less when the server says so. */
  readonly textBytes: number
  /** A durable frame was refused: somebody waits for room, so look from time to time. */
  readonly onCrowded: () => void
  readonly onRoom: () => void
  /** A frame larger than any text message may be: it was not sent, its neighbours were. */
  readonly onTooLarge: (frame: ClientFrame, bytes: number) => void
  /** The transport broke its law and threw. */
  readonly onFault: (thrown: unknown) => void
}

/** Outgoing frames of one transport: gathered over a tick, measured in bytes, held back above the mark. */
export interface Flow {
  /** False when nothing was taken. Takes all or none. */
  send(frames: readonly ClientFrame[], lane: Lane): boolean
  /** Hands over what was gathered, now. */
  flush(): void
  /** Whether somebody waits for room. */
  readonly waiting: boolean
  /** Looks whether there is room again, and tells. */
  look(): void
  /** Forgets what was gathered. */
  stop(): void
}

interface Piece {
  readonly text: string
  readonly bytes: number
}

/** Puts pieces into as few texts as the bounds allow: alone as an object, several as an array. */
function* textsOf(pieces: readonly Piece[], textBytes: number): Generator<string> {
  let group: string[] = []
  // An array costs its brackets, and a comma a piece.
  let bytes = 1
  const print = (): string => (group.length > 1 ? `[${group.join(',')}]` : group.join())
  for (const piece of pieces) {
    if (group.length > 0 && (bytes + piece.bytes + 1 > textBytes || group.length === WIRE.framesPerArray)) {
      yield print()
      group = []
      bytes = 1
    }
    group.push(piece.text)
    bytes += piece.bytes + 1
  }
  if (group.length > 0) yield print()
}

/** A flow for one transport, of use from welcome on. */
export function createFlow(options: FlowOptions): Flow {
  const { transport, textBytes } = options
  let pieces: Piece[] = []
  let gatheredBytes = 0
  let full = false
  let waiting = false

  /** Between the two marks the answer stays what it was, so that a sender is not switched on and off by every byte. */
  function isFull(): boolean {
    const bytes = transport.bufferedAmount + gatheredBytes
    full = full ? bytes > LIMITS.lowWaterBytes : bytes >= LIMITS.highWaterBytes
    return full
  }

  function flush(): void {
    const gathered = pieces
    stop()
    try {
      for (const text of textsOf(gathered, textBytes)) transport.send(text)
    } catch (thrown) {
      options.onFault(thrown)
    }
  }

  function stop(): void {
    pieces = []
    gatheredBytes = 0
  }

  function gather(frame: ClientFrame, text: string): void {
    const bytes = utf8Bytes(text)
    if (bytes > textBytes) {
      options.onTooLarge(frame, bytes)
      return
    }
    if (pieces.length === 0) void Promise.resolve().then(flush)
    pieces.push({ text, bytes })
    gatheredBytes += bytes
  }

  return {
    send(frames, lane) {
      if (lane !== 'control' && isFull()) {
        if (lane === 'durable' && !waiting) {
          waiting = true
          options.onCrowded()
        }
        return false
      }
      // Printed before any is taken: a body that cannot be printed throws here and leaves nothing behind.
      const printed = frames.map((frame) => ({ frame, text: encodeFrames([frame]) }))
      for (const { frame, text } of printed) gather(frame, text)
      return true
    },
    flush,
    get waiting() {
      return waiting
    },
    look() {
      if (!waiting || isFull()) return
      waiting = false
      options.onRoom()
    },
    stop,
  }
}
