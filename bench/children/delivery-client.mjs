// node delivery-client.mjs ours|socket.io|raw|frames URL MEMBERS: asked for {tokens} it connects so many members; asked for {count} it
// answers at once, and again when each of them has so many more messages: {frames: texts that brought them}. It ends where one is missing
// or out of order.
import WebSocket from 'ws'

const [contender, url, count] = process.argv.slice(2)
const members = Number(count)
const OPENING_AT_ONCE = 50

/** How a member of each contender is greeted, and what it answers so that it is not sent away. */
const manners = {
  ours: {
    protocol: 'tidings.v1.json',
    hello: (i, token) => {
      const rooms = [{ room: 'general' }]
      return JSON.stringify({ type: 'hello', v: 1, token, device: `device-${i}`, rooms })
    },
    isReady: (text) => text.includes('"type":"subscribed"'),
    answer: (text) => {
      const [, t] = text.match(/"type":"ping","t":(\d+)/) ?? []
      return t && `{"type":"pong","t":${t}}`
    },
  },
  'socket.io': {
    // Of Engine.IO: 0 opens, 2 asks for 3. Of Socket.IO within its 4: 40 connects, 42 is an event.
    isReady: (text) => text.startsWith('40'),
    answer: (text) => {
      if (text.startsWith('0')) return '40'
      return text === '2' ? '3' : undefined
    },
  },
}
const plain = { isReady: (text) => text.includes('"type":"subscribed"'), answer: () => undefined }
const { protocol, hello, isReady, answer } = manners[contender] ?? plain

let wanted = 0
let frames = 0
/** Members that have all of what was asked for. */
let full = 0
let tell = () => {}
const fullNow = () => {
  if (++full === members) tell()
}

/** Takes in what a text brings; it must be what comes next. */
const taker = () => {
  let next = 0
  return (text) => {
    let at = text.indexOf('"n":')
    if (at >= 0) frames++
    for (; at >= 0; at = text.indexOf('"n":', at + 4)) {
      const n = Number.parseInt(text.slice(at + 4, at + 14), 10)
      if (n !== next) throw new Error(`${contender}: ${n} came where ${next} was due.`)
      if (++next === wanted) fullNow()
    }
  }
}

const join = (i, token) =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(url, protocol, { perMessageDeflate: false, skipUTF8Validation: true })
    const take = taker()
    if (hello) socket.on('open', () => socket.send(hello(i, token)))
    socket.on('message', (data) => {
      const text = data.toString()
      take(text)
      if (isReady(text)) resolve(socket)
      const reply = answer(text)
      if (reply) socket.send(reply)
    })
    socket.on('error', reject)
    socket.on('close', (code, reason) => {
      throw new Error(`${contender}: a member was sent away: ${code} ${reason}`)
    })
  })

process.on('message', async ({ tokens, count: more }) => {
  if (tokens === undefined) {
    wanted += more
    full = 0
    frames = 0
    tell = () => process.send({ frames })
    process.send('counting')
    return
  }
  for (let from = 0; from < members; from += OPENING_AT_ONCE) {
    const some = Array.from({ length: Math.min(OPENING_AT_ONCE, members - from) }, (_, i) => from + i)
    await Promise.all(some.map((i) => join(i, tokens[i])))
  }
  process.send('joined')
})
process.on('disconnect', () => process.exit())
process.send('ready')
