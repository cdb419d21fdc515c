import { createHttpConnect } from 'tidings'
import { SUBPROTOCOL } from 'tidings/protocol'
import WebSocket from 'ws'
import { Failed } from './failed.js'

/** The end of a connection as the server gave it. */
export interface Ended {
  readonly code: number
  readonly reason: string
}

/** Whom a dialled connection tells. */
export interface Dialled {
  onText(text: string): void
  onEnd(end: Ended): void
}

/** What carries texts to the server under test and back. */
export interface Carrier {
  send(text: string | Buffer): void
  /** Ends it without a goodbye. */
  drop(): void
}

export interface DialOptions {
  readonly url: string
  readonly protocols?: readonly string[]
  readonly origin?: string
}

/** Opens a connection; rejects when there is none to be had. */
export type Dial = (options: DialOptions, told: Dialled) => Promise<Carrier>

const dialWebSocket: Dial = async ({ url, protocols = [SUBPROTOCOL], origin }, told) => {
  const socket = new WebSocket(url, [...protocols], { perMessageDeflate: false, ...(origin && { origin }) })
  socket.on('message', (text) => told.onText(text.toString()))
  socket.on('close', (code, reason) => told.onEnd({ code, reason: reason.toString() }))
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', (cause) => reject(new Failed(`no WebSocket connection: ${cause.message}`)))
  })
  // Later errors end in a close, which is looked at.
  socket.on('error', () => {})
  return { send: (text) => socket.send(text), drop: () => socket.terminate() }
}

const dialHttp: Dial = ({ url, origin }, told) =>
  new Promise((resolve) => {
    const asked: typeof fetch = (input, init) =>
      fetch(input, { ...init, headers: { ...init?.headers, ...(origin && { origin }) } })
    const transport = createHttpConnect({ fetch: asked })(url, {
      onOpen: () => resolve({ send: (text) => transport.send(text.toString()), drop: transport.close }),
      onText: told.onText,
      onClose: told.onEnd,
    })
  })

/** The ways to a server that the kit can take. */
export const dials = { websocket: dialWebSocket, http: dialHttp } as const
export type Way = keyof typeof dials
