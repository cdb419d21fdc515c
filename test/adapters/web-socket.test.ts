import { once } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { createWebSocketConnect } from '../../src/adapters/web-socket.js'

afterEach(() => vi.unstubAllGlobals())

/** Everything a connection told, and a wait for its end. */
function dial(url: string, given?: typeof WebSocket) {
  const told: string[] = []
  const connect = createWebSocketConnect(given === undefined ? {} : { WebSocket: given })
  const over = new Promise<string[]>((resolve) => {
    connect(url, {
      onOpen: () => told.push('open'),
      onText: (text) => told.push(text),
      onClose({ code }) {
        told.push(`closed ${code}`)
        resolve(told)
      },
    })
  })
  return over
}

async function serve(handleProtocols: (offered: Set<string>) => string | false) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols })
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { server, url: `ws://127.0.0.1:${address.port}` }
}

describe('the WebSocket adapter', () => {
  it('tells a platform without WebSocket as a close', async () => {
    vi.stubGlobal('WebSocket', undefined)
    expect(await dial('ws://127.0.0.1:9')).toEqual(['closed 1006'])
  })

  it('offers the subprotocol, and does not open to a server that does not speak it', async () => {
    const offered: string[] = []
    const { server, url } = await serve((protocols) => {
      offered.push(...protocols)
      return false
    })
    expect(await dial(url, WebSocket)).toEqual(['closed 1006'])
    expect(offered).toEqual(['tidings.v1.json'])
    server.close()
  })

  it('passes over binary messages', async () => {
    const { server, url } = await serve(([first = '']) => first)
    server.on('connection', (socket) => {
      socket.send(new Uint8Array([1, 2, 3]))
      socket.send('a text')
      socket.close(4001)
    })
    expect(await dial(url, WebSocket)).toEqual(['open', 'a text', 'closed 4001'])
    server.close()
  })
})
