import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import WebSocket from 'ws'
import { textFrame } from '../src/sockets/text-frame.js'

/** What a server answers to a client's key. RFC 6455, section 4.2.2. */
const accepted = (key: string) =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')

it.each([0, 1, 125, 126, 65_535, 65_536, 300_000])(
  'a text of %i bytes is a frame that any client reads',
  async (bytes) => {
    const text = 'ü'.repeat(bytes >> 1) + 'x'.repeat(bytes & 1)
    const server = createServer((stream) => {
      stream.once('data', (request) => {
        const key = /sec-websocket-key: (.*)\r\n/i.exec(request.toString())?.[1] ?? ''
        stream.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accepted(key)}\r\n\r\n`,
        )
        stream.write(textFrame(text))
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('It listens on a port.')
    const client = new WebSocket(`ws://127.0.0.1:${address.port}`)
    const [message, isBinary]: [Buffer, boolean] = await new Promise((resolve) =>
      client.once('message', (...told) => resolve([Buffer.from(String(told[0])), told[1]])),
    )
    expect([message.toString() === text, isBinary]).toEqual([true, false])
    client.terminate()
    server.close()
  },
)
