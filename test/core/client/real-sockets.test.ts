import { createEmbeddedServer, type EmbeddedServer, type FrameHead } from 'tidings-server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createCryptoRandom } from '../../../src/adapters/crypto-random.js'
import { createHttpConnect } from '../../../src/adapters/http/http.js'
import { createMemoryStorage } from '../../../src/adapters/memory.js'
import { createSystemClock } from '../../../src/adapters/system-clock.js'
import { createWebSocketConnect } from '../../../src/adapters/web-socket.js'
import type { Client } from '../../../src/core/api.js'
import { createClientOn } from '../../../src/core/client.js'
import { createPuppetLifecycle } from '../../../src/testing/lifecycle.js'
import { messages, texts } from './world.js'

const ways = { websocket: createWebSocketConnect({ WebSocket }), http: createHttpConnect() }

// The conversations of the protocol with real clients, a real server and real sockets: the same over each transport.
describe.each(Object.entries(ways))('over %s', { timeout: 30_000 }, (kind, connect) => {
  let server: EmbeddedServer
  let losing: FrameHead['type'] | undefined
  let tokens = 0
  let tokenLifeMs = 60_000
  const clients: Client[] = []

  const startServer = async (port = 0) => {
    server = await createEmbeddedServer({
      ...{ port, dev: true, secret: 'a secret that only this test knows, really' },
      outgoing: ({ type, room }) => (type === losing && room !== undefined ? 'drop' : 'pass'),
    })
  }
  const open = (user: string, storage = createMemoryStorage()) => {
    const client = createClientOn(
      {
        clock: createSystemClock(),
        random: createCryptoRandom(),
        storage,
        connect,
        lifecycle: createPuppetLifecycle(),
      },
      {
        ...{ url: server.url, user },
        token() {
          tokens += 1
          return server.token(user, { lifeMs: tokenLifeMs })
        },
      },
    )
    clients.push(client)
    client.room('general').open()
    client.connect()
    return client
  }
  const soon = (read: () => unknown) => expect.poll(read, { timeout: 10_000, interval: 5 })
  const all = (client: Client) => messages(client).map(({ body, status }) => `${String(body)}: ${status}`)
  const confirmed = (...bodies: readonly unknown[]) => bodies.map((body) => `${String(body)}: confirmed`)

  beforeEach(async () => {
    losing = undefined
    tokens = 0
    tokenLifeMs = 60_000
    await startServer()
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.destroy()
    await server.close()
  })

  it('a client starts cold, sends, and resumes where it was', async () => {
    for (let i = 0; i < 3; i++) await server.publish('general', i)
    const storage = createMemoryStorage()
    const alice = open('alice', storage)
    await soon(() => texts(alice)).toEqual([0, 1, 2])
    expect(alice.connection.get().transport).toBe(kind)
    await alice.room('general').send('mine').confirmed()
    alice.disconnect()
    for (let i = 3; i < 6; i++) await server.publish('general', i)
    alice.room('general').send('offline')
    alice.connect()
    await soon(() => all(alice).sort()).toEqual(confirmed(0, 1, 2, 3, 4, 5, 'mine', 'offline').sort())
  })
  it('an acknowledgement that is lost is made up for by the event, and nothing is written twice', async () => {
    const alice = open('alice')
    await soon(() => alice.connection.get().state).toBe('connected')
    losing = 'ack'
    alice.room('general').send('once')
    await soon(() => all(alice)).toEqual(confirmed('once'))
    losing = undefined
    const page = await server.log.page({ room: 'general', dir: 'forward', limit: 10 })
    expect('items' in page && page.items).toHaveLength(1)
  })
  it('an event that is lost leaves no hole', async () => {
    const alice = open('alice')
    await soon(() => alice.room('general').timeline.get().status).toBe('live')
    losing = 'event'
    await server.publish('general', 'lost')
    await soon(() => server.core.connections).toBe(1)
    await new Promise(setImmediate)
    losing = undefined
    await server.publish('general', 'seen')
    await soon(() => texts(alice)).toEqual(['lost', 'seen'])
  })
  it('a token is renewed on the open connection', async () => {
    // The server warns 10 s before the end.
    tokenLifeMs = 11_000
    const alice = open('alice')
    await soon(() => tokens).toBe(2)
    await alice.room('general').send('by a newer token').confirmed()
    expect(alice.connection.get().state).toBe('connected')
  })
  it('a server that drains is found again at its slot', async () => {
    const alice = open('alice')
    const before = await alice.room('general').send('before').confirmed()
    await server.drain()
    const sent = alice.room('general').send('while it was away')
    await startServer(server.port)
    await sent.confirmed()
    expect(before.status).toBe('confirmed')
  })
  it('a batch of 50 and a chain of changes written offline arrive whole and in order', async () => {
    const [alice, bob] = [open('alice'), open('bob')]
    await soon(() => bob.room('general').timeline.get().status).toBe('live')
    alice.disconnect()
    const numbers = Array.from({ length: 50 }, (_, i) => i)
    const room = alice.room('general')
    for (const number of numbers) room.send(number)
    const message = room.send('a chain')
    await message.queued()
    room.edit(message.key, 'an edited chain')
    room.send('an answer', { replyTo: message.key })
    room.react(message.key, '👍')
    alice.connect()
    const whole = confirmed(...numbers, 'an edited chain', 'an answer')
    for (const client of [alice, bob]) await soon(() => all(client)).toEqual(whole)
    await soon(() => messages(bob).at(-2)?.reactions).toMatchObject([{ users: ['alice'] }])
  })
})
