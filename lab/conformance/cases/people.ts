import { directRoom } from 'tidings/protocol'
import { must, same } from '../failed.js'
import type { Case, Guest, Stage } from '../stage.js'

const pair = async (stage: Stage): Promise<readonly [Guest, Guest]> => [
  await stage.join(stage.alice),
  await stage.join(stage.bob),
]

export const typing: readonly Case[] = [
  {
    name: 'a start is told to the others in the room, for five seconds',
    says: 'typing_start, by a server 1',
    async run(stage) {
      const [alice, bob] = await pair(stage)
      alice.send({ type: 'typing_start', room: stage.room })
      const start = await bob.next('typing_start', { room: stage.room, userId: stage.alice.user })
      same(start.expires, 5_000, 'expires')
      await alice.settle()
      same(alice.left('typing_start'), [], 'what came to the author')
    },
  },
  {
    name: "a start is not told to the author's other devices",
    says: 'typing_start, by a server 1',
    async run(stage) {
      const [phone, laptop] = [await stage.join(stage.alice), await stage.join(stage.alice)]
      const bob = await stage.join(stage.bob)
      phone.send({ type: 'typing_start', room: stage.room })
      await bob.next('typing_start')
      await laptop.settle()
      same(laptop.left('typing_start'), [], 'what came')
    },
  },
  {
    name: 'a stop passes at once after a start',
    says: 'typing_stop, by a client 1',
    async run(stage) {
      const [alice, bob] = await pair(stage)
      alice.send({ type: 'typing_start', room: stage.room }, { type: 'typing_stop', room: stage.room })
      await bob.next('typing_stop', { room: stage.room, userId: stage.alice.user })
    },
  },
  {
    name: 'ten starts in a second are told as one or two',
    says: 'typing_start, by a client 2',
    async run(stage) {
      const [alice, bob] = await pair(stage)
      for (let i = 0; i < 10; i++) alice.send({ type: 'typing_start', room: stage.room })
      await alice.settle()
      await bob.next('typing_start')
      await bob.settle()
      must(bob.left('typing_start').length <= 1, 'more were told')
    },
  },
  {
    name: 'the recipient names the direct room',
    says: 'typing_start, by a client 3',
    async run(stage) {
      const room = directRoom(stage.alice.user, stage.bob.user)
      const [alice, bob] = [await stage.join(stage.alice, [room]), await stage.join(stage.bob, [room])]
      alice.send({ type: 'typing_start', recipientId: stage.bob.user })
      await bob.next('typing_start', { room, userId: stage.alice.user })
    },
  },
  {
    name: 'a start for nobody is ignored',
    says: 'typing_start, by a client 3',
    async run(stage) {
      const alice = await stage.join(stage.alice)
      alice.send({ type: 'typing_start' })
      await alice.settle()
      same(alice.left('error'), [], 'what came')
    },
  },
  {
    name: 'who may not see a room is not shown as typing there',
    says: 'typing_start, by a server 1',
    async run(stage) {
      const room = directRoom(stage.bob.user, stage.carol.user)
      const [bob, alice] = [await stage.join(stage.bob, [room]), await stage.join(stage.alice)]
      alice.send({ type: 'typing_start', room })
      await alice.settle()
      await bob.settle()
      same(bob.left('typing_start'), [], 'what came')
    },
  },
  {
    name: 'a start ends with the last connection of who types',
    says: 'typing_stop, by a server 1',
    async run(stage) {
      const [alice, bob] = await pair(stage)
      alice.send({ type: 'typing_start', room: stage.room })
      await bob.next('typing_start')
      alice.close()
      await bob.next('typing_stop', { userId: stage.alice.user })
    },
  },
]

export const receipts: readonly Case[] = [
  {
    name: 'who has read is told to everybody in the room',
    says: 'read_receipt, by a server 1',
    async run(stage) {
      const [alice, bob] = await pair(stage)
      const { ack } = await stage.write(alice)
      bob.send({ type: 'read_receipt', room: stage.room, upTo: ack.seq, at: ack.ts })
      for (const guest of [alice, bob]) {
        const { readers } = await guest.next('read_receipt', { room: stage.room })
        same(
          readers.map(({ readBy, upTo }) => [readBy, upTo]),
          [[stage.bob.user, 1]],
          'readers',
        )
      }
    },
  },
  {
    name: 'a mark is kept, and what came after it counts as unread',
    says: 'read_receipt, by a client 3',
    async run(stage) {
      const [alice, bob] = await pair(stage)
      const { ack } = await stage.write(alice)
      bob.send({ type: 'read_receipt', room: stage.room, upTo: 1, at: ack.ts })
      await bob.next('read_receipt')
      await stage.write(alice)
      await stage.write(bob)
      const again = await stage.greet(stage.bob, { rooms: [{ room: stage.room }] })
      const joined = await again.next('subscribed', { room: stage.room })
      same([joined.mark, joined.unread], [1, 1], 'mark and unread')
      const { readers } = await again.next('read_receipt', { room: stage.room })
      same(
        readers.map(({ readBy, upTo }) => [readBy, upTo]),
        [[stage.bob.user, 1]],
        'readers',
      )
    },
  },
  {
    name: 'a mark never goes back and never passes the head',
    says: 'read_receipt, by a client 4',
    async run(stage) {
      const [alice, bob] = await pair(stage)
      for (let i = 0; i < 3; i++) await stage.write(alice)
      bob.send({ type: 'read_receipt', room: stage.room, upTo: 999, at: 1 })
      same((await alice.next('read_receipt')).readers[0]?.upTo, 3, 'upTo')
      bob.send({ type: 'read_receipt', room: stage.room, upTo: 1, at: 2 })
      await stage.write(alice)
      bob.send({ type: 'read_receipt', room: stage.room, upTo: 4, at: 3 })
      same((await alice.next('read_receipt')).readers[0]?.upTo, 4, 'upTo')
    },
  },
  {
    name: 'messages may be named instead of a position; unknown ones are left out',
    says: 'read_receipt, by a client 4',
    async run(stage) {
      const [alice, bob] = await pair(stage)
      const { messageId } = await stage.write(alice)
      await stage.write(alice)
      const messageIds = [stage.name(), messageId]
      bob.send({ type: 'read_receipt', room: stage.room, messageIds, at: 1 })
      same((await alice.next('read_receipt')).readers[0]?.upTo, 1, 'upTo')
    },
  },
  {
    name: 'a receipt for a room that may not be read is ignored',
    says: 'read_receipt, by a client 5',
    async run(stage) {
      const room = directRoom(stage.bob.user, stage.carol.user)
      const [bob, alice] = [await stage.join(stage.bob, [room]), await stage.join(stage.alice)]
      await stage.write(bob, { room })
      alice.send({ type: 'read_receipt', room, upTo: 1, at: 1 })
      await alice.settle()
      bob.send({ type: 'read_receipt', room, upTo: 1, at: 1 })
      const { readers } = await bob.next('read_receipt', { room })
      must(!readers.some(({ readBy }) => readBy === stage.alice.user), 'it is told')
    },
  },
]

const watch = (guest: Guest, add: object): void => guest.send({ type: 'presence', watch: { add } })

export const presence: readonly Case[] = [
  {
    name: 'watching a room is answered with who is there',
    says: 'presence 3',
    async run(stage) {
      const [alice] = await pair(stage)
      watch(alice, { rooms: [stage.room] })
      const update = await alice.next('presence_update', { room: stage.room })
      const names = (update.users ?? []).map(({ userId }) => userId)
      must(names.includes(stage.bob.user), `only ${names.join()} are told`)
    },
  },
  {
    name: 'a change is told to those who watch, and to nobody else',
    says: 'presence 3',
    async run(stage) {
      const [alice, bob] = await pair(stage)
      const carol = await stage.join(stage.carol)
      watch(alice, { rooms: [stage.room] })
      await alice.next('presence_update')
      const custom = stage.name()
      bob.send({ type: 'presence', status: 'busy', custom })
      // Others of this user may have come or gone meanwhile: the update that tells of this change is the one that counts.
      let told: string | undefined
      while (told !== custom) {
        const { users = [] } = await alice.next('presence_update')
        const found = users.find(({ userId }) => userId === stage.bob.user)
        told = found?.custom
        if (told === custom) same(found?.status, 'busy', 'status')
      }
      await carol.settle()
      same(carol.left('presence_update'), [], 'what came to who does not watch')
    },
  },
  {
    name: "a room of others is not watched, and another one's own room neither",
    says: 'presence 4',
    async run(stage) {
      const alice = await stage.join(stage.alice)
      await stage.join(stage.bob, [directRoom(stage.bob.user, stage.carol.user)])
      watch(alice, { rooms: [directRoom(stage.bob.user, stage.carol.user), `@${stage.bob.user}`] })
      await alice.settle()
      await alice.settle()
      const users = alice.left('presence_update').flatMap((update) => update.users ?? [])
      same(users, [], 'who is told')
    },
  },
]
