import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { createOrigins } from '../../../server/src/origins.js'
import { nodeClock, nodeRandom } from '../../../server/src/platform.js'
import { createHttpSessions } from '../../../server/src/sockets/http-sessions.js'
import { createStreams } from '../../../server/src/streams.js'
import { scriptedPeer } from '../../../src/testing/laws/transport-peer.js'
import type { ScriptedServer } from './scripted-server.js'

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return `ws://127.0.0.1:${address.port}/v1/ws`
}

/** A text of the laws inside JSON, which is all that HTTP carries. */
const unquoted = (text: unknown): string => {
  const value: unknown = JSON.parse(String(text))
  return typeof value === 'string' ? value : ''
}

/** The connections over HTTP of the real server, with the script of the transport laws behind them instead of its core. */
export async function startScriptedHttp(): Promise<ScriptedServer> {
  let opening: ServerResponse | undefined
  const sessions = createHttpSessions({
    clock: nodeClock,
    random: nodeRandom,
    verify: () => ({ user: 'law' }),
    core: {
      opened(socket) {
        const response = opening
        let greeted = false
        const peer = scriptedPeer({
          send: (text) => socket.send(JSON.stringify(text)),
          close: (code, reason) => socket.close(code, reason),
          drop: () => response?.destroy(),
        })
        return {
          user: 'law',
          received(text) {
            // The first is the greeting that opened the stream.
            if (greeted) peer.received(unquoted(text))
            greeted = true
          },
          closed() {},
        }
      },
    },
  })
  const streams = createStreams({
    clock: nodeClock,
    origins: createOrigins(new Set()),
    sessions: {
      ...sessions,
      open(response, ...rest) {
        opening = response
        return sessions.open(response, ...rest)
      },
    },
    mostBytes: 4 * 1024 * 1024,
  })
  const server = createServer((request, response) => {
    // Pages of the tests come from another port.
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-allow-headers', '*')
    if (request.method === 'OPTIONS') response.end()
    else void streams(`${request.method} ${request.url}`, request, response, new URLSearchParams())
  })
  const url = await listen(server)
  const gone = createServer()
  const refusedUrl = await listen(gone)
  await new Promise((resolve) => gone.close(resolve))
  return {
    url,
    refusedUrl,
    async close() {
      sessions.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
