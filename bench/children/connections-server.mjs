// node connections-server.mjs ours|raw: serves until its parent goes; tells {url} once it listens. Asked for {tokens: count} it gives one
// for each user, asked for {memory: true} what it holds, in bytes, once its garbage is gone.
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { loadSource } from '../lib/apart.mjs'

const serveOurs = async () => {
  const { createEmbeddedServer } = await loadSource('server/src/embedded.ts')
  const server = await createEmbeddedServer({ dev: true, limits: { rate: null } })
  const tokenOf = (_, i) => server.token(`user-${i}`)
  return { url: server.url, tokens: (count) => Promise.all(Array.from({ length: count }, tokenOf)) }
}

/** What is done at least: each connection is answered once, and kept. */
const serveRaw = async () => {
  const server = createServer()
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  sockets.on('connection', (socket) => socket.on('message', () => socket.send('{"type":"subscribed"}')))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', 4_096, resolve))
  const url = `ws://127.0.0.1:${server.address().port}/`
  return { url, tokens: async (count) => Array.from({ length: count }, () => '') }
}

const { url, tokens } = await (process.argv[2] === 'ours' ? serveOurs() : serveRaw())
process.on('message', async (asked) => {
  if (asked.tokens !== undefined) return process.send(await tokens(asked.tokens))
  for (let i = 0; i < 3; i++) {
    globalThis.gc()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return process.send(process.memoryUsage().rss)
})
process.send({ url })
