import type { Connect, Transport, TransportEvents } from '../core/seams/transport.js'
import { SUBPROTOCOL, utf8Bytes } from '../protocol/index.js'
import { createInbox } from './inbox.js'

/** What is used of a WebSocket; the platform's has it, and that of the `ws` package. */
export interface WebSocketLike {
  readonly readyState: number
  readonly bufferedAmount: number
  send(text: string): void
  close(code?: number, reason?: string): void
  addEventListener(type: 'open' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(
    type: 'close',
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void
}

/** How to make one. */
export type WebSocketConstructor = new (url: string, protocols: string) => WebSocketLike

/** `closing`: asked to, and nothing is told any more except the close. */
type State = 'connecting' | 'open' | 'closing' | 'closed'

/** `WebSocket.OPEN`, which an injected class need not have. */
const OPEN = 1
/** A close frame's reason has at most this many bytes. */
const REASON_BYTES = 123

/** The reason, cut to fit between two characters. */
function fitting(reason: string): string {
  const letters = [...reason]
  let bytes = 0
  const end = letters.findIndex((letter) => {
    bytes += utf8Bytes(letter)
    return bytes > REASON_BYTES
  })
  return end < 0 ? reason : letters.slice(0, end).join('')
}

/** A page may send these codes and no others. */
const isAllowed = (code: number) => code === 1000 || (Number.isInteger(code) && code >= 3000 && code <= 4999)

/** A socket that never was, for a platform or a url that does not allow one. */
function createDead(reason: string): WebSocketLike {
  return {
    readyState: 3,
    bufferedAmount: 0,
    send() {},
    close() {},
    addEventListener(
      type: string,
      listener: (event: { code: number; reason: string; data: unknown }) => void,
    ) {
      if (type === 'close')
        void Promise.resolve().then(() => listener({ code: 1006, reason, data: undefined }))
    },
  }
}

function createSocket(Socket: WebSocketConstructor | undefined, url: string): WebSocketLike {
  if (Socket === undefined) return createDead('this platform has no WebSocket')
  try {
    return new Socket(url, SUBPROTOCOL)
  } catch {
    return createDead('not a url that a WebSocket can open')
  }
}

function start(socket: WebSocketLike, events: TransportEvents): Transport {
  let state: State = 'connecting'
  const inbox = createInbox()
  socket.addEventListener('open', () => {
    if (state !== 'connecting') return
    state = 'open'
    events.onOpen()
  })
  socket.addEventListener('message', ({ data }) => {
    // Binary messages are not part of the protocol.
    if (state !== 'open' || typeof data !== 'string') return
    inbox.take(data.length, () => {
      if (state === 'open') events.onText(data)
    })
  })
  // It says nothing that the close does not say, but unheard it would be an exception in Node.
  socket.addEventListener('error', () => undefined)
  socket.addEventListener('close', ({ code, reason }) =>
    inbox.take(0, () => {
      if (state === 'closed') return
      state = 'closed'
      events.onClose({ code, reason })
    }),
  )
  return {
    kind: 'websocket',
    get bufferedAmount() {
      return state === 'open' ? socket.bufferedAmount : 0
    },
    send(text) {
      if (state === 'open' && socket.readyState === OPEN) socket.send(text)
    },
    close(code, reason = '') {
      if (state === 'closing' || state === 'closed') return
      state = 'closing'
      if (code !== undefined && isAllowed(code)) socket.close(code, fitting(reason))
      else socket.close()
    },
  }
}

/** Which WebSocket to use; the platform's own unless given. Node before 22 has none: give it that of the `ws` package. */
export interface WebSocketOptions {
  readonly WebSocket?: WebSocketConstructor
}

/** Connects by WebSocket, with the subprotocol of tidings. Touches nothing until it is called. */
export function createWebSocketConnect({ WebSocket: given }: WebSocketOptions = {}): Connect {
  return (url, events) => start(createSocket(given ?? globalThis.WebSocket, url), events)
}
