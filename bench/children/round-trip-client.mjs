// node round-trip-client.mjs ours|raw URL TOKEN: for each {case, count} that its parent sends, measures and answers {figure, cpuUs}.
import WebSocket from 'ws'
import { loadSource } from '../lib/apart.mjs'

const [contender, url, token] = process.argv.slice(2)
/** With what stands around it, a frame of about 300 bytes. */
const bodyOf = (i) => ({ text: `message ${i} ${'lorem ipsum dolor sit amet '.repeat(4)}`, lang: 'en' })

/** Sends a body; resolves when the server has acknowledged it. */
const openOurs = async () => {
  const { createClient, createMemoryStorage, createWebSocketConnect } = await loadSource('src/index.ts')
  const client = createClient({
    url,
    user: 'bench',
    token: () => token,
    storage: createMemoryStorage(),
    connect: createWebSocketConnect({ WebSocket }),
    lifecycle: { listen: () => () => undefined },
    locks: undefined,
  })
  client.connect()
  const room = client.room('general')
  return (body) => room.send(body).confirmed()
}

const openRaw = async () => {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  await new Promise((resolve) => socket.once('open', resolve))
  const waiting = new Map()
  socket.on('message', (message) => {
    const { id } = JSON.parse(message.toString())
    waiting.get(id)()
    waiting.delete(id)
  })
  let count = 0
  return (body) =>
    new Promise((resolve) => {
      const id = `operation-${String(count++).padStart(11, '0')}`
      waiting.set(id, resolve)
      const stamp = `${Date.now().toString(36)}0000-bench-node`
      const frame = { type: 'message', id, room: 'general', stamp, body, attempt: 1, at: Date.now() }
      socket.send(JSON.stringify(frame))
    })
}

const send = await (contender === 'ours' ? openOurs() : openRaw())

const cases = {
  /** One at a time: µs each. */
  async single(count) {
    const taken = []
    for (let i = 0; i < count; i++) {
      const began = performance.now()
      await send(bodyOf(i))
      taken.push((performance.now() - began) * 1_000)
    }
    return taken
  },
  /** 200 on their way at any time: messages a second. */
  async pipelined(count) {
    let next = 0
    const began = performance.now()
    const sender = async () => {
      while (next < count) await send(bodyOf(next++))
    }
    await Promise.all(Array.from({ length: 200 }, sender))
    return (count / (performance.now() - began)) * 1_000
  },
}

process.on('message', async (wanted) => {
  const before = process.cpuUsage()
  const figure = await cases[wanted.case](wanted.count)
  const { user, system } = process.cpuUsage(before)
  process.send({ figure, cpuUs: user + system })
})
process.send('ready')
