import { CLOSE, WIRE } from 'tidings/protocol'
import { must, same } from '../failed.js'
import type { Line } from '../line.js'
import type { Case } from '../stage.js'

const WEEK_MS = 7 * 24 * 60 * 60_000
const REASON_BYTES = 123

/** A close with a code, and with a reason as every close has it. */
async function closedWith(line: Line, code: number): Promise<void> {
  const ended = await line.ended()
  same(ended.code, code, 'the close code')
  must(Buffer.byteLength(ended.reason) <= REASON_BYTES, 'the reason is longer than 123 bytes')
  const reason: unknown = JSON.parse(ended.reason)
  must(typeof reason === 'object' && reason !== null && 'code' in reason, 'the reason has no code')
}

export const greeting: readonly Case[] = [
  {
    name: 'a hello is answered by a welcome that names the user',
    says: 'welcome 1',
    async run({ alice, join }) {
      const { welcome } = await join(alice, [])
      same(welcome.user, alice.user, 'user')
    },
  },
  {
    name: 'a hello may come in an array',
    says: 'Transport 2',
    async run({ alice, line, name }) {
      const opened = await line()
      opened.raw(JSON.stringify([{ type: 'hello', v: 1, token: alice.token, device: name() }]))
      await opened.next('welcome')
    },
  },
  {
    name: 'repeats are recognised for seven days at least',
    says: 'welcome 4',
    async run({ alice, join }) {
      const { limits } = (await join(alice, [])).welcome
      must(limits.dedupeWindow >= WEEK_MS, `dedupeWindow is ${limits.dedupeWindow} ms`)
    },
  },
  {
    name: 'limits lower the numbers of the wire and never raise them',
    says: 'Sizes 4',
    async run({ alice, join }) {
      const { limits } = (await join(alice, [])).welcome
      must(limits.frame <= WIRE.clientTextBytes, `frame is ${limits.frame}`)
      must(limits.body <= WIRE.bodyBytes, `body is ${limits.body}`)
      must(limits.page <= WIRE.pageMessages, `page is ${limits.page}`)
    },
  },
  {
    name: 'each connection has a session of its own',
    says: 'welcome 1',
    async run({ alice, join }) {
      const [one, two] = [await join(alice, []), await join(alice, [])]
      must(one.welcome.session !== two.welcome.session, 'two connections share a session')
    },
  },
  {
    name: 'time in the welcome is whole milliseconds',
    says: 'Transport 7',
    async run({ alice, join }) {
      const { t } = (await join(alice, [])).welcome
      must(Number.isInteger(t) && t > Date.UTC(2020, 0), `t is ${t}`)
    },
  },
  {
    name: 'a token that is not accepted closes with 4501',
    says: 'hello 4',
    async run({ alice, greet }) {
      await closedWith(await greet({ ...alice, token: 'no token at all' }), CLOSE.unauthorised)
    },
  },
  {
    name: 'a version that is not spoken closes with 4506',
    says: 'hello 4',
    async run({ alice, greet }) {
      await closedWith(await greet(alice, { v: 9_999 }), CLOSE.unsupportedVersion)
    },
  },
  {
    name: 'a client that does not offer the subprotocol is closed with 4506, after the handshake',
    says: 'Transport 10',
    only: 'websocket',
    async run({ line }) {
      await closedWith(await line({ protocols: [] }), CLOSE.unsupportedVersion)
    },
  },
  {
    name: 'a page of an unknown origin is closed with 4503, after the handshake',
    says: 'Transport 10',
    only: 'websocket',
    async run({ line }) {
      await closedWith(await line({ origin: 'https://unknown.invalid' }), CLOSE.forbidden)
    },
  },
  {
    name: 'an operation before the hello closes with 4500',
    says: 'hello 1',
    async run({ line, message }) {
      const opened = await line()
      opened.send(message())
      await closedWith(opened, CLOSE.protocolError)
    },
  },
  {
    name: 'a subscribe before the hello closes with 4500',
    says: 'hello 6',
    async run({ line, name, room }) {
      const opened = await line()
      opened.send({ type: 'subscribe', id: name(), rooms: [{ room }] })
      await closedWith(opened, CLOSE.protocolError)
    },
  },
  {
    name: 'a second hello closes with 4500',
    says: 'hello 7',
    async run({ alice, join, name }) {
      const guest = await join(alice, [])
      guest.send({ type: 'hello', v: 1, token: alice.token, device: name() })
      await closedWith(guest, CLOSE.protocolError)
    },
  },
  {
    name: 'rooms of a hello are joined without another request',
    says: 'subscribed 1',
    async run({ alice, greet, room, other }) {
      const guest = await greet(alice, { rooms: [{ room }, { room: other('b') }] })
      await guest.next('welcome')
      const joined = await guest.next('subscribed', { room })
      must(joined.id === undefined, 'a room of a hello carries the id of a subscribe')
      await guest.next('subscribed', { room: other('b') })
    },
  },
  {
    name: 'features that nobody knows are ignored',
    says: 'Transport 5',
    async run({ alice, greet }) {
      await (await greet(alice, { features: ['teleport'] })).next('welcome')
    },
  },
  {
    name: 'a ping between hello and welcome is no fault',
    says: 'hello 6',
    async run({ alice, greet }) {
      const opened = await greet(alice)
      opened.send({ type: 'ping', t: 1 })
      await opened.next('welcome')
      await opened.settle()
    },
  },
]

export const tokens: readonly Case[] = [
  {
    name: 'a new token on an open connection is acknowledged',
    says: 'auth 1',
    async run({ alice, join, name }) {
      const guest = await join(alice, [])
      const id = name()
      guest.send({ type: 'auth', id, token: alice.token })
      await guest.next('ack', { id })
    },
  },
  {
    name: 'a token that is not accepted is answered by an error, and the connection goes on',
    says: 'auth 2',
    async run({ alice, join, name }) {
      const guest = await join(alice, [])
      const id = name()
      guest.send({ type: 'auth', id, token: 'no token at all' })
      await guest.next('error', { re: id, code: 'unauthorised' })
      await guest.settle()
    },
  },
  {
    name: 'a token of another user closes with 4501',
    says: 'auth 3',
    async run({ alice, bob, join, name }) {
      const guest = await join(alice, [])
      guest.send({ type: 'auth', id: name(), token: bob.token })
      await closedWith(guest, CLOSE.unauthorised)
    },
  },
  {
    name: 'a ping is answered by a pong with the same t and the time of the server',
    says: 'pong 1',
    async run({ alice, join }) {
      const guest = await join(alice, [])
      guest.send({ type: 'ping', t: 42 })
      const pong = await guest.next('pong', { t: 42 })
      must(Number.isInteger(pong.now), 'the pong carries no time')
    },
  },
  {
    name: 'a pong that nobody asked for is no fault',
    says: 'Transport 8',
    async run({ alice, join }) {
      const guest = await join(alice, [])
      guest.send({ type: 'pong', t: 7 })
      await guest.settle()
      same(guest.left('error'), [], 'what came')
    },
  },
]
