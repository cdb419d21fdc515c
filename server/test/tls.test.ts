import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { get } from 'node:https'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createEmbeddedServer, type EmbeddedServer } from '../src/index.js'

/** Of nobody, for localhost alone: `openssl req -x509 -newkey ec …` made them. */
const pem = (name: string): string => readFileSync(join(import.meta.dirname, 'support/tls', name), 'utf8')
const tls = { key: pem('key.pem'), cert: pem('cert.pem') }

let server: EmbeddedServer
afterEach(() => server.close())

describe('a server with a certificate', () => {
  it('answers over TLS, sockets as well, and serves its own pages from there', async () => {
    server = await createEmbeddedServer({ tls, dev: true })
    expect(server.origin).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    const [response] = await once(get(`${server.origin}/ready`, { ca: tls.cert }), 'response')
    expect(response.statusCode).toBe(200)
    response.resume()
    const { origin } = server
    const socket = new WebSocket(server.url, 'tidings.v1.json', { ca: tls.cert, origin })
    await once(socket, 'open')
    socket.send(
      JSON.stringify({ type: 'hello', v: 1, device: 'd', token: await server.token('alice'), rooms: [] }),
    )
    const [text] = await once(socket, 'message')
    expect(String(text)).toContain('"type":"welcome"')
    socket.terminate()
  })

  it('does not speak without it', async () => {
    server = await createEmbeddedServer({ tls, dev: true })
    await expect(fetch(`${server.origin.replace('https', 'http')}/ready`)).rejects.toThrow()
  })
})
