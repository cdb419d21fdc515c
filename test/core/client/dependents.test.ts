import type { Operation } from 'tidings-server'
import { describe, expect, it } from 'vitest'
import { roomOf, watched } from './changes.js'
import { start } from './steps.js'
import { messages, texts } from './world.js'

describe('what depends on a message', () => {
  const strict = { screen: ({ body }: Operation) => (body === '"bad"' ? refusal : undefined) }
  const refusal = { code: 'content_rejected' as const, message: 'No.' }

  it('S106, S110: waits with it when it fails, and goes out without it when it is given up', async () => {
    const { world, asked } = watched(strict)
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
    const { world, asked } = watched(strict)
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
    const { world } = watched(strict)
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
      const { world, online, twoInATunnel } = watched()
      const { phone, laptop, key } = await twoInATunnel()
      const devices = [phone, laptop]
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
      const { world, online, twoInATunnel } = watched()
      const { phone, laptop, key } = await twoInATunnel()
      const devices = [phone, laptop]
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
    const { world } = watched()
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
    const { world, asked, online, inATunnel } = watched({
      outgoing: ({ type }) => (deaf && type === 'ack' ? 'drop' : 'pass'),
    })
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
