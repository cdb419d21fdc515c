import type { Clock } from '../core/seams/clock.js'
import type { Connect, TransportEvents } from '../core/seams/transport.js'
import {
  type ClientFrame,
  decodeClientText,
  encodeFrames,
  type RefusedFrame,
  type ServerFrame,
  type ServerFrames,
} from '../protocol/index.js'

/** A server that does nothing by itself: a test plays it, line by line. Everything acts at once, on the connection opened last. */
export interface PuppetServer {
  /** For the client under test. */
  readonly connect: Connect
  /** Urls of all attempts so far. */
  readonly attempts: readonly string[]
  /** Whether an attempt waits for `accept` or `refuse`. */
  readonly waiting: boolean
  /** Connections that are open: accepted, and ended by neither side. */
  readonly open: number
  /** Every valid frame received so far, over all connections. Empty it with `received.length = 0`. */
  readonly received: ClientFrame[]
  /** Every text message received so far, as it came. */
  readonly texts: string[]
  /** Frames received that broke the protocol. A client under test should cause none. */
  readonly refused: RefusedFrame[]
  /** Codes and reasons of the closes that the client asked for. */
  readonly closes: { readonly code: number | undefined; readonly reason: string | undefined }[]
  /** Opens the oldest attempt that waits. Throws when none does. */
  accept(): void
  /** Fails the oldest attempt that waits. Throws when none does. */
  refuse(): void
  /** Sends frames as one text message. Throws when nothing is open. */
  send(...frames: ServerFrame[]): void
  /** Sends any text, for what no server should say. Throws when nothing is open. */
  sendText(text: string): void
  /** Accepts and welcomes: the fields that matter to the test, sensible ones for the rest. */
  welcome(fields: Pick<ServerFrames['welcome'], 'user'> & Partial<ServerFrames['welcome']>): void
  /** Ends the connection with a close frame. */
  close(code: number, reason?: string): void
  /** Breaks the connection: code 1006. */
  drop(): void
  /** What the client's transport says it has not sent yet, until told otherwise. */
  buffer(bytes: number): void
}

interface Line {
  readonly events: TransportEvents
  is: 'waiting' | 'open' | 'closed'
}

const WELCOME: Omit<ServerFrames['welcome'], 'user' | 't'> = {
  type: 'welcome',
  v: 1,
  session: 'session-1',
  node: 'node-1',
  ping: { interval: 25_000, timeout: 10_000 },
  limits: {
    frame: 65_536,
    body: 32_768,
    rooms: 64,
    page: 500,
    dedupeWindow: 604_800_000,
    rate: { perSecond: 50, burst: 200 },
  },
}

/** A server without strings attached. The clock is its wall time, which welcome tells. */
export function createPuppetServer(clock: Pick<Clock, 'now'>): PuppetServer {
  const lines: Line[] = []
  const attempts: string[] = []
  const received: ClientFrame[] = []
  const texts: string[] = []
  const refused: RefusedFrame[] = []
  const closes: PuppetServer['closes'] = []
  let bufferedBytes = 0

  function end(line: Line, code: number, reason: string): void {
    if (line.is === 'closed') return
    line.is = 'closed'
    line.events.onClose({ code, reason })
  }

  function take(text: string): void {
    texts.push(text)
    const decoded = decodeClientText(text)
    received.push(...decoded.frames)
    refused.push(...decoded.refused)
  }

  const connect: Connect = (url, events) => {
    attempts.push(url)
    const line: Line = { events, is: 'waiting' }
    lines.push(line)
    return {
      kind: 'puppet',
      get bufferedAmount() {
        return bufferedBytes
      },
      send(text) {
        if (line.is === 'open') take(text)
      },
      close(code, reason) {
        if (line.is === 'closed') return
        closes.push({ code, reason })
        const seen = line.is === 'open' ? (code ?? 1005) : 1006
        void Promise.resolve().then(() => end(line, seen, reason ?? ''))
      },
    }
  }

  function waiting(): Line {
    const line = lines.find(({ is }) => is === 'waiting')
    if (line === undefined) throw new Error('no attempt waits: the client has not asked to connect')
    return line
  }

  function current(): Line {
    const line = lines.findLast(({ is }) => is === 'open')
    if (line === undefined) throw new Error('no connection is open')
    return line
  }

  function accept(): void {
    const line = waiting()
    line.is = 'open'
    line.events.onOpen()
  }

  const sendText = (text: string) => current().events.onText(text)

  return {
    connect,
    attempts,
    received,
    texts,
    refused,
    closes,
    get waiting() {
      return lines.some(({ is }) => is === 'waiting')
    },
    get open() {
      return lines.filter(({ is }) => is === 'open').length
    },
    accept,
    refuse: () => end(waiting(), 1006, ''),
    send: (...frames) => sendText(encodeFrames(frames)),
    sendText,
    welcome(fields) {
      if (lines.some(({ is }) => is === 'waiting')) accept()
      sendText(encodeFrames([{ ...WELCOME, t: clock.now(), ...fields }]))
    },
    close: (code, reason = '') => end(current(), code, reason),
    drop: () => end(current(), 1006, ''),
    buffer(bytes) {
      bufferedBytes = bytes
    },
  }
}
