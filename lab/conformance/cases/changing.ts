import type { ClientFrames } from 'tidings/protocol'
import { must, same } from '../failed.js'
import type { Case, Guest, Stage, Written } from '../stage.js'

type Update = ClientFrames['message_update']

/** A message of alice's, and a change of it. */
async function changed(
  stage: Stage,
  change: (written: Written, guest: Guest) => Update | readonly Update[],
): Promise<{ guest: Guest; written: Written; updates: readonly Update[] }> {
  const guest = await stage.join(stage.alice)
  const written = await stage.write(guest)
  const updates = [change(written, guest)].flat()
  guest.send(...updates)
  return { guest, written, updates }
}

/** The message as a page shows it now. */
async function shown(stage: Stage, guest: Guest, messageId: string) {
  const { messages } = await stage.page(guest)
  const entry = messages.find((each) => 'messageId' in each && each.messageId === messageId)
  must(entry !== undefined && 'messageId' in entry, 'the page does not hold the message')
  return entry
}

const refusal = (
  name: string,
  says: string,
  code: string,
  change: (stage: Stage, messageId: string) => Update,
): Case => ({
  name,
  says,
  async run(stage) {
    const { guest, updates } = await changed(stage, ({ messageId }) => change(stage, messageId))
    await guest.next('nack', { id: updates[0]?.id ?? '', code, retryable: false })
  },
})

const edits: readonly Case[] = [
  {
    name: 'an edit raises the version and tells the new body',
    says: 'message_update 1',
    async run(stage) {
      const { guest, written, updates } = await changed(stage, ({ messageId }) =>
        stage.update(messageId, 'edit', { body: { text: 'Bye' } }),
      )
      const id = updates[0]?.id ?? ''
      same((await guest.next('ack', { id })).version, 2, 'version')
      const event = await guest.next('event', { id })
      same([event.kind, event.body, event.version], ['edit', { text: 'Bye' }, 2], 'the event')
      same([event.target?.messageId, event.target?.seq], [written.messageId, 1], 'target')
      const entry = await shown(stage, guest, written.messageId)
      same([entry.body, entry.version, entry.edited, entry.rev], [{ text: 'Bye' }, 2, true, 2], 'the message')
    },
  },
  {
    name: 'a change may name its message by an earlier operation, in the same array too',
    says: 'message_update 2',
    async run({ alice, join, message, update }) {
      const guest = await join(alice)
      const frame = message()
      const edit = update(frame.id, 'edit', { body: 'two' })
      guest.send(frame, edit)
      const { messageId } = await guest.next('ack', { id: frame.id })
      same((await guest.next('event', { id: edit.id })).target?.messageId, messageId, 'target')
    },
  },
  {
    name: 'a repeat of an edit is a repeat',
    says: 'ack 3',
    async run(stage) {
      const { guest, updates } = await changed(stage, ({ messageId }) =>
        stage.update(messageId, 'edit', { body: 'two' }),
      )
      const id = updates[0]?.id ?? ''
      const ack = await guest.next('ack', { id })
      guest.send({ ...updates[0], attempt: 2 })
      same(await guest.next('ack', { id }), { ...ack, dup: true }, 'the second ack')
    },
  },
  {
    name: 'the later edit wins, whichever comes first',
    says: 'message_update 6',
    async run(stage) {
      const { guest, written, updates } = await changed(stage, ({ messageId }) => [
        stage.update(messageId, 'edit', { body: 'late', stamp: stage.stamp(2_000) }),
        stage.update(messageId, 'edit', { body: 'early', stamp: stage.stamp(1_000) }),
      ])
      await guest.next('ack', { id: updates[0]?.id ?? '', version: 2 })
      const lost = await guest.next('ack', { id: updates[1]?.id ?? '' })
      same([lost.applied, lost.seq], [false, undefined], 'the ack of what lost')
      same((await shown(stage, guest, written.messageId)).body, 'late', 'the body')
    },
  },
  {
    name: 'an edit of the version it was made for is taken',
    says: 'message_update 5',
    async run(stage) {
      const { guest, updates } = await changed(stage, ({ messageId }) =>
        stage.update(messageId, 'edit', { body: 'two', baseVersion: 1 }),
      )
      await guest.next('ack', { id: updates[0]?.id ?? '', version: 2 })
    },
  },
  {
    name: 'an edit of an older version is refused, and told what is there now',
    says: 'message_update 5',
    async run(stage) {
      const { guest, updates } = await changed(stage, ({ messageId }) => [
        stage.update(messageId, 'edit', { body: 'two' }),
        stage.update(messageId, 'edit', { body: 'three', baseVersion: 1 }),
      ])
      const nack = await guest.next('nack', { id: updates[1]?.id ?? '', code: 'conflict' })
      same([nack.currentVersion, nack.currentValue, nack.retryable], [2, 'two', false], 'the answer')
    },
  },
  refusal('an edit without a body is refused', 'message_update 3', 'invalid', (stage, messageId) =>
    stage.update(messageId, 'edit'),
  ),
  refusal('an edit of nothing is refused', 'message_update 2', 'not_found', (stage) =>
    stage.update(stage.name(), 'edit', { body: 'two' }),
  ),
  {
    name: 'a change in another room than the message is refused',
    says: 'message_update 2',
    async run({ alice, join, write, update, other }) {
      const guest = await join(alice)
      const { messageId } = await write(guest)
      const edit = update(messageId, 'edit', { body: 'two', room: other('b') })
      guest.send(edit)
      await guest.next('nack', { id: edit.id, code: 'not_found' })
    },
  },
  ...(['edit', 'delete'] as const).map(
    (op): Case => ({
      name: `nobody may ${op} what another wrote`,
      says: 'message_update 4',
      async run({ alice, bob, join, write, update }) {
        const { messageId } = await write(await join(alice))
        const other = await join(bob)
        const change = update(messageId, op, op === 'edit' ? { body: 'mine' } : {})
        other.send(change)
        await other.next('nack', { id: change.id, code: 'forbidden', retryable: false })
      },
    }),
  ),
]

const deletes: readonly Case[] = [
  {
    name: 'a deleted message keeps its place and author, and loses its body',
    says: 'Log entry 3',
    async run(stage) {
      const { guest, written, updates } = await changed(stage, ({ messageId }) =>
        stage.update(messageId, 'delete'),
      )
      same((await guest.next('ack', { id: updates[0]?.id ?? '' })).version, 2, 'version')
      const entry = await shown(stage, guest, written.messageId)
      same([entry.seq, entry.from, entry.stamp], [1, stage.alice.user, written.ack.stamp], 'the tombstone')
      same([entry.deleted, entry.body], [true, undefined], 'the tombstone')
    },
  },
  {
    name: 'a deletion takes the bodies of earlier edits with it',
    says: 'Log entry 3',
    async run(stage) {
      const { guest, updates } = await changed(stage, ({ messageId }) => [
        stage.update(messageId, 'edit', { body: 'secret' }),
        stage.update(messageId, 'delete'),
      ])
      await guest.next('ack', { id: updates[1]?.id ?? '' })
      const { messages } = await stage.page(guest)
      must(!JSON.stringify(messages).includes('secret'), 'a page still shows one')
    },
  },
  ...(['react', 'delete'] as const).map(
    (op): Case => ({
      name: `${op} of a deleted message changes nothing and takes no position`,
      says: 'message_update 7',
      async run(stage) {
        const { guest, updates } = await changed(stage, ({ messageId }) => [
          stage.update(messageId, 'delete'),
          stage.update(messageId, op, op === 'delete' ? {} : { body: 'x' }),
        ])
        const ack = await guest.next('ack', { id: updates[1]?.id ?? '' })
        same([ack.applied, ack.seq], [false, undefined], 'the ack')
        same((await stage.page(guest)).head, 2, 'head')
      },
    }),
  ),
]

const afterDeletion: readonly Case[] = [
  {
    name: 'an edit of a deleted message is refused, so that its text is not lost unheard',
    says: 'message_update 8',
    async run(stage) {
      const { guest, updates } = await changed(stage, ({ messageId }) => [
        stage.update(messageId, 'delete'),
        stage.update(messageId, 'edit', { body: 'x' }),
      ])
      await guest.next('nack', { id: updates[1]?.id ?? '', code: 'deleted', retryable: false })
      same((await stage.page(guest)).head, 2, 'head')
    },
  },
  {
    name: 'what was refused as a conflict may come again under the same id',
    says: 'message_update 9',
    async run(stage) {
      const { guest, written, updates } = await changed(stage, ({ messageId }) => [
        stage.update(messageId, 'edit', { body: 'two' }),
        stage.update(messageId, 'edit', { body: 'three', baseVersion: 1 }),
      ])
      const id = updates[1]?.id ?? ''
      await guest.next('nack', { id, code: 'conflict', currentVersion: 2 })
      guest.send({ ...updates[1], body: 'two and three', baseVersion: 2, attempt: 2 })
      await guest.next('ack', { id, version: 3 })
      same((await shown(stage, guest, written.messageId)).body, 'two and three', 'the body')
    },
  },
]

const reactions: readonly Case[] = [
  {
    name: 'anybody may react, and pages show who did',
    says: 'Log entry 1',
    async run(stage) {
      const author = await stage.join(stage.alice)
      const { messageId } = await stage.write(author)
      const other = await stage.join(stage.bob)
      const [mine, theirs] = [
        stage.update(messageId, 'react', { body: '👋' }),
        stage.update(messageId, 'react', { body: '👋' }),
      ]
      author.send(mine)
      await author.next('ack', { id: mine.id })
      other.send(theirs)
      await other.next('ack', { id: theirs.id })
      const entry = await shown(stage, other, messageId)
      same(
        [...(entry.reactions?.['👋'] ?? [])].sort(),
        [stage.alice.user, stage.bob.user].sort(),
        'the users',
      )
      same(entry.version, 1, 'version')
    },
  },
  {
    name: 'a reaction that is there already changes nothing',
    says: 'message_update 7',
    async run(stage) {
      const { guest, updates } = await changed(stage, ({ messageId }) => [
        stage.update(messageId, 'react', { body: '👋' }),
        stage.update(messageId, 'react', { body: '👋' }),
      ])
      await guest.next('ack', { id: updates[0]?.id ?? '' })
      same((await guest.next('ack', { id: updates[1]?.id ?? '' })).applied, false, 'applied')
    },
  },
  {
    name: 'a reaction is taken back',
    says: 'message_update 3',
    async run(stage) {
      const { guest, written, updates } = await changed(stage, ({ messageId }) => [
        stage.update(messageId, 'react', { body: '👋' }),
        stage.update(messageId, 'unreact', { body: '👋' }),
      ])
      await guest.next('ack', { id: updates[1]?.id ?? '' })
      same((await shown(stage, guest, written.messageId)).reactions ?? {}, {}, 'reactions')
    },
  },
  {
    name: 'taking back what is not there changes nothing',
    says: 'message_update 7',
    async run(stage) {
      const { guest, updates } = await changed(stage, ({ messageId }) =>
        stage.update(messageId, 'unreact', { body: '👋' }),
      )
      same((await guest.next('ack', { id: updates[0]?.id ?? '' })).applied, false, 'applied')
    },
  },
  refusal('a reaction that is no text is refused', 'message_update 3', 'invalid', (stage, messageId) =>
    stage.update(messageId, 'react', { body: { emoji: '👋' } }),
  ),
  refusal('a reaction of 33 characters is refused', 'message_update 3', 'invalid', (stage, messageId) =>
    stage.update(messageId, 'react', { body: 'x'.repeat(33) }),
  ),
]

export const changing: readonly Case[] = [...edits, ...deletes, ...afterDeletion, ...reactions]
