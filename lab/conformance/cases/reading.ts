import { must, same } from '../failed.js'
import type { Case } from '../stage.js'
import { filled, seqs } from './filled.js'

export const reading: readonly Case[] = [
  {
    name: 'a forward page without a cursor starts with the log',
    says: 'sync_request 3',
    async run(stage) {
      const { guest, cursors } = await filled(stage, 3)
      const page = await stage.page(guest)
      same([seqs(page.messages), page.hasMore, page.head, page.seq], [[1, 2, 3], false, 3, 3], 'the page')
      same([page.prev, page.cursor], [null, cursors[2]], 'its ends')
    },
  },
  {
    name: 'a forward page starts after its cursor and holds at most its limit',
    says: 'sync_request 3',
    async run(stage) {
      const { guest, cursors } = await filled(stage, 5)
      const page = await stage.page(guest, { cursor: cursors[0], limit: 2 })
      same([seqs(page.messages), page.hasMore], [[2, 3], true], 'the page')
      same([page.prev, page.cursor], [cursors[0], cursors[2]], 'its ends')
    },
  },
  {
    name: 'forward pages follow each other by their cursors, to the end',
    says: 'sync_response 3',
    async run(stage) {
      const { guest } = await filled(stage, 5)
      const found: (number | undefined)[] = []
      let page = await stage.page(guest, { limit: 2 })
      found.push(...seqs(page.messages))
      for (let turns = 0; page.hasMore && turns < 9; turns++) {
        const { cursor } = page
        page = await stage.page(guest, { limit: 2, cursor })
        same(page.prev, cursor, 'prev')
        found.push(...seqs(page.messages))
      }
      same(found, [1, 2, 3, 4, 5], 'the positions')
    },
  },
  {
    name: 'a page from the head is empty and leads nowhere',
    says: 'sync_response 4',
    async run(stage) {
      const { guest, cursors } = await filled(stage, 2)
      const page = await stage.page(guest, { cursor: cursors[1] })
      same(
        [page.messages, page.hasMore, page.prev, page.cursor],
        [[], false, cursors[1], cursors[1]],
        'the page',
      )
    },
  },
  {
    name: 'an empty room has a page without entries',
    says: 'sync_response 1',
    async run(stage) {
      const page = await stage.page(await stage.join(stage.alice))
      same([page.messages, page.hasMore, page.head, page.seq], [[], false, 0, 0], 'the page')
    },
  },
  {
    name: 'a backward page without a cursor ends at the head',
    says: 'sync_request 4',
    async run(stage) {
      const { guest, cursors } = await filled(stage, 5)
      const page = await stage.page(guest, { dir: 'backward', limit: 2 })
      same([seqs(page.messages), page.hasMore], [[4, 5], true], 'the page, in order of seq')
      same([page.prev, page.cursor], [cursors[2], cursors[4]], 'its ends')
    },
  },
  {
    name: 'backward pages follow each other by their prev, to the start',
    says: 'sync_response 3',
    async run(stage) {
      const { guest, cursors } = await filled(stage, 3)
      const page = await stage.page(guest, { dir: 'backward', limit: 2, cursor: cursors[2] })
      same(seqs(page.messages), [2, 3], 'the page')
      const before = await stage.page(guest, { dir: 'backward', limit: 2, cursor: page.prev })
      same([seqs(before.messages), before.hasMore], [[1], false], 'the page before it')
    },
  },
  {
    name: 'backward pages count messages and bring the operations between them',
    says: 'sync_request 4',
    async run(stage) {
      const { guest } = await filled(stage, 1)
      const { messageId } = await stage.write(guest)
      for (const body of ['1', '2', '3']) {
        const edit = stage.update(messageId, 'edit', { body })
        guest.send(edit)
        await guest.next('ack', { id: edit.id })
      }
      const page = await stage.page(guest, { dir: 'backward', limit: 1 })
      same(seqs(page.messages), [2, 3, 4, 5], 'the page')
    },
  },
  {
    name: 'credit brings more pages unasked, and no more than that',
    says: 'sync_request 5',
    async run(stage) {
      const { guest } = await filled(stage, 6)
      const id = stage.name()
      guest.send({ type: 'sync_request', id, room: stage.room, limit: 2, pages: 1 })
      same(seqs((await guest.next('sync_response', { id })).messages), [1, 2], 'the first page')
      same(seqs((await guest.next('sync_response', { id })).messages), [3, 4], 'the second page')
      await guest.settle()
      same(guest.left('sync_response'), [], 'a third page without credit')
      guest.send({ type: 'sync_credit', id, pages: 1 })
      const last = await guest.next('sync_response', { id })
      same([seqs(last.messages), last.hasMore], [[5, 6], false], 'the third page')
    },
  },
  {
    name: 'credit for a stream that is over is ignored',
    says: 'sync_credit 2',
    async run(stage) {
      const { guest } = await filled(stage, 1)
      await stage.page(guest)
      guest.send({ type: 'sync_credit', id: stage.name(), pages: 5 })
      await guest.settle()
      same(guest.left('error'), [], 'what came')
    },
  },
  {
    name: 'a room that was not joined may be read',
    says: 'sync_request 1',
    async run(stage) {
      await filled(stage, 2)
      const guest = await stage.join(stage.bob, [])
      same(seqs((await stage.page(guest)).messages), [1, 2], 'the page')
    },
  },
  {
    name: "another one's own room may not be read",
    says: 'sync_request 9',
    async run({ alice, bob, join, name }) {
      const guest = await join(alice, [])
      const id = name()
      guest.send({ type: 'sync_request', id, room: `@${bob.user}`, limit: 10 })
      await guest.next('error', { re: id, retryable: false })
    },
  },
  {
    name: 'a page is cut by size as well, and never below one message',
    says: 'Sizes 2',
    async run(stage) {
      const guest = await stage.join(stage.alice, [])
      const body = 'x'.repeat(30_000)
      for (let i = 0; i < 10; i++) await stage.write(guest, { body })
      const page = await stage.page(guest)
      must(JSON.stringify(page).length <= 256 * 1024 + 1_024, 'a page is larger than 256 KiB')
      must(page.messages.length > 0 && page.hasMore, 'it is not cut')
    },
  },
  {
    name: 'reactions and edits stand in their places, and their results in the message',
    says: 'Log entry 2',
    async run(stage) {
      const { guest } = await filled(stage, 1)
      const { messageId } = await stage.write(guest)
      const edit = stage.update(messageId, 'edit', { body: 'two' })
      guest.send(edit)
      await guest.next('ack', { id: edit.id })
      const { messages } = await stage.page(guest)
      same(
        messages.map(({ kind }) => kind),
        ['create', 'create', 'edit'],
        'the kinds',
      )
      const [, message] = messages
      same(message?.kind === 'create' && [message.body, message.rev], ['two', 3], 'the message')
    },
  },
  {
    name: 'rows since a timestamp come oldest first',
    says: 'Backends without cursors 2',
    async run(stage) {
      const { guest } = await filled(stage, 3)
      const page = await stage.page(guest, { lastSyncTimestamp: 0, limit: 2 })
      same([seqs(page.messages), page.hasMore], [[1, 2], true], 'the rows')
    },
  },
]
