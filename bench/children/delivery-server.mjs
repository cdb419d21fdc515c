// node delivery-server.mjs ours|socket.io|raw|frames MEMBERS: one room, told to all who follow it. Tells {url, tokens} once it listens; for each
// {ticks, perTick, pauseMs} that its parent sends it publishes so many messages in so many turns of the event loop, with a pause after
// each, and answers the processor time that all of it took, µs.
import { createServer } from 'node:http'
import { Sender, WebSocketServer } from 'ws'
import { loadSource } from '../lib/apart.mjs'
import { importPeer } from '../lib/peers.mjs'

const [contender, members] = [process.argv[2], Number(process.argv[3])]
const ROOM = 'general'

const listening = async (server) => {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', 4_096, resolve))
  return server.address().port
}

const serveRaw = async () => {
  const server = createServer()
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  sockets.on('connection', (socket) => socket.send('{"type":"subscribed"}'))
  return { url: `ws://127.0.0.1:${await listening(server)}/`, sockets: sockets.clients }
}

const contenders = {
  /** The reference server as it is, its log in memory and its rates off. */
  async ours() {
    const { createEmbeddedServer } = await loadSource('server/src/embedded.ts')
    const server = await createEmbeddedServer({ dev: true, limits: { rate: null } })
    const tokens = await Promise.all(Array.from({ length: members }, (_, i) => server.token(`user-${i}`)))
    return { url: server.url, tokens, publish: (body) => server.publish(ROOM, body) }
  },
  async 'socket.io'() {
    const { Server } = await importPeer('socket.io')
    const server = createServer()
    const io = new Server(server, { transports: ['websocket'], perMessageDeflate: false, serveClient: false })
    // As its page on memory has it.
    io.engine.on('connection', (socket) => {
      socket.request = null
    })
    io.on('connection', (socket) => socket.join(ROOM))
    const url = `ws://127.0.0.1:${await listening(server)}/socket.io/?EIO=4&transport=websocket`
    return { url, tokens: [], publish: (body) => io.to(ROOM).emit('message', body) }
  },
  /** What is done at least where each message is a text of its own: it is encoded once and given to every socket. */
  async raw() {
    const { url, sockets } = await serveRaw()
    const publish = (body) => {
      const text = Buffer.from(JSON.stringify(body))
      for (const socket of sockets) socket.send(text, { binary: false })
    }
    return { url, tokens: [], publish }
  },
  /** What is done at least: one frame a tick, made once, and one write of it to every connection. */
  async frames() {
    const { url, sockets } = await serveRaw()
    let waiting = []
    const flush = () => {
      const bytes = Buffer.from(`[${waiting.map((body) => JSON.stringify(body)).join(',')}]`)
      const frame = Buffer.concat(Sender.frame(bytes, { fin: true, opcode: 1, mask: false, rsv1: false }))
      waiting = []
      for (const { _socket: connection } of sockets) connection.write(frame)
    }
    const publish = (body) => {
      waiting.push(body)
      if (waiting.length === 1) setTimeout(flush, 0)
    }
    return { url, tokens: [], publish }
  },
}

const { url, tokens, publish } = await contenders[contender]()
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const words = 'lorem ipsum dolor sit amet '.repeat(4)
let published = 0

process.on('message', async ({ ticks, perTick, pauseMs }) => {
  const before = process.cpuUsage()
  for (let tick = 0; tick < ticks; tick++) {
    const some = Array.from({ length: perTick }, () => publish({ n: published++, text: words, lang: 'en' }))
    await Promise.all(some)
    await pause(pauseMs)
  }
  const { user, system } = process.cpuUsage(before)
  process.send({ cpuUs: user + system })
})
process.on('disconnect', () => process.exit())
process.send({ url, tokens })
