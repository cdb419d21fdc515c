import { CLOSE, type ClientFrames, clientFrames, WIRE } from 'tidings/protocol'
import { must, same } from '../failed.js'
import type { Case, Guest, Stage } from '../stage.js'

type ClientType = keyof ClientFrames
type Fields = Readonly<Record<string, unknown>>

/** A frame of each type that fits and that a server can act upon. */
const examples = (stage: Stage): Readonly<Record<Exclude<ClientType, 'hello'>, Fields>> => {
  const { room, name, message, update } = stage
  return {
    auth: { type: 'auth', id: name(), token: stage.alice.token },
    subscribe: { type: 'subscribe', id: name(), rooms: [{ room }] },
    unsubscribe: { type: 'unsubscribe', rooms: [stage.other('left')] },
    message: { ...message() },
    message_update: { ...update(name(), 'react', { body: '👋' }) },
    sync_request: { type: 'sync_request', id: name(), room, limit: 10 },
    sync_credit: { type: 'sync_credit', id: name(), pages: 1 },
    read_receipt: { type: 'read_receipt', room, upTo: 1, at: 1 },
    typing_start: { type: 'typing_start', room },
    typing_stop: { type: 'typing_stop', room },
    presence: { type: 'presence', status: 'online' },
    ping: { type: 'ping', t: 1 },
    pong: { type: 'pong', t: 1 },
  }
}

const types = Object.keys(clientFrames).filter(
  (type): type is Exclude<ClientType, 'hello'> => type !== 'hello',
)
const isOperation = (type: string): boolean => type === 'message' || type === 'message_update'

/** Refused as its type is refused, and neither the connection nor what follows minds. */
async function refused(guest: Guest, type: string, frame: Fields): Promise<void> {
  const id = frame['id']
  guest.send(frame)
  if (isOperation(type) && typeof id === 'string') await guest.next('nack', { id, code: 'invalid' })
  else {
    const error = await guest.next('error', { code: 'invalid' })
    if (typeof id === 'string') same(error.re, id, 're')
  }
  await guest.settle()
}

/** Fields that must be there, by the shapes of the wire. */
const required = types.flatMap((type) => {
  const { rule } = clientFrames[type]
  if (rule.kind !== 'object') return []
  return rule.fields.flatMap(([field, { optional }]) =>
    optional || field === 'type' ? [] : [{ type, field }],
  )
})

const without = (frame: Fields, field: string): Fields =>
  Object.fromEntries(Object.entries(frame).filter(([key]) => key !== field))

const missingFields: readonly Case[] = required.map(({ type, field }) => ({
  name: `${type} without ${field} is refused, and nothing else`,
  says: isOperation(type) ? 'Transport 13' : 'Transport 14',
  async run(stage) {
    const guest = await stage.join(stage.alice)
    const frame = without(examples(stage)[type], field)
    if (isOperation(type) && field === 'id') {
      guest.send(frame)
      await guest.next('error', { code: 'invalid' })
      await guest.settle()
    } else await refused(guest, type, frame)
  },
}))

const wrongFields: readonly Case[] = required
  .filter(({ field }) => field !== 'body')
  .map(({ type, field }) => ({
    name: `${type} with a ${field} of another kind is refused, and nothing else`,
    says: isOperation(type) ? 'Transport 13' : 'Transport 14',
    async run(stage) {
      const guest = await stage.join(stage.alice)
      const frame = { ...examples(stage)[type], [field]: { not: 'this' } }
      if (field === 'id') {
        guest.send(frame)
        await guest.next('error', { code: 'invalid' })
        await guest.settle()
      } else await refused(guest, type, frame)
    },
  }))

const unknownFields: readonly Case[] = types.map((type) => ({
  name: `a field that nobody knows in ${type} is ignored`,
  says: 'Transport 5',
  async run(stage) {
    const guest = await stage.join(stage.alice)
    guest.send({ ...examples(stage)[type], colour: 'blue' })
    await guest.settle()
    const complaints = [...guest.left('error'), ...guest.left('nack')].filter(
      ({ code }) => code === 'invalid',
    )
    same(complaints, [], 'what came')
  },
}))

export const shapes: readonly Case[] = [...missingFields, ...wrongFields, ...unknownFields]

const nested = (levels: number): unknown => (levels === 0 ? 1 : [nested(levels - 1)])

export const transport: readonly Case[] = [
  {
    name: 'a type that nobody knows is ignored',
    says: 'Transport 5',
    async run({ alice, join }) {
      const guest = await join(alice)
      guest.send({ type: 'teleport', to: 'Mars' })
      await guest.settle()
      same(guest.left('error'), [], 'what came')
    },
  },
  {
    name: 'a bad frame costs its neighbours nothing',
    says: 'Transport 6',
    async run({ alice, join, message }) {
      const guest = await join(alice)
      const [one, bad, two] = [message(), { ...message(), stamp: 'never' }, message()]
      guest.send(one, bad, two)
      await guest.next('ack', { id: one.id })
      await guest.next('nack', { id: bad.id, code: 'invalid' })
      await guest.next('ack', { id: two.id })
    },
  },
  {
    name: 'a text above the limit closes with 1009',
    says: 'Transport 12',
    async run({ alice, join }) {
      const guest = await join(alice)
      guest.raw(JSON.stringify({ type: 'ping', t: 1, more: 'x'.repeat(WIRE.clientTextBytes) }))
      same((await guest.ended()).code, 1009, 'the close code')
    },
  },
  {
    name: 'what is no JSON is answered by an error; the second closes with 4500',
    says: 'Transport 15',
    only: 'websocket',
    async run({ alice, join }) {
      const guest = await join(alice)
      guest.raw('{"type":')
      await guest.next('error', { code: 'invalid' })
      must(guest.open, 'the first one closed the connection')
      guest.raw('{"type":')
      same((await guest.ended()).code, CLOSE.protocolError, 'the close code')
    },
  },
  ...(['7', 'null', '"hello"', '{}', '{"type":7}', '[7]'] as const).map(
    (text): Case => ({
      name: `${text} is no frame and is answered by an error`,
      says: 'Transport 15',
      async run({ alice, join }) {
        const guest = await join(alice)
        guest.raw(text)
        await guest.next('error', { code: 'invalid' })
        must(guest.open, 'it closed the connection')
      },
    }),
  ),
  {
    name: 'an array that is too long is no frame',
    says: 'Transport 15',
    async run({ alice, join }) {
      const guest = await join(alice)
      guest.raw(`[${Array.from({ length: WIRE.framesPerArray + 1 }, () => '{"type":"x"}').join()}]`)
      await guest.next('error', { code: 'invalid' })
    },
  },
  {
    name: 'a binary message is malformed',
    says: 'Transport 4',
    only: 'websocket',
    async run({ alice, join }) {
      const guest = await join(alice)
      guest.raw(Buffer.from('{"type":"ping","t":1}'))
      await guest.next('error', { code: 'invalid' })
      same(guest.left('pong'), [], 'what came')
    },
  },
  {
    name: 'ten thousand levels of nesting break nothing',
    says: 'Sizes 3',
    async run({ alice, join, name }) {
      const guest = await join(alice)
      const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
      guest.raw(`{"type":"auth","id":"${name()}","token":${deep}}`)
      await guest.next('error', { code: 'invalid' })
      await guest.settle()
    },
  },
  {
    name: 'a body of 16 levels is taken, one of 17 refused',
    says: 'Sizes 3',
    async run({ alice, join, message, write }) {
      const guest = await join(alice)
      await write(guest, { body: JSON.parse(JSON.stringify(nested(WIRE.bodyDepth))) })
      const deeper = { ...message(), body: nested(WIRE.bodyDepth + 1) }
      guest.send(deeper)
      await guest.next('nack', { id: deeper.id, code: 'invalid' })
    },
  },
  {
    name: 'a body of 32 KiB is taken, a larger one refused for good',
    says: 'Sizes 2',
    async run({ alice, join, message, write }) {
      const guest = await join(alice)
      const most = guest.welcome.limits.body - 2
      await write(guest, { body: 'x'.repeat(most) })
      const larger = message({ body: 'x'.repeat(most + 1) })
      guest.send(larger)
      const nack = await guest.next('nack', { id: larger.id })
      same([nack.code, nack.retryable], ['too_large', false], 'the answer')
    },
  },
  {
    name: 'bytes count, not characters',
    says: 'Sizes 1',
    async run({ alice, join, message }) {
      const guest = await join(alice)
      const larger = message({ body: 'ö'.repeat(guest.welcome.limits.body / 2) })
      guest.send(larger)
      await guest.next('nack', { id: larger.id, code: 'too_large' })
    },
  },
]
