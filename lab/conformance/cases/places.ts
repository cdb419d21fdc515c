import { must, same } from '../failed.js'
import type { Case } from '../stage.js'
import { filled, seqs } from './filled.js'

export const places: readonly Case[] = [
  {
    name: 'a page around a message has it in its middle',
    says: 'sync_request 11',
    async run(stage) {
      const { guest, cursors } = await filled(stage, 2)
      const { messageId } = await stage.write(guest)
      for (let i = 0; i < 3; i++) await stage.write(guest)
      const page = await stage.page(guest, { limit: 4, around: { messageId } })
      const found = seqs(page.messages)
      must(found.includes(3) && found.length <= 4, `the page holds ${found.join()}`)
      must(found.some((seq = 0) => seq < 3) && found.some((seq = 0) => seq > 3), `it holds ${found.join()}`)
      must(page.prev !== cursors[1], 'it begins with the message')
    },
  },
  {
    name: 'the place may be an operation of the same user, and not of another',
    says: 'sync_request 12',
    async run(stage) {
      const guest = await stage.join(stage.alice)
      const { frame } = await stage.write(guest)
      await stage.write(guest)
      same(
        seqs((await stage.page(guest, { limit: 2, around: { messageId: frame.id } })).messages)[0],
        1,
        'seq',
      )
      const other = await stage.join(stage.bob)
      const id = stage.name()
      const around = { messageId: frame.id }
      other.send({ type: 'sync_request', id, room: stage.room, limit: 2, around })
      await other.next('error', { re: id, code: 'not_found' })
    },
  },
  {
    name: 'a place beyond the head is the head, and time zero the start',
    says: 'sync_request 12',
    async run(stage) {
      const { guest } = await filled(stage, 6)
      const last = seqs((await stage.page(guest, { limit: 2, around: { seq: 999 } })).messages)
      must(last.includes(6), `the page holds ${last.join()}`)
      const first = seqs((await stage.page(guest, { limit: 2, around: { ts: 0 } })).messages)
      must(first.includes(1), `the page holds ${first.join()}`)
    },
  },
  {
    name: 'a place that is not there is answered by an error',
    says: 'sync_request 13',
    async run(stage) {
      const { guest } = await filled(stage, 1)
      const id = stage.name()
      const around = { messageId: stage.name() }
      guest.send({ type: 'sync_request', id, room: stage.room, limit: 2, around })
      await guest.next('error', { re: id, code: 'not_found' })
    },
  },
]

export const cursors: readonly Case[] = [
  {
    name: 'a position has one cursor in every frame',
    says: 'Four ideas 12',
    async run(stage) {
      const { guest, cursors: known } = await filled(stage, 2)
      const other = await stage.greet(stage.bob, { rooms: [{ room: stage.room }] })
      await other.next('welcome')
      same((await other.next('subscribed')).cursor, known[1], 'the cursor in subscribed')
      same((await stage.page(guest, { limit: 1 })).cursor, known[0], 'the cursor of a page')
      same((await stage.page(guest, { limit: 1, cursor: known[0] })).prev, known[0], 'the prev of a page')
    },
  },
  {
    name: 'two logs that differ share no cursor',
    says: 'Four ideas 12',
    async run(stage) {
      const { guest, cursors: known } = await filled(stage, 1)
      const { frame } = await stage.write(guest, { room: stage.other('b') })
      const page = await stage.page(guest, { room: stage.other('b') })
      must(frame.room !== stage.room && page.cursor !== known[0], 'they do')
    },
  },
  {
    name: 'a cursor that is none is answered by a reset',
    says: 'sync_request 8',
    async run(stage) {
      const { guest } = await filled(stage, 1)
      guest.send({ type: 'sync_request', id: stage.name(), room: stage.room, limit: 10, cursor: 'no cursor' })
      const reset = await guest.next('reset', { room: stage.room })
      same(reset.head, 1, 'head')
    },
  },
  {
    name: 'a cursor of another room is answered by a reset',
    says: 'sync_request 8',
    async run(stage) {
      const { guest, cursors: known } = await filled(stage, 2)
      const room = stage.other('b')
      for (let i = 0; i < 3; i++) await stage.write(guest, { room })
      guest.send({ type: 'sync_request', id: stage.name(), room, limit: 10, cursor: known[1] })
      await guest.next('reset', { room })
    },
  },
  {
    name: 'of several checkpoints the newest that is known counts',
    says: 'sync_request 6',
    async run(stage) {
      const { guest, cursors: known } = await filled(stage, 3)
      const page = await stage.page(guest, { checkpoints: ['no cursor', known[1], known[0]] })
      same([page.prev, seqs(page.messages)], [known[1], [3]], 'the page')
    },
  },
  {
    name: 'of no known checkpoint the prev is null, and the page starts with the log',
    says: 'sync_request 6',
    async run(stage) {
      const { guest } = await filled(stage, 2)
      const page = await stage.page(guest, { checkpoints: ['no cursor', 'neither'] })
      same([page.prev, seqs(page.messages)], [null, [1, 2]], 'the page')
    },
  },
]
