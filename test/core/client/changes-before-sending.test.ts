import { describe, expect, it } from 'vitest'
import type { Storage } from '../../../src/core/seams/storage.js'
import { roomOf, told, watched } from './changes.js'
import { start } from './steps.js'
import { messages } from './world.js'

/** A disk that does not tell what other tabs write. */
const deaf = (storage: Storage): Storage => ({
  ...storage,
  open: async (name) => ({ ...(await storage.open(name)), watch: () => () => undefined }),
})

describe('a change of a message that was never on the wire', () => {
  it('rewrites it: what arrives is one message as it was meant in the end, and nothing says that it was edited', async () => {
    const { world, asked, online, inATunnel } = watched()
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
    const { world, asked } = watched()
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
    const { asked, online, inATunnel } = watched()
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
    const { kinds, online, inATunnel } = watched()
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
    const { world, asked, offline, online } = watched()
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
    const { world, kinds, offline, online } = watched()
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
      const { world, kinds, offline, online } = watched()
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

describe('a message that another tab sends', () => {
  it('is confirmed to who waits for it in this one', async () => {
    const { world } = watched()
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
    const { world } = watched({ screen: () => ({ code: 'content_rejected', message: 'No.' }) })
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
