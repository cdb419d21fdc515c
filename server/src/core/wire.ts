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
  /** Bytes that the network has not taken yet, and characters that it was not given. */
  buffered(): number
}

/**
 * Frames of a tick, one behind the other. Members of a room are told the same: whoever is told the same next goes the same way, so that
 * the text of all of it is made once and nothing is kept for each of them.
 */
interface Told {
  readonly before: Told | undefined
  readonly text: string
  readonly count: number
  readonly chars: number
  /** What somebody was told next, the last time. */
  next: Told | undefined
  joined: string | undefined
}

const told = (before: Told | undefined, text: string): Told => {
  const [count, chars] = before ? [before.count + 1, before.chars + text.length + 1] : [1, text.length]
  return { before, text, count, chars, next: undefined, joined: undefined }
}

function joined(last: Told): string {
  if (last.count === 1) return last.text
  if (last.joined === undefined) {
    const texts: string[] = []
    for (let at: Told | undefined = last; at; at = at.before) texts.push(at.text)
    last.joined = `[${texts.reverse().join(',')}]`
  }
  return last.joined
}

/** Collects the wires that have something to send and lets them send at the end of the tick. */
export interface Tick {
  soon(flush: () => void): void
  /** What a wire has to send when it is told this as well. */
  behind(before: Told | undefined, text: string): Told
}

export function createTick(clock: Pick<Clock, 'after'>): Tick {
  let waiting: (() => void)[] = []
  let first: Told | undefined
  const flush = () => {
    const flushes = waiting
    waiting = []
    first = undefined
    for (const each of flushes) each()
  }
  return {
    soon(each) {
      waiting.push(each)
      if (waiting.length === 1) clock.after(0, flush)
    },
    behind(before, text) {
      const known = before ? before.next : first
      if (known?.text === text) return known
      const next = told(before, text)
      if (before) before.next = next
      else first = next
      return next
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
  let last: Told | undefined

  const end = (code: number, reason: string) => {
    if (!open) return
    open = false
    last = undefined
    try {
      socket.close(code, reason)
    } catch {
      // A socket that cannot even be closed is gone, which is what was wanted.
    }
  }
  const flush = () => {
    if (!open || !last) return
    const text = joined(last)
    last = undefined
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
      if (last && (last.count >= WIRE.framesPerArray || last.chars + text.length >= JOINED_CHARS)) flush()
      if (!open) return
      if (!last) tick.soon(flush)
      last = tick.behind(last, text)
    },
    close(code, reason) {
      flush()
      end(code, reason)
    },
    lost() {
      open = false
      last = undefined
    },
    buffered: () => socket.bufferedAmount + (last ? last.chars : 0),
  }
}
