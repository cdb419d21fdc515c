import { once } from 'node:events'
import { WebSocketServer } from 'ws'
import { SUBPROTOCOL } from '../../../src/protocol/index.js'
import { scriptedPeer } from '../../../src/testing/laws/transport-peer.js'

/** A real WebSocket server on a free port that runs the script of the transport laws. */
export interface ScriptedServer {
  readonly url: string
  /** Where nobody listens. */
  readonly refusedUrl: string
  close(): Promise<void>
}

async function listen(): Promise<{ server: WebSocketServer; url: string }> {
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    handleProtocols: (protocols) => (protocols.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  })
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return { server, url: `ws://127.0.0.1:${address.port}/` }
}

/** Starts the server. */
export async function startScriptedServer(): Promise<ScriptedServer> {
  const { server, url } = await listen()
  // A port that was free a moment ago, and that the system does not give away again soon.
  const gone = await listen()
  await new Promise((resolve) => gone.server.close(resolve))
  server.on('connection', (socket) => {
    const peer = scriptedPeer({
      send: (text) => socket.send(text),
      close: (code, reason) => socket.close(code, reason),
      drop: () => socket.terminate(),
    })
    socket.on('message', (text) => peer.received(String(text)))
    socket.on('error', () => socket.terminate())
  })
  return {
    url,
    refusedUrl: gone.url,
    async close() {
      for (const socket of server.clients) socket.terminate()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
