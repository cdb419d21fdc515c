import { CLOSE, type ServerFrame, WIRE } from 'tidings/protocol'
import type { ServerLimits } from './limits.js'
import type { Clock, Socket } from './seams.js'

/** What a frame is about: all that is shown to those who watch frames go out. */
export interface FrameHead {
  readonly type: ServerFrame['type']
  readonly id?: string
  readonly room?: string
}
/** A fault injected by tests: a frame that is dropped here is as lost as one in a tunnel. Must not throw. */
export type Watch = (
  frame: FrameHead,
  connection: { readonly session: string; readonly user: string },
) => 'pass' | 'drop'

/** The sending side of one socket: frames of a tick leave as one text. */
export interface Wire {
  send(text: string): void
  /** Sends what waits, then closes. */
  close(code: number, reason: string): void
  /** The socket went by itself: nothing is sent any more. */
  lost(): void
  readonly bufferedAmount: number
}

/** Collects the wires that have something to send and lets them send at the end of the tick. */
export interface Tick {
  soon(flush: () => void): void
  /** Several frames as one text. Members of a room have the same ones to send in a tick: joined once, handed out many times. */
  join(texts: readonly string[]): string
}

export function createTick(clock: Pick<Clock, 'after'>): Tick {
  let waiting: (() => void)[] = []
  let last: { readonly texts: readonly string[]; readonly joined: string } = { texts: [], joined: '' }
  const flush = () => {
    const flushes = waiting
    waiting = []
    for (const each of flushes) each()
    last = { texts: [], joined: '' }
  }
  return {
    soon(each) {
      waiting.push(each)
      if (waiting.length === 1) clock.after(0, flush)
    },
    join(texts) {
      if (texts.length === 1) return texts[0] ?? ''
      const same = texts.length === last.texts.length && texts.every((text, i) => text === last.texts[i])
      if (!same) last = { texts, joined: `[${texts.join(',')}]` }
      return last.joined
    },
  }
}

/**
 * Frames are joined up to this length. Joining saves writes of small ones; a text of several pages would only keep the thread that reads
 * it busy for as long. UTF-8 takes at most three bytes a code unit, so the wire's bound holds without counting.
 */
const JOINED_CHARS = 64 * 1024

/** `failed` is told when the socket throws or its reader is too slow; the wire is closed by then. */
export function createWire(socket: Socket, tick: Tick, limits: ServerLimits, failed: () => void): Wire {
  let open = true
  let texts: string[] = []
  let chars = 0

  const end = (code: number, reason: string) => {
    if (!open) return
    open = false
    texts = []
    try {
      socket.close(code, reason)
    } catch {
      // A socket that cannot even be closed is gone, which is what was wanted.
    }
  }
  const flush = () => {
    if (!open || texts.length === 0) return
    const text = tick.join(texts)
    texts = []
    chars = 0
    try {
      socket.send(text)
      if (socket.bufferedAmount <= limits.bufferedBytes) return
      end(CLOSE.slowConsumer, '{"code":"slow_consumer"}')
    } catch {
      end(CLOSE.internal, '{"code":"internal"}')
    }
    failed()
  }
  return {
    send(text) {
      if (!open) return
      if (texts.length >= WIRE.framesPerArray || (texts.length > 0 && chars + text.length > JOINED_CHARS))
        flush()
      if (!open) return
      texts.push(text)
      chars += text.length + 1
      if (texts.length === 1) tick.soon(flush)
    },
    close(code, reason) {
      flush()
      end(code, reason)
    },
    lost() {
      open = false
      texts = []
    },
    get bufferedAmount() {
      return socket.bufferedAmount + chars
    },
  }
}
