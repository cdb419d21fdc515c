import { directRoom, WIRE } from 'tidings/protocol'
import { must, same } from '../failed.js'
import type { Case, Guest, Stage } from '../stage.js'

async function subscribe(stage: Stage, guest: Guest, rooms: readonly object[]): Promise<string> {
  const id = stage.name()
  guest.send({ type: 'subscribe', id, rooms })
  return id
}

export const rooms: readonly Case[] = [
  {
    name: 'a subscribe is answered for each room, by its id',
    says: 'subscribe 1',
    async run(stage) {
      const guest = await stage.join(stage.alice, [])
      const names = [stage.room, stage.other('b')]
      const id = await subscribe(
        stage,
        guest,
        names.map((room) => ({ room })),
      )
      for (const room of names) {
        const joined = await guest.next('subscribed', { id, room })
        same([joined.head, joined.seq, joined.unread], [0, 0, 0], 'an empty room')
      }
    },
  },
  {
    name: 'subscribed says where events join, and the next one follows it',
    says: 'subscribed 1',
    async run(stage) {
      const author = await stage.join(stage.alice)
      await stage.write(author)
      const other = await stage.join(stage.bob, [])
      await subscribe(stage, other, [{ room: stage.room }])
      const joined = await other.next('subscribed', { room: stage.room })
      same([joined.seq, joined.head], [1, 1], 'the position')
      const { frame } = await stage.write(author)
      same((await other.next('event', { id: frame.id })).prev, joined.cursor, 'prev of the next event')
      same(other.left('event'), [], 'events from before')
    },
  },
  {
    name: "another one's own room is refused",
    says: 'unsubscribed 1',
    async run(stage) {
      const guest = await stage.join(stage.alice, [])
      await subscribe(stage, guest, [{ room: `@${stage.bob.user}` }])
      const refused = await guest.next('unsubscribed', { room: `@${stage.bob.user}` })
      same(refused.retryable, false, 'retryable')
    },
  },
  {
    name: 'a direct room of two others is refused',
    says: 'unsubscribed 1',
    async run(stage) {
      const guest = await stage.join(stage.alice, [])
      const room = directRoom(stage.bob.user, stage.carol.user)
      await subscribe(stage, guest, [{ room }])
      await guest.next('unsubscribed', { room, retryable: false })
    },
  },
  {
    name: 'a direct room joins its two, and one refusal leaves other rooms alone',
    says: 'subscribe 1',
    async run(stage) {
      const guest = await stage.join(stage.alice, [])
      const room = directRoom(stage.alice.user, stage.bob.user)
      await subscribe(stage, guest, [{ room: `@${stage.bob.user}` }, { room }])
      await guest.next('unsubscribed', { room: `@${stage.bob.user}` })
      await guest.next('subscribed', { room })
    },
  },
  {
    name: 'what is refused sends no events',
    says: 'unsubscribed 1',
    async run(stage) {
      const room = directRoom(stage.bob.user, stage.carol.user)
      const guest = await stage.join(stage.alice, [])
      await subscribe(stage, guest, [{ room }])
      await guest.next('unsubscribed', { room })
      const member = await stage.join(stage.bob, [room])
      await stage.write(member, { room })
      await guest.settle()
      same(guest.left('event'), [], 'what came')
    },
  },
  {
    name: 'after an unsubscribe no events come, and pages still do',
    says: 'unsubscribe 1',
    async run(stage) {
      const [guest, author] = [await stage.join(stage.alice), await stage.join(stage.bob)]
      guest.send({ type: 'unsubscribe', rooms: [stage.room] })
      await guest.settle()
      same(guest.left('unsubscribed'), [], 'an answer')
      await stage.write(author)
      await guest.settle()
      same(guest.left('event'), [], 'what came')
      same((await stage.page(guest)).head, 1, 'head')
    },
  },
  {
    name: 'a room that is asked for again is joined anew, and each event comes once',
    says: 'subscribe 2',
    async run(stage) {
      const [guest, author] = [await stage.join(stage.alice), await stage.join(stage.bob)]
      const id = await subscribe(stage, guest, [{ room: stage.room }])
      await guest.next('subscribed', { id })
      const { frame } = await stage.write(author)
      await guest.next('event', { id: frame.id })
      await guest.settle()
      same(guest.left('event'), [], 'a second event')
    },
  },
  {
    name: 'a room beyond the limit is refused, and the others stay',
    says: 'subscribe 3',
    async run(stage) {
      const guest = await stage.join(stage.alice, [])
      const most = guest.welcome.limits.rooms
      const names = Array.from({ length: most + 1 }, (_, i) => stage.other(`many-${i}`))
      for (let i = 0; i < names.length; i += WIRE.roomsPerFrame)
        await subscribe(
          stage,
          guest,
          names.slice(i, i + WIRE.roomsPerFrame).map((room) => ({ room })),
        )
      await guest.next('unsubscribed', { code: 'too_many_rooms', retryable: false })
      await guest.next('subscribed', { room: names[0] ?? '' })
    },
  },
  {
    name: 'a room name of 128 characters is one, of 129 none',
    says: 'Sizes 1',
    async run(stage) {
      const guest = await stage.join(stage.alice, [])
      const longest = stage.room.padEnd(WIRE.idChars, '-')
      await subscribe(stage, guest, [{ room: longest }])
      await guest.next('subscribed', { room: longest })
      const id = await subscribe(stage, guest, [{ room: `${longest}-` }])
      await guest.next('error', { code: 'invalid', re: id })
    },
  },
  ...(
    [
      ['a line feed', '\n'],
      ['half of a surrogate pair', '\ud83e'],
      ['a zero', '\0'],
    ] as const
  ).map(
    ([what, character]): Case => ({
      name: `a room name with ${what} is none`,
      says: 'Transport 14',
      async run(stage) {
        const guest = await stage.join(stage.alice, [])
        const id = await subscribe(stage, guest, [{ room: `${stage.room}${character}` }])
        await guest.next('error', { code: 'invalid', re: id })
      },
    }),
  ),
  ...['__proto__', 'constructor', 'toString'].map(
    (word): Case => ({
      name: `a name like ${word} is a name like any other`,
      says: 'Transport 5',
      async run(stage) {
        const guest = await stage.join(stage.alice)
        const { frame, ack } = await stage.write(guest, { id: word })
        same([ack.seq, ack.dup], [1, undefined], 'the ack')
        guest.send({ ...frame, attempt: 2 })
        await guest.next('ack', { id: word, dup: true })
      },
    }),
  ),
]

export const resuming: readonly Case[] = [
  {
    name: 'a hello with a cursor and credit brings what was missed, under the name of the room',
    says: 'Room request 2',
    async run(stage) {
      const author = await stage.join(stage.alice)
      const first = await stage.write(author)
      const { cursor } = await author.next('event', { id: first.frame.id })
      await stage.write(author)
      const guest = await stage.greet(stage.bob, { rooms: [{ room: stage.room, cursor, pages: 4 }] })
      await guest.next('welcome')
      await guest.next('subscribed', { room: stage.room })
      const page = await guest.next('sync_response', { id: stage.room })
      same([page.messages.map(({ seq }) => seq), page.prev, page.hasMore], [[2], cursor, false], 'the page')
    },
  },
  {
    name: 'without credit no page is pushed',
    says: 'sync_credit 1',
    async run(stage) {
      const author = await stage.join(stage.alice)
      const { frame } = await stage.write(author)
      const { prev } = await author.next('event', { id: frame.id })
      const guest = await stage.greet(stage.bob, { rooms: [{ room: stage.room, cursor: prev }] })
      await guest.next('subscribed', { room: stage.room })
      await guest.settle()
      same(guest.left('sync_response'), [], 'what came')
    },
  },
  {
    name: 'a cursor that is not recognised brings a reset after subscribed, and no pages',
    says: 'subscribed 3',
    async run(stage) {
      const author = await stage.join(stage.alice)
      await stage.write(author)
      const guest = await stage.greet(stage.bob, {
        rooms: [{ room: stage.room, cursor: 'no cursor', pages: 4 }],
      })
      await guest.next('subscribed', { room: stage.room })
      await guest.next('reset', { room: stage.room, head: 1 })
      await guest.settle()
      same(guest.left('sync_response'), [], 'what came')
    },
  },
  {
    name: 'from the head only what is new comes, whatever the cursor',
    says: 'Room request 1',
    async run(stage) {
      const author = await stage.join(stage.alice)
      await stage.write(author)
      const guest = await stage.greet(stage.bob, {
        rooms: [{ room: stage.room, cursor: 'no cursor', pages: 4, from: 'head' }],
      })
      const joined = await guest.next('subscribed', { room: stage.room })
      await guest.settle()
      same([guest.left('reset'), guest.left('sync_response')], [[], []], 'what came')
      const { frame } = await stage.write(author)
      same((await guest.next('event', { id: frame.id })).prev, joined.cursor, 'prev')
    },
  },
  {
    name: 'pages and events together hold every position once',
    says: 'Four ideas 13',
    async run(stage) {
      const author = await stage.join(stage.alice)
      for (let i = 0; i < 5; i++) await stage.write(author)
      const start = (await stage.page(author, { dir: 'backward', limit: 5 })).prev
      const guest = await stage.greet(stage.bob, { rooms: [{ room: stage.room, cursor: start, pages: 9 }] })
      author.send(...Array.from({ length: 10 }, () => stage.message()))
      const joined = await guest.next('subscribed', { room: stage.room })
      const page = await guest.next('sync_response', { id: stage.room })
      const found = page.messages.map(({ seq }) => seq)
      for (let seq = joined.seq + 1; seq <= 15; seq++) await guest.next('event', { seq })
      must(!page.hasMore && found.length >= joined.seq, 'a position between page and events is missing')
      same(
        found.slice(0, joined.seq),
        Array.from({ length: joined.seq }, (_, i) => i + 1),
        'the page',
      )
    },
  },
]
