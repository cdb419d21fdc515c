// node chat-server.mjs COUNT ORIGIN: the reference server, its log in memory and its rates off, with a room `general` of so many messages,
// for pages of that origin; and beside it a bare one, which sends all of them as one frame to whoever says anything. Tells {url, token,
// frameUrl, bytes} and serves until its parent goes.
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { loadSource } from '../lib/apart.mjs'
import { chat } from '../lib/chat.mjs'

const [count, origin] = process.argv.slice(2)
const room = 'general'
const { createEmbeddedServer } = await loadSource('server/src/embedded.ts')
const { formatStamp } = await loadSource('src/protocol/stamp.ts')

const fill = async (log) => {
  const messages = chat(Number(count))
  // One a second until now: older stamps would be replaced.
  const start = Date.now() - messages.length * 1_000
  const operations = messages.map(({ from, text }, i) => ({
    room,
    author: from,
    id: `operation-${String(i).padStart(11, '0')}`,
    kind: 'create',
    stamp: formatStamp(start + i * 1_000, 0, 'bench-node-'),
    body: JSON.stringify({ text }),
  }))
  for (let at = 0; at < operations.length; at += 1_000) {
    const outcomes = await log.append(operations.slice(at, at + 1_000))
    const refused = outcomes.find(({ done }) => !done)
    if (refused) throw new Error(refused.message)
  }
}

const frameOf = async (log) => {
  const texts = []
  let page = { hasMore: true }
  while (page.hasMore) {
    page = await log.page({ room, dir: 'forward', limit: 500, ...(page.cursor && { cursor: page.cursor }) })
    for (const { text } of page.items) texts.push(text)
  }
  return Buffer.from(`[${texts.join(',')}]`)
}

const serveFrame = async (frame) => {
  const server = createServer()
  const sockets = new WebSocketServer({ server, perMessageDeflate: false })
  sockets.on('connection', (socket) => socket.on('message', () => socket.send(frame, { binary: false })))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `ws://127.0.0.1:${server.address().port}/`
}

const server = await createEmbeddedServer({ dev: true, limits: { rate: null }, origins: [origin] })
await fill(server.log)
const frame = await frameOf(server.log)
process.on('disconnect', () => process.exit())
process.send({
  url: server.url,
  token: await server.token('reader'),
  frameUrl: await serveFrame(frame),
  bytes: frame.length,
})
