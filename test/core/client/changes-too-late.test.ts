import { describe, expect, it } from 'vitest'
import { roomOf, told, watched } from './changes.js'
import { start } from './steps.js'
import { messages } from './world.js'

describe('a change of what is not there any more', () => {
  it('is told to who asks, and keeps the text with him: edits, reactions and answers of a deleted message', async () => {
    const { world, kinds } = watched()
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
    const { world, offline, online } = watched()
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
    const { world } = watched({
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
