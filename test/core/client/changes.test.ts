import type { Operation } from 'tidings-server'
import { afterEach, describe, expect, it } from 'vitest'
import type { Storage } from '../../../src/core/seams/storage.js'
import { start } from './steps.js'
import { createWorld, messages, type Tab, texts, type World } from './world.js'

let world: World
afterEach(() => world.end())

/** A world whose log tells which operations it was given. */
function watched(options: Parameters<typeof createWorld>[0] = {}) {
  world = createWorld({ latencyMs: 5, ...options })
  const asked: Operation[] = []
  const { append } = world.log
  Object.assign(world.log, {
    append: (operations: readonly Operation[]) => {
      asked.push(...operations)
      return append(operations)
    },
  })
  return { asked, kinds: () => asked.map(({ kind }) => kind) }
}

const roomOf = ({ client }: Tab, name = 'general') => client.room(name)

async function offline(tab: Tab): Promise<Tab> {
  tab.link.refuse(true)
  tab.link.drop()
  await world.timeline.advance(100)
  return tab
}

async function online(tab: Tab): Promise<void> {
  tab.link.refuse(false)
  tab.lifecycle.signal('online')
  await world.timeline.advance(60_000)
}

/** A tab in a tunnel, with what it has read before. */
async function inATunnel(user = 'alice'): Promise<Tab> {
  const tab = start(world.tab(world.profile(user)))
  await world.timeline.advance(200)
  return offline(tab)
}

const told = async (promise: Promise<void>): Promise<string> => {
  try {
    await promise
    return 'done'
  } catch (error) {
    return String(Reflect.get(Object(error), 'code'))
  }
}

describe('a change of a message that was never on the wire', () => {
  it('rewrites it: what arrives is one message as it was meant in the end, and nothing says that it was edited', async () => {
    const { asked } = watched()
    const bob = start(world.tab(world.profile('bob')))
    const alice = await inATunnel()
    const sent = roomOf(alice).send('Helo')
    const edits = [roomOf(alice).edit(sent.key, 'Hello'), roomOf(alice).edit(sent.key, 'Hello!')]
    expect(messages(alice.client)).toMatchObject([{ body: 'Hello!', version: 1, edited: false }])
    const confirmed = Promise.all(edits.map((edit) => edit.confirmed()))
    await Promise.all(edits.map((edit) => edit.queued()))
    await online(alice)
    await confirmed
    expect(asked).toMatchObject([{ kind: 'create', body: '"Hello!"', id: sent.key }])
    expect(messages(bob.client)).toMatchObject([{ body: 'Hello!', version: 1, edited: false }])
  })

  it('is kept over a crash: the text of the last edit is what comes back, and what is sent', async () => {
    const { asked } = watched()
    const profile = world.profile('alice')
    const first = world.tab(profile)
    first.link.refuse(true)
    start(first)
    await world.timeline.advance(100)
    const sent = roomOf(first).send('Helo')
    await sent.queued()
    await roomOf(first).edit(sent.key, 'Hello').queued()
    first.crash()
    const second = start(world.tab(profile))
    await world.timeline.advance(60_000)
    expect(messages(second.client)).toMatchObject([{ key: sent.key, body: 'Hello', status: 'confirmed' }])
    expect(asked).toMatchObject([{ kind: 'create', body: '"Hello"' }])
  })

  it('deleted, it is gone without a trace, with what was done to it', async () => {
    const { asked } = watched()
    const alice = await inATunnel()
    const room = roomOf(alice)
    const sent = room.send('never mind')
    const promises = [sent.confirmed().then(() => undefined), room.react(sent.key, '👍').confirmed()]
    const results = Promise.all(promises.map(told))
    const removal = room.remove(sent.key)
    expect(messages(alice.client)).toEqual([])
    await removal.queued()
    await removal.confirmed()
    expect(await results).toEqual(['discarded', 'discarded'])
    await online(alice)
    expect(asked).toEqual([])
    expect(alice.client.outbox.get()).toMatchObject({ pending: 0, failed: 0, bytes: 0 })
  })

  it('deleted while an answer to it waits, it is sent and deleted, so that the answer has its place', async () => {
    const { kinds } = watched()
    const alice = await inATunnel()
    const room = roomOf(alice)
    const parent = room.send('parent')
    const reply = room.send('reply', { replyTo: parent.key })
    room.remove(parent.key)
    await online(alice)
    expect(kinds()).toEqual(['create', 'create', 'delete'])
    const [tombstone, answer] = messages(alice.client)
    expect(tombstone).toMatchObject({ deleted: true, body: null })
    expect(answer).toMatchObject({ key: reply.key, replyTo: tombstone?.id, status: 'confirmed' })
  })

  it('an edit of a message that others have is rewritten by the next, with the time of the last', async () => {
    const { asked } = watched()
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(200)
    const sent = roomOf(alice).send('one')
    await world.timeline.advance(200)
    await offline(alice)
    roomOf(alice).edit(sent.key, 'two')
    await world.timeline.advance(10_000)
    roomOf(alice).edit(sent.key, 'three')
    const [edit] = messages(alice.client)
    expect(edit).toMatchObject({ body: 'three', version: 2 })
    await online(alice)
    expect(asked.slice(1)).toMatchObject([{ kind: 'edit', body: '"three"' }])
    expect((asked[1]?.stamp ?? '') > sent.message.stamp).toBe(true)
    expect(messages(alice.client)).toMatchObject([{ body: 'three', version: 2, status: 'confirmed' }])
  })

  it('goes with a deletion: edits and reactions that nobody has seen are not sent before it', async () => {
    const { kinds } = watched()
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(200)
    const sent = roomOf(alice).send('one')
    await world.timeline.advance(200)
    await offline(alice)
    roomOf(alice).edit(sent.key, 'two')
    roomOf(alice).react(sent.key, '👍')
    roomOf(alice).remove(sent.key)
    const again = roomOf(alice).remove(sent.key)
    await online(alice)
    await again.confirmed()
    expect(kinds()).toEqual(['create', 'delete'])
    expect(messages(alice.client)).toMatchObject([{ deleted: true, body: null, status: 'confirmed' }])
  })

  it.each(['edit', 'remove'] as const)(
    'that another tab has taken to the wire, which this one does not know yet, is changed all the same: %s',
    async (what) => {
      const { kinds } = watched()
      const profile = world.profile('alice')
      const one = start(world.tab(profile))
      const two = world.tab({
        ...profile,
        disk: { ...profile.disk, storage: () => deaf(profile.disk.storage()) },
      })
      two.link.refuse(true)
      await world.timeline.advance(200)
      await offline(one)
      start(two)
      await world.timeline.advance(100)
      const sent = roomOf(two).send('hello')
      await online(one)
      expect(kinds()).toEqual(['create'])
      expect(messages(two.client)).toMatchObject([{ status: 'delayed' }])
      const change = what === 'edit' ? roomOf(two).edit(sent.key, 'hello!') : roomOf(two).remove(sent.key)
      const confirmed = change.confirmed()
      await world.timeline.advance(1_000)
      expect(kinds()).toEqual(['create', what === 'edit' ? 'edit' : 'delete'])
      two.link.refuse(false)
      two.lifecycle.signal('online')
      await world.timeline.advance(30_000)
      await confirmed
      const shown = what === 'edit' ? { body: 'hello!' } : { deleted: true }
      for (const tab of [one, two]) expect(messages(tab.client)).toMatchObject([{ ...shown }])
    },
  )
})

/** A disk that does not tell what other tabs write. */
const deaf = (storage: Storage): Storage => ({
  ...storage,
  open: async (name) => ({ ...(await storage.open(name)), watch: () => () => undefined }),
})

describe('a message that another tab sends', () => {
  it('is confirmed to who waits for it in this one', async () => {
    watched()
    const profile = world.profile('alice')
    const [one, two] = [start(world.tab(profile)), world.tab(profile)]
    two.link.refuse(true)
    start(two)
    await world.timeline.advance(200)
    const sent = roomOf(two).send('hello')
    const verdicts: unknown[] = []
    void sent.confirmed().then(({ status }) => verdicts.push(status))
    await world.timeline.advance(1_000)
    expect(verdicts).toEqual(['confirmed'])
    expect(messages(one.client)).toMatchObject([{ body: 'hello' }])
  })

  it('and that fails there is told to who waits for it in this one', async () => {
    watched({ screen: () => ({ code: 'content_rejected', message: 'No.' }) })
    const profile = world.profile('alice')
    const [, two] = [start(world.tab(profile)), world.tab(profile)]
    two.link.refuse(true)
    start(two)
    await world.timeline.advance(200)
    const verdicts: string[] = []
    const sent = roomOf(two).send('hello')
    void told(sent.confirmed().then(() => undefined)).then((verdict) => verdicts.push(verdict))
    await world.timeline.advance(1_000)
    expect(verdicts).toEqual(['rejected'])
  })
})

describe('reactions', () => {
  it('are a set: the same one twice is one, and taking back what is not there does nothing', async () => {
    const { kinds } = watched()
    const bob = start(world.tab(world.profile('bob')))
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(200)
    const sent = roomOf(alice).send('one')
    await world.timeline.advance(200)
    const [seen] = messages(bob.client)
    const room = roomOf(bob)
    const key = seen?.key ?? sent.key
    room.react(key, '👍')
    await world.timeline.advance(200)
    await room.react(key, '👍').confirmed()
    await room.unreact(key, '🎉').confirmed()
    await world.timeline.advance(200)
    expect(kinds()).toEqual(['create', 'react'])
    expect(messages(alice.client)[0]?.reactions).toEqual([{ emoji: '👍', users: ['bob'] }])
    expect(bob.client.outbox.get().pending).toBe(0)
  })

  it('taken back before they were sent are not sent, and a reaction taken back and given again is one', async () => {
    const { kinds } = watched()
    const alice = await inATunnel()
    const room = roomOf(alice)
    const { key } = room.send('one')
    room.react(key, '👍')
    room.unreact(key, '👍')
    room.react(key, '🎉')
    room.unreact(key, '🎉')
    room.react(key, '🎉')
    expect(messages(alice.client)[0]?.reactions).toEqual([{ emoji: '🎉', users: ['alice'] }])
    await online(alice)
    expect(kinds()).toEqual(['create', 'react'])
    await offline(alice)
    room.unreact(key, '🎉')
    room.react(key, '🎉')
    await online(alice)
    expect(kinds()).toEqual(['create', 'react'])
    expect(messages(alice.client)[0]?.reactions).toEqual([{ emoji: '🎉', users: ['alice'] }])
  })

  it('given and taken back while the first is on its way end as they were meant last', async () => {
    watched({ latencyMs: 50 })
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(500)
    const { key } = roomOf(alice).send('one')
    await world.timeline.advance(500)
    roomOf(alice).react(key, '👍')
    await world.timeline.advance(20)
    roomOf(alice).unreact(key, '👍')
    expect(messages(alice.client)[0]?.reactions).toEqual([])
    await world.timeline.advance(1_000)
    expect(messages(alice.client)[0]?.reactions).toEqual([])
    expect(alice.client.outbox.get().pending).toBe(0)
  })

  it('of no or too many characters are refused at once, like a body that cannot travel', async () => {
    watched()
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(100)
    const { key } = roomOf(alice).send('one')
    for (const emoji of ['', 'x'.repeat(33), 7 as never])
      for (const act of [roomOf(alice).react, roomOf(alice).unreact])
        expect(() => act(key, emoji)).toThrow(expect.objectContaining({ code: 'invalid_body' }))
    await world.timeline.advance(100)
    expect(alice.client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
  })

  it('of two devices of one person are the reaction of one person', async () => {
    watched()
    const [phone, laptop] = [
      start(world.tab(world.profile('alice'))),
      start(world.tab(world.profile('alice'))),
    ]
    await world.timeline.advance(200)
    const { key } = roomOf(phone).send('one')
    await world.timeline.advance(200)
    for (const device of [phone, laptop]) await offline(device)
    roomOf(phone).react(key, '👍')
    roomOf(laptop).react(key, '👍')
    await online(phone)
    await online(laptop)
    for (const { client } of [phone, laptop]) {
      expect(messages(client)[0]?.reactions).toEqual([{ emoji: '👍', users: ['alice'] }])
      expect(client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
    }
    roomOf(laptop).unreact(key, '👍')
    await world.timeline.advance(200)
    for (const { client } of [phone, laptop]) expect(messages(client)[0]?.reactions).toEqual([])
  })
})

describe('a change of what is not there any more', () => {
  it('is told to who asks, and keeps the text with him: edits, reactions and answers of a deleted message', async () => {
    const { kinds } = watched()
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(200)
    const room = roomOf(alice)
    const { key } = room.send('one')
    await world.timeline.advance(200)
    room.remove(key)
    await world.timeline.advance(200)
    for (const change of [room.edit(key, 'two'), room.react(key, '👍'), room.unreact(key, '👍')]) {
      await expect(change.queued()).rejects.toMatchObject({ code: 'not_found', room: 'general' })
      await expect(change.confirmed()).rejects.toMatchObject({ code: 'not_found' })
    }
    await room.remove(key).confirmed()
    expect(kinds()).toEqual(['create', 'delete'])
    expect(alice.client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
  })

  it('S114: an edit made while another device deleted the message comes to light, and its text can be had', async () => {
    watched()
    const [phone, laptop] = [
      start(world.tab(world.profile('alice'))),
      start(world.tab(world.profile('alice'))),
    ]
    await world.timeline.advance(200)
    const { key } = roomOf(phone).send('one')
    await world.timeline.advance(200)
    await offline(laptop)
    const edit = roomOf(laptop).edit(key, 'two')
    const verdict = told(edit.confirmed())
    roomOf(phone).remove(key)
    await world.timeline.advance(200)
    await online(laptop)
    expect(await verdict).toBe('not_found')
    expect(messages(laptop.client)).toMatchObject([
      { deleted: true, body: null, status: 'failed', error: { code: 'not_found', edit: { yours: 'two' } } },
    ])
    expect(laptop.client.outbox.get()).toMatchObject({ pending: 0, failed: 1 })
    expect(roomOf(laptop).discard(key)).toBe(true)
    await world.timeline.advance(200)
    expect(messages(laptop.client)).toMatchObject([{ deleted: true, status: 'confirmed', error: null }])
  })

  it('in a room of others is refused by the server and shown as failed, and the message stays true', async () => {
    watched({
      authorize: ({ user, verb }) =>
        user === 'eve' && ['react', 'moderate'].includes(verb) ? 'forbidden' : 'allow',
    })
    const [alice, eve] = [start(world.tab(world.profile('alice'))), start(world.tab(world.profile('eve')))]
    await world.timeline.advance(200)
    roomOf(alice).send('one')
    await world.timeline.advance(200)
    const key = messages(eve.client)[0]?.key ?? ''
    const acts = [
      () => roomOf(eve).react(key, '👍'),
      () => roomOf(eve).edit(key, 'mine'),
      () => roomOf(eve).remove(key),
    ]
    for (const act of acts) {
      const verdict = told(act().confirmed())
      await world.timeline.advance(1_000)
      expect(await verdict).toBe('rejected')
    }
    expect(messages(eve.client)).toMatchObject([
      { body: 'one', deleted: false, reactions: [], status: 'failed' },
    ])
    expect(roomOf(eve).discard(key)).toBe(true)
    expect(messages(eve.client)).toMatchObject([{ body: 'one', status: 'confirmed', error: null }])
  })
})

describe('what depends on a message', () => {
  const strict = { screen: ({ body }: Operation) => (body === '"bad"' ? refusal : undefined) }
  const refusal = { code: 'content_rejected' as const, message: 'No.' }

  it('S106, S110: waits with it when it fails, and goes out without it when it is given up', async () => {
    const { asked } = watched(strict)
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(200)
    const room = roomOf(alice)
    const bad = room.send('bad')
    await world.timeline.advance(200)
    const reply = room.send('reply', { replyTo: bad.key })
    await world.timeline.advance(10_000)
    expect(messages(alice.client).map(({ status }) => status)).toEqual(['failed', 'delayed'])
    room.discard(bad.key)
    await world.timeline.advance(1_000)
    expect(asked.at(-1)).toMatchObject({ kind: 'create', body: '"reply"', id: reply.key })
    expect(messages(alice.client)).toMatchObject([{ body: 'reply', replyTo: null, status: 'confirmed' }])
  })

  it('waits along a whole chain: what concerns an answer to a refused message is not sent before the answer', async () => {
    const { asked } = watched(strict)
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(200)
    const room = roomOf(alice)
    const bad = room.send('bad')
    await world.timeline.advance(200)
    const reply = room.send('reply', { replyTo: bad.key })
    const second = room.send('second reply', { replyTo: reply.key })
    room.react(reply.key, '👍')
    await world.timeline.advance(10_000)
    expect(messages(alice.client).map(({ status }) => status)).toEqual(['failed', 'delayed', 'delayed'])
    expect(asked).toEqual([])
    room.discard(bad.key)
    await world.timeline.advance(1_000)
    expect(asked.map(({ id, kind }) => [kind, id])).toEqual([
      ['create', reply.key],
      ['create', second.key],
      ['react', expect.any(String)],
    ])
    expect(messages(alice.client).map(({ status }) => status)).toEqual(['confirmed', 'confirmed'])
  })

  it('is deleted with it: a message that was refused and then deleted is given up', async () => {
    watched(strict)
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(200)
    const bad = roomOf(alice).send('bad')
    await world.timeline.advance(200)
    roomOf(alice).edit(bad.key, 'better')
    const removal = roomOf(alice).remove(bad.key).confirmed()
    await world.timeline.advance(200)
    await removal
    expect(messages(alice.client)).toEqual([])
    expect(alice.client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
  })

  it('on two devices: an edit of one and an answer of the other meet, whichever reconnects first', async () => {
    for (const laptopFirst of [true, false]) {
      watched()
      const devices = [
        start(world.tab(world.profile('alice'))),
        start(world.tab(world.profile('alice'))),
      ] as const
      const [phone, laptop] = devices
      await world.timeline.advance(200)
      const { key } = roomOf(phone).send('one')
      await world.timeline.advance(200)
      for (const device of devices) await offline(device)
      roomOf(phone).edit(key, 'one, edited')
      roomOf(laptop).send('answer', { replyTo: key })
      for (const device of laptopFirst ? [laptop, phone] : devices) await online(device)
      for (const { client } of devices) {
        expect(texts(client)).toEqual(['one, edited', 'answer'])
        expect(messages(client)[1]?.replyTo).toBe(messages(client)[0]?.id)
      }
      if (laptopFirst) await world.end()
    }
  })

  it('S111, S112: of two edits of two devices the later one wins everywhere, whichever arrives last', async () => {
    for (const laterFirst of [true, false]) {
      watched()
      const devices = [
        start(world.tab(world.profile('alice'))),
        start(world.tab(world.profile('alice'))),
      ] as const
      const [phone, laptop] = devices
      await world.timeline.advance(200)
      const { key } = roomOf(phone).send('one')
      await world.timeline.advance(200)
      for (const device of devices) await offline(device)
      roomOf(phone).edit(key, 'earlier')
      await world.timeline.advance(5_000)
      roomOf(laptop).edit(key, 'later')
      for (const device of laterFirst ? [laptop, phone] : devices) await online(device)
      for (const { client } of devices) {
        expect(messages(client)).toMatchObject([{ body: 'later', status: 'confirmed', error: null }])
        expect(client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
      }
      if (laterFirst) await world.end()
    }
  })

  it('S113: an edit from a clock that is an hour ahead does not win for ever', async () => {
    watched()
    const [phone, laptop] = [
      start(world.tab(world.profile('alice'), { offsetMs: 60 * 60_000 })),
      start(world.tab(world.profile('alice'))),
    ]
    await world.timeline.advance(200)
    const { key } = roomOf(laptop).send('one')
    await world.timeline.advance(200)
    roomOf(phone).edit(key, 'from the future')
    await world.timeline.advance(200)
    roomOf(laptop).edit(key, 'from now')
    await world.timeline.advance(200)
    for (const { client } of [phone, laptop]) expect(messages(client)).toMatchObject([{ body: 'from now' }])
  })

  it('S107: a rewritten message whose acknowledgement is lost is one message, found in the log', async () => {
    let deaf = true
    const { asked } = watched({ outgoing: ({ type }) => (deaf && type === 'ack' ? 'drop' : 'pass') })
    const alice = await inATunnel()
    const { key } = roomOf(alice).send('Helo')
    roomOf(alice).edit(key, 'Hello')
    await online(alice)
    deaf = false
    await world.timeline.advance(60_000)
    expect(messages(alice.client)).toMatchObject([{ key, body: 'Hello', status: 'confirmed' }])
    expect(new Set(asked.map(({ id }) => id)).size).toBe(1)
    expect(alice.client.outbox.get().pending).toBe(0)
  })
})
