import { must, same } from '../failed.js'
import type { Case } from '../stage.js'

/** How far apart two clocks may be in a test, ms. */
const LOOSE_MS = 30_000

const bodies: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['a string', 'Hello'],
  ['a number', 1.5],
  ['false', false],
  ['an array', [1, [2, ['three']]]],
  ['text beyond the basic plane', { text: '🦦 ö Привет' }],
  ['names that a prototype has', JSON.parse('{"__proto__":{"a":1},"constructor":2,"toString":3}')],
]

const content: readonly Case[] = bodies.map(([what, body]) => ({
  name: `${what} is a body, and comes back as it went`,
  says: 'message 2',
  async run({ alice, join, write, page }) {
    const guest = await join(alice)
    const { frame } = await write(guest, { body: JSON.parse(JSON.stringify(body)) })
    const event = await guest.next('event', { id: frame.id })
    same(event.body, body, 'the body of the event')
    const [entry] = (await page(guest)).messages
    must(entry?.kind === 'create', 'the page does not hold the message')
    same(entry.body, body, 'the body in the page')
  },
}))

export const writing: readonly Case[] = [
  ...content,
  {
    name: 'an ack says what was committed',
    says: 'ack 4',
    async run({ alice, join, write, room }) {
      const { frame, ack } = await write(await join(alice))
      same([ack.room, ack.seq, ack.stamp, ack.version], [room, 1, frame.stamp, 1], 'the ack')
      must((ack.messageId ?? '') !== '', 'it has no messageId')
      must(Math.abs((ack.ts ?? 0) - frame.at) < LOOSE_MS, `ts is ${ack.ts}`)
      must(ack.dup === undefined && ack.applied !== false, 'a first commit is called a repeat')
    },
  },
  {
    name: 'everybody in the room gets one event, the author included',
    says: 'event 1',
    async run({ alice, bob, join, write }) {
      const [author, other] = [await join(alice), await join(bob)]
      const { frame, messageId } = await write(author)
      for (const guest of [author, other]) {
        const event = await guest.next('event', { id: frame.id })
        same([event.from, event.kind, event.messageId], [alice.user, 'create', messageId], 'the event')
        same([event.body, event.stamp, event.seq], [frame.body, frame.stamp, 1], 'the event')
        await guest.settle()
        same(guest.left('event'), [], 'a second event')
      }
    },
  },
  {
    name: "every connection of the author's gets the event",
    says: 'event 1',
    async run({ alice, join, write }) {
      const [phone, laptop] = [await join(alice), await join(alice)]
      const { frame } = await write(phone)
      await laptop.next('event', { id: frame.id, from: alice.user })
    },
  },
  {
    name: 'who is not in the room gets no event, and may write all the same',
    says: 'subscribed 1',
    async run({ alice, bob, join, write }) {
      const [outside, inside] = [await join(alice, []), await join(bob)]
      const { frame } = await write(outside)
      await inside.next('event', { id: frame.id })
      await outside.settle()
      same(outside.left('event'), [], 'what came to who is not there')
    },
  },
  {
    name: 'positions count from 1 without a hole, and events follow each other',
    says: 'Four ideas 10',
    async run({ alice, bob, join, write }) {
      const [author, other] = [await join(alice), await join(bob)]
      let before: string | undefined
      for (let seq = 1; seq <= 5; seq++) {
        const { frame, ack } = await write(author)
        same(ack.seq, seq, 'seq')
        const event = await other.next('event', { id: frame.id })
        same(event.seq, seq, 'seq of the event')
        if (before !== undefined) same(event.prev, before, 'prev')
        must(event.cursor !== event.prev, 'an event does not move the cursor')
        before = event.cursor
      }
    },
  },
  {
    name: 'the operations of one array run in order',
    says: 'message 5',
    async run({ alice, join, message }) {
      const guest = await join(alice)
      const messages = Array.from({ length: 20 }, () => message())
      guest.send(...messages)
      for (const [i, { id }] of messages.entries()) same((await guest.next('ack', { id })).seq, i + 1, 'seq')
    },
  },
  {
    name: 'an answer names its parent by messageId',
    says: 'message 4',
    async run({ alice, bob, join, write }) {
      const [author, other] = [await join(alice), await join(bob)]
      const parent = await write(author)
      const child = await write(other, { replyTo: parent.messageId })
      const event = await author.next('event', { id: child.frame.id })
      same(event.replyTo, parent.messageId, 'replyTo')
      same([event.target?.messageId, event.target?.seq], [parent.messageId, 1], 'target')
    },
  },
  {
    name: 'an answer may name an earlier operation of its author, in the same array too',
    says: 'message 4',
    async run({ alice, join, message }) {
      const guest = await join(alice)
      const parent = message()
      const child = message({ replyTo: parent.id })
      guest.send(parent, child)
      const { messageId } = await guest.next('ack', { id: parent.id })
      same((await guest.next('event', { id: child.id })).replyTo, messageId, 'replyTo')
    },
  },
  {
    name: 'an answer to nothing is refused for good',
    says: 'message 4',
    async run({ alice, join, message, name }) {
      const guest = await join(alice)
      const child = message({ replyTo: name() })
      guest.send(child)
      await guest.next('nack', { id: child.id, code: 'not_found', retryable: false })
    },
  },
  {
    name: 'operations of somebody else are no earlier operations',
    says: 'message 4',
    async run({ alice, bob, join, message, write }) {
      const [author, other] = [await join(alice), await join(bob)]
      const { frame } = await write(author)
      const child = message({ replyTo: frame.id })
      other.send(child)
      await other.next('nack', { id: child.id, code: 'not_found' })
    },
  },
  {
    name: 'after a final refusal the rest of the room goes on',
    says: 'message 5',
    async run({ alice, join, message, name }) {
      const guest = await join(alice)
      const [one, bad, two] = [message(), message({ replyTo: name() }), message()]
      guest.send(one, bad, two)
      same((await guest.next('ack', { id: one.id })).seq, 1, 'seq')
      await guest.next('nack', { id: bad.id })
      same((await guest.next('ack', { id: two.id })).seq, 2, 'seq')
    },
  },
  {
    name: "nobody writes into another one's own room",
    says: 'nack 1',
    async run({ alice, bob, join, message }) {
      const guest = await join(alice, [])
      const frame = message({ room: `@${bob.user}` })
      guest.send(frame)
      const nack = await guest.next('nack', { id: frame.id })
      same(nack.retryable, false, 'retryable')
    },
  },
  {
    name: 'ts never goes back within a room',
    says: 'Log entry 1',
    async run({ alice, join, write, page }) {
      const guest = await join(alice)
      for (let i = 0; i < 4; i++) await write(guest)
      const times = (await page(guest)).messages.map((entry) => ('ts' in entry ? entry.ts : 0))
      same(
        times,
        [...times].sort((a, b) => a - b),
        'ts in order of seq',
      )
    },
  },
]
