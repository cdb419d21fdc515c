import { parseStamp, STAMP_PATTERN, stampMs } from 'tidings/protocol'
import { must, same } from '../failed.js'
import type { Case } from '../stage.js'

/** How far apart two clocks may be in a test, ms. */
const LOOSE_MS = 30_000
const DAY_MS = 24 * 60 * 60_000

const replaced = (name: string, aheadMs: number): Case => ({
  name,
  says: 'Four ideas 6',
  async run({ alice, join, write, stamp }) {
    const guest = await join(alice)
    const { frame, ack } = await write(guest, { stamp: stamp(aheadMs) })
    must(ack.stamp !== frame.stamp, 'it was kept')
    must(STAMP_PATTERN.test(ack.stamp ?? ''), 'the new one is none')
    const off = Math.abs(stampMs(ack.stamp ?? '') - (ack.ts ?? 0))
    must(off < LOOSE_MS, `the new one is ${off} ms from server time`)
    same((await guest.next('event', { id: frame.id })).stamp, ack.stamp, 'the stamp of the event')
  },
})

const kept = (name: string, aheadMs: number): Case => ({
  name,
  says: 'Four ideas 6',
  async run({ alice, join, write, stamp }) {
    const { frame, ack } = await write(await join(alice), { stamp: stamp(aheadMs) })
    same(ack.stamp, frame.stamp, 'the stamp')
  },
})

export const stamps: readonly Case[] = [
  replaced('a stamp of tomorrow is replaced', DAY_MS),
  replaced('a stamp two minutes ahead is replaced', 2 * 60_000),
  replaced('a stamp of last month is replaced', -30 * DAY_MS),
  kept('a stamp half a minute ahead is kept', 30_000),
  kept('a stamp of six days ago is kept', -6 * DAY_MS),
  {
    name: 'an answer never stands before what it answers',
    says: 'Four ideas 6',
    async run({ alice, join, write, stamp }) {
      const guest = await join(alice)
      const early = stamp(-60_000)
      const parent = await write(guest)
      const child = await write(guest, { replyTo: parent.messageId, stamp: early })
      must((child.ack.stamp ?? '') > (parent.ack.stamp ?? ''), 'it does')
    },
  },
  {
    name: 'a fresh stamp is after every stamp that the room accepted',
    says: 'Four ideas 7',
    async run({ alice, join, write, stamp }) {
      const guest = await join(alice)
      const ahead = await write(guest, { stamp: stamp(45_000) })
      const fresh = await write(guest, { stamp: stamp(DAY_MS) })
      must((fresh.ack.stamp ?? '') > (ahead.ack.stamp ?? ''), 'it is not')
    },
  },
  {
    name: 'a stamp keeps the name of its clock',
    says: 'Stamps 1',
    async run({ alice, join, write }) {
      const { ack } = await write(await join(alice))
      same(parseStamp(ack.stamp ?? '').node, 'conformance', 'the node')
    },
  },
]

export const repeats: readonly Case[] = [
  {
    name: 'a repeat gets the same ack with dup, and no second event',
    says: 'ack 3',
    async run({ alice, join, write }) {
      const guest = await join(alice)
      const { frame, ack } = await write(guest)
      guest.send({ ...frame, attempt: 2 })
      same(await guest.next('ack', { id: frame.id }), { ...ack, dup: true }, 'the second ack')
      await guest.next('event', { id: frame.id })
      await guest.settle()
      same(guest.left('event'), [], 'a second event')
    },
  },
  {
    name: 'a repeat in the same array is a repeat',
    says: 'Four ideas 2',
    async run({ alice, join, message, page }) {
      const guest = await join(alice)
      const frame = message()
      guest.send(frame, frame)
      await guest.next('ack', { id: frame.id })
      await guest.next('ack', { id: frame.id, dup: true })
      same((await page(guest)).head, 1, 'head')
    },
  },
  {
    name: 'a repeat on another connection is a repeat',
    says: 'Four ideas 2',
    async run({ alice, join, write }) {
      const first = await join(alice)
      const { frame, ack } = await write(first)
      first.close()
      const second = await join(alice)
      second.send({ ...frame, attempt: 2 })
      same(await second.next('ack', { id: frame.id }), { ...ack, dup: true }, 'the ack')
    },
  },
  {
    name: 'stamp, attempt and time of a repeat may differ',
    says: 'Four ideas 2',
    async run({ alice, join, write, stamp }) {
      const guest = await join(alice)
      const { frame, ack } = await write(guest)
      guest.send({ ...frame, attempt: 3, at: frame.at + 5, stamp: stamp() })
      same((await guest.next('ack', { id: frame.id, dup: true })).stamp, ack.stamp, 'the stamp that counts')
    },
  },
  {
    name: 'another body under the same id is refused for good',
    says: 'nack 1',
    async run({ alice, join, write }) {
      const guest = await join(alice)
      const { frame } = await write(guest)
      guest.send({ ...frame, body: { text: 'Bye' } })
      await guest.next('nack', { id: frame.id, code: 'id_conflict', retryable: false })
    },
  },
  {
    name: 'another kind of operation under the same id is refused for good',
    says: 'nack 1',
    async run({ alice, join, write, update }) {
      const guest = await join(alice)
      const { frame, messageId } = await write(guest)
      guest.send(update(messageId, 'delete', { id: frame.id }))
      await guest.next('nack', { id: frame.id, code: 'id_conflict' })
    },
  },
  {
    name: 'the same id of somebody else is another message',
    says: 'Four ideas 2',
    async run({ alice, bob, join, write }) {
      const first = await write(await join(alice))
      const second = await write(await join(bob), { id: first.frame.id })
      must(second.messageId !== first.messageId, 'two messages share a messageId')
      same(second.ack.dup, undefined, 'dup')
    },
  },
  {
    name: 'the same id in another room is another message',
    says: 'Four ideas 2',
    async run({ alice, join, write, other }) {
      const guest = await join(alice)
      const first = await write(guest)
      const second = await write(guest, { id: first.frame.id, room: other('b') })
      must(second.messageId !== first.messageId, 'two messages share a messageId')
    },
  },
]
