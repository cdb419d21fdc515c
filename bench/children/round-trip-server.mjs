// node round-trip-server.mjs ours|raw: serves until its parent goes; tells {url, token} once it listens, and its CPU time in µs when asked.
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { loadSource } from '../lib/apart.mjs'

/** The reference server as it is, its log in memory and its rates off. */
const serveOurs = async () => {
  const { createEmbeddedServer } = await loadSource('server/src/embedded.ts')
  const server = await createEmbeddedServer({ dev: true, limits: { rate: null } })
  return { url: server.url, token: await server.token('bench') }
}

/** What is done at least: each frame is parsed and answered by its id. */
const serveRaw = async () => {
  const server = createServer()
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  let seq = 0
  sockets.on('connection', (socket) => {
    socket.on('message', (message) => {
      const { id, room } = JSON.parse(message.toString())
      socket.send(JSON.stringify({ type: 'ack', id, room, seq: ++seq, ts: Date.now() }))
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `ws://127.0.0.1:${server.address().port}/` }
}

process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send(user + system)
})
process.send(await (process.argv[2] === 'ours' ? serveOurs() : serveRaw()))
