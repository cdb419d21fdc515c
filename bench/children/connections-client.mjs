// node connections-client.mjs URL: for each {tokens, from} that its parent sends, opens a connection for each token, each in a room of
// twenty, and tells how many were answered and stay open. They stay until its parent goes.
import WebSocket from 'ws'

const [url] = process.argv.slice(2)
const PEOPLE_A_ROOM = 20
const OPENING_AT_ONCE = 64
const PATIENCE_MS = 20_000

/** Resolves with the socket once its room is followed, or with undefined when it cannot be had. */
const open = (token, i) =>
  new Promise((resolve) => {
    const socket = new WebSocket(url, 'tidings.v1.json', {
      perMessageDeflate: false,
      handshakeTimeout: PATIENCE_MS,
    })
    socket.once('open', () => {
      const rooms = [{ room: `room-${Math.floor(i / PEOPLE_A_ROOM)}` }]
      socket.send(JSON.stringify({ type: 'hello', v: 1, token, device: `device-${i}`, rooms }))
    })
    socket.on('message', (data) => {
      const text = data.toString()
      if (text.includes('"type":"subscribed"')) resolve(socket)
      // Whoever does not answer is sent away.
      for (const [, t] of text.matchAll(/"type":"ping","t":(\d+)/g)) socket.send(`{"type":"pong","t":${t}}`)
    })
    socket.on('error', () => resolve(undefined))
    socket.on('close', () => resolve(undefined))
  })

const sockets = []
process.on('message', async ({ tokens, from }) => {
  let next = 0
  let failed = false
  const opener = async () => {
    while (next < tokens.length && !failed) {
      const at = next++
      const socket = await open(tokens[at], from + at)
      if (socket) sockets.push(socket)
      else failed = true
    }
  }
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, opener))
  process.send(sockets.filter(({ readyState }) => readyState === WebSocket.OPEN).length)
})
process.send('ready')
