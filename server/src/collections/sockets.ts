import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { CLOSE, WIRE } from 'tidings/protocol'
import { type WebSocket, WebSocketServer } from 'ws'
import { bearerOf } from '../answers.js'
import type { Random, Verify } from '../core/seams.js'
import type { ServerCore } from '../core/server.js'
import type { Origins } from '../origins.js'
import type { Upgrades } from '../sockets/ws.js'
import type { Tickets } from '../tickets.js'
import { createCollectionSession } from './session.js'

/** Where readers of collections connect: `/api/realtime?auth=…`. */
export const COLLECTIONS_PATH = '/api/realtime'

export interface CollectionSocketsOptions {
  readonly core: Pick<ServerCore, 'opened'>
  readonly verify: Verify
  readonly random: Pick<Random, 'id'>
  readonly tickets: Pick<Tickets, 'take'>
  readonly origins: Origins
  /** Whose collections are meant where a name has no database of its own. */
  readonly database: string
}

const refuse = (stream: Duplex, status: string): void => {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** WebSockets of programs that speak the collection protocol. Programs of that kind put their token into the address; a ticket is better there. */
export function createCollectionSockets(options: CollectionSocketsOptions): Upgrades {
  const { core, verify, random, tickets, origins, database } = options
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: WIRE.clientTextBytes,
    perMessageDeflate: false,
  })

  function opened(ws: WebSocket, request: IncomingMessage, token: string): void {
    // What goes wrong with a socket ends in its 'close'; without a listener it would end the process.
    ws.on('error', () => {})
    const socket = {
      send: (text: string) => ws.send(text),
      close: (code: number, reason: string) => ws.close(code, reason),
      get bufferedAmount() {
        return ws.bufferedAmount
      },
    }
    const session = createCollectionSession({
      opened: core.opened,
      random,
      socket,
      origin: origins.of(request),
      token,
      database,
    })
    ws.on('message', (message, isBinary) => {
      if (isBinary) ws.close(CLOSE.protocolError, '')
      else session.received(message.toString())
    })
    ws.on('close', session.closed)
  }

  async function admit(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
    if (!origins.allow(request.headers.origin)) return refuse(stream, '403 Forbidden')
    const auth = new URL(request.url ?? '/', 'http://server').searchParams.get('auth')
    const token = auth === null ? bearerOf(request) : (tickets.take(auth) ?? auth)
    const verified = token === undefined ? 'refused' : await verify(token, origins.of(request))
    if (token === undefined || typeof verified === 'string') return refuse(stream, '401 Unauthorized')
    return sockets.handleUpgrade(request, stream, head, (ws) => opened(ws, request, token))
  }

  return {
    path: COLLECTIONS_PATH,
    upgrade(request, stream, head) {
      admit(request, stream, head).catch(() => refuse(stream, '503 Service Unavailable'))
    },
    terminate() {
      for (const ws of sockets.clients) ws.terminate()
      sockets.close()
    },
  }
}
