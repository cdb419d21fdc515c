import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { CLOSE, SUBPROTOCOL, WIRE } from 'tidings/protocol'
import { WebSocket, WebSocketServer } from 'ws'
import type { Socket } from '../core/seams.js'
import type { ServerCore } from '../core/server.js'
import type { Origins } from '../origins.js'
import { textFrame } from './text-frame.js'

/** Where WebSockets are accepted. */
export const WS_PATH = '/v1/ws'

/** WebSockets at one path. */
export interface Upgrades {
  readonly path: string
  /** Answers a request for a socket. Never throws. */
  upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void
  /** Cuts what is still open. */
  terminate(): void
}

/** Makes a frame once for all sockets that get the same text in a row, as the members of a room do. */
function createFramer(): (text: string) => Buffer {
  let last = ''
  let frame = textFrame('')
  return (text) => {
    if (text !== last) {
      frame = textFrame(text)
      last = text
    }
    return frame
  }
}

/**
 * Frames go to the stream as they are: a frame and a write for each member of a room are most of what telling a room costs. What `ws`
 * writes by itself, pongs and closes, are whole frames as well, and without compression it holds none of them back. A class, so that all
 * connections share one hidden class: with a getter in a literal each would have its own.
 */
class StreamSocket implements Socket {
  constructor(
    private readonly socket: WebSocket,
    private readonly stream: Duplex,
    private readonly frameOf: (text: string) => Buffer,
  ) {}
  send(text: string) {
    if (this.socket.readyState === WebSocket.OPEN) this.stream.write(this.frameOf(text))
  }
  close(code: number, reason: string) {
    this.socket.close(code, reason)
  }
  get bufferedAmount() {
    return this.stream.writableLength
  }
}

/** Answers requests for sockets, each at its path. */
export function serveUpgrades(server: Server, all: readonly Upgrades[]): void {
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy())
    const path = request.url?.split('?')[0]
    const found = all.find((each) => each.path === path)
    if (found) found.upgrade(request, stream, head)
    else stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  })
}

/** WebSockets of clients, handed to the core. */
export function createWebSockets(core: Pick<ServerCore, 'opened'>, origins: Origins): Upgrades {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: WIRE.clientTextBytes,
    // Costs ten times the time of a delivery and 268 KB a connection.
    perMessageDeflate: false,
    // A refused handshake reaches a page as a bare 1006: the name is echoed, and the refusal is a close code.
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : ([...offered][0] ?? false)),
  })
  const frameOf = createFramer()

  const opened = (socket: WebSocket, request: IncomingMessage, stream: Duplex) => {
    // What goes wrong with a socket ends in its 'close'; without a listener it would end the process.
    socket.on('error', () => {})
    if (!origins.allow(request.headers.origin)) {
      socket.close(CLOSE.forbidden, '{"code":"forbidden_origin"}')
      return
    }
    if (socket.protocol !== SUBPROTOCOL) {
      const reason = JSON.stringify({ code: 'unsupported_version', supported: [SUBPROTOCOL] })
      socket.close(CLOSE.unsupportedVersion, reason)
      return
    }
    const inbound = core.opened(new StreamSocket(socket, stream, frameOf), origins.of(request))
    socket.on('message', (message, isBinary) => {
      inbound.received(isBinary || Array.isArray(message) ? message : message.toString())
    })
    socket.on('close', () => inbound.closed())
  }

  return {
    path: WS_PATH,
    upgrade: (request, stream, head) =>
      sockets.handleUpgrade(request, stream, head, (socket) => opened(socket, request, stream)),
    terminate() {
      for (const socket of sockets.clients) socket.terminate()
      sockets.close()
    },
  }
}
