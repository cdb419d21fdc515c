import { createWebSocketConnect } from 'tidings'
import type { Clock, Connect, Transport, TransportEvents } from 'tidings/core'
import WebSocket from 'ws'
import { type Acknowledged, createEars, type Ear, framesOf, get, type WireCount } from './ear.js'

/**
 * How a socket ends. `now`: in the middle of whatever happens. The others wait for the next operations and end it with them:
 * `before` they leave, `after` they left and before any answer is read, or `late`: the client sees the end, and the network delivers
 * them all the same when nobody thinks of them any more.
 */
export type Cut = 'now' | 'before' | 'after' | 'late'

export interface WireParts {
  readonly clock: Clock
  readonly count: WireCount
  /** Ids of all operations that were ever handed to a socket, by any client. */
  readonly known: Set<string>
  /** Operations are handed to a socket that is open. */
  readonly onOperations: () => void
  readonly onAcknowledged: (acknowledged: Acknowledged) => void
  /** 0 to 1, for the moment at which something late arrives. */
  readonly chance: () => number
}

/** One client's way to the network: real sockets, watched, and cut on demand. */
export interface Wire {
  readonly connect: Connect
  /** Operations that were handed to an open socket to this address, and not answered on it yet. */
  readonly unanswered: (url: string) => number
  readonly cut: (how: Cut) => void
  /** The process that held the sockets is gone. */
  readonly die: () => void
}

interface Line {
  readonly url: string
  readonly socket: WebSocket
  readonly ear: Ear
  readonly events: TransportEvents
  /** Nothing of it reaches the client any more. */
  gone: boolean
  armed: Cut | undefined
}

/** A text that the network holds back; it leaves when its operations were sent again, or when its time has come. */
interface Held {
  readonly ids: readonly string[]
  readonly release: () => void
}

const HELD_AT_MOST_MS = 3_000
const AFTER_MS = 5
const LINGER_MS = 500
const INERT: Transport = { kind: 'websocket', bufferedAmount: 0, send() {}, close() {} }

/** Ids of the operations in a text. */
function operationsIn(text: string): readonly string[] {
  if (!text.includes('"type":"message"')) return []
  return framesOf(text).flatMap((frame) => {
    const id = get(frame, 'type') === 'message' ? get(frame, 'id') : undefined
    return typeof id === 'string' ? [id] : []
  })
}

export function createWire(parts: WireParts): Wire {
  const { clock, count, known, onOperations, onAcknowledged, chance } = parts
  const ears = createEars(count, onAcknowledged)
  let made: WebSocket | undefined
  const connectRaw = createWebSocketConnect({
    WebSocket: class extends WebSocket {
      constructor(url: string, protocols: string) {
        super(url, protocols, { perMessageDeflate: false })
        made = this
      }
    },
  })
  const lines = new Set<Line>()
  const held = new Set<Held>()
  let dead = false

  const isOpen = (line: Line): boolean => !line.gone && line.socket.readyState === WebSocket.OPEN

  function end(line: Line): void {
    line.gone = true
    lines.delete(line)
    // As the network tells it: later, and without a reason.
    clock.after(0, () => {
      if (!dead) line.events.onClose({ code: 1006, reason: '' })
    })
  }

  /** Keeps a text of a connection that is over for the client, and delivers it when it is too late. */
  function holdBack(line: Line, text: string, ids: readonly string[]): void {
    const deliver = (): void => {
      if (!held.delete(one)) return
      if (line.socket.readyState === WebSocket.OPEN) line.socket.send(text)
      clock.after(LINGER_MS, () => line.socket.terminate())
    }
    const one: Held = { ids, release: () => void clock.after(AFTER_MS, deliver) }
    held.add(one)
    // Half of them come before the client sends again, as far as chance allows, half behind it.
    clock.after(chance() < 0.5 ? chance() * HELD_AT_MOST_MS : HELD_AT_MOST_MS, deliver)
  }

  function note({ ear }: Line, ids: readonly string[]): void {
    for (const one of [...held]) if (one.ids.some((id) => ids.includes(id))) one.release()
    for (const id of ids) {
      if (known.has(id)) count.resent += 1
      known.add(id)
      ear.waiting.add(id)
    }
    onOperations()
  }

  function send(line: Line, text: string, pass: () => void): void {
    if (dead || line.gone) return
    const ids = operationsIn(text)
    if (ids.length === 0) return pass()
    note(line, ids)
    if (line.armed === undefined) return pass()
    if (line.armed === 'late') holdBack(line, text, ids)
    else {
      if (line.armed === 'after') pass()
      const { socket } = line
      clock.after(line.armed === 'after' ? chance() * AFTER_MS : 0, () => socket.terminate())
    }
    return end(line)
  }

  function connect(url: string, events: TransportEvents): Transport {
    if (dead) return INERT
    made = undefined
    const ear = ears.open(url)
    const inner = connectRaw(url, {
      onOpen() {
        if (!line.gone && !dead) events.onOpen()
      },
      onText(text) {
        ear.hear(text)
        if (!line.gone && !dead) events.onText(text)
      },
      onClose(closed) {
        lines.delete(line)
        if (!line.gone && !dead) events.onClose(closed)
      },
    })
    if (!made) return inner
    const line: Line = { url, socket: made, ear, events, gone: false, armed: undefined }
    lines.add(line)
    return {
      kind: inner.kind,
      get bufferedAmount() {
        return inner.bufferedAmount
      },
      send: (text) => send(line, text, () => inner.send(text)),
      close(code, reason) {
        // One that is over for the client may still have something to deliver.
        if (!line.gone) inner.close(code, reason)
      },
    }
  }

  return {
    connect,
    unanswered: (url) =>
      [...lines].reduce(
        (sum, line) => sum + (line.url === url && isOpen(line) ? line.ear.waiting.size : 0),
        0,
      ),
    cut(how) {
      for (const line of lines) {
        if (!isOpen(line)) continue
        if (how === 'now') line.socket.terminate()
        else line.armed = how
      }
    },
    die() {
      dead = true
      for (const line of lines) line.socket.terminate()
      lines.clear()
    },
  }
}
