import { describe, expect, it } from 'vitest'
import { notifications, type Room } from '../../../src/core/index.js'
import { messages, newWorld, type Tab, type World } from './world.js'

let world: World

function open(user: string): Tab {
  const tab = world.tab(world.profile(user))
  tab.client.room('general').open()
  tab.client.connect()
  return tab
}
/** Runs something that the server does, with the time that it takes. */
async function during<T>(promise: Promise<T>): Promise<T> {
  const settled = promise.then(
    (value) => ({ value }),
    (cause: unknown) => ({ cause }),
  )
  await world.timeline.advance(500)
  const result = await settled
  if ('cause' in result) throw result.cause
  return result.value
}
const bodiesIn = <Body>(room: Room<Body, never>) =>
  room.timeline.get().items.map((item) => (item.type === 'message' ? item.body : item.type))

describe('what server code writes', () => {
  it('is a message from the server for everybody in the room, kept like any other', async () => {
    world = newWorld({ latencyMs: 10 })
    const alice = open('alice')
    const bob = open('bob')
    await world.timeline.advance(500)
    const arrived: unknown[] = []
    alice.client.room('general').arrivals(({ from, body }) => arrived.push([from, body]))
    alice.client.room('general').send('before')
    await world.timeline.advance(500)
    const { room, messageId, seq } = await during(world.core.publish('general', { text: 'Welcome' }))
    expect([room, seq]).toEqual(['general', 2])
    for (const { client } of [alice, bob])
      expect(messages(client).at(-1)).toMatchObject({
        ...{ from: 'server', body: { text: 'Welcome' }, id: messageId, status: 'confirmed', late: false },
      })
    expect(arrived.at(-1)).toEqual(['server', { text: 'Welcome' }])
    bob.client.room('general').send('after')
    await world.timeline.advance(500)
    expect(messages(alice.client).map(({ body }) => body)).toEqual(['before', { text: 'Welcome' }, 'after'])
    // Who comes later finds it in the history, where it is unread like what people wrote.
    const carol = open('carol')
    await world.timeline.advance(500)
    expect(messages(carol.client)).toHaveLength(3)
    expect(carol.client.room('general').timeline.get().unread).toBe(3)
    expect([...alice.errors, ...bob.errors]).toEqual([])
  })

  it('counts as unread when it comes in', async () => {
    world = newWorld({ latencyMs: 10 })
    const alice = open('alice')
    await world.timeline.advance(500)
    expect(alice.client.room('general').timeline.get().unread).toBe(0)
    await during(world.core.publish('general', 'Hello'))
    expect(alice.client.room('general').timeline.get().unread).toBe(1)
  })

  it('can be answered, and answers; nobody but the server edits it', async () => {
    world = newWorld({
      latencyMs: 10,
      authorize: ({ verb }) => (verb === 'moderate' ? 'forbidden' : 'allow'),
    })
    const alice = open('alice')
    await world.timeline.advance(500)
    const { messageId } = await during(world.core.publish('general', 'Lunch?'))
    const room = alice.client.room('general')
    const answer = room.send('Yes', { replyTo: messageId })
    room.react(messageId, '👍')
    const edit = room.edit(messageId, 'Mine now').confirmed()
    await expect(during(edit)).rejects.toMatchObject({ code: 'rejected' })
    const { id } = await during(answer.confirmed())
    await during(world.core.publish('general', 'Noted', { replyTo: id }))
    expect(messages(alice.client).map(({ replyTo }) => replyTo)).toEqual([null, messageId, id])
    expect(messages(alice.client)[0]).toMatchObject({ body: 'Lunch?', reactions: [{ emoji: '👍' }] })
  })

  it('tried again with its id is written once; the id for something else is refused', async () => {
    world = newWorld()
    const alice = open('alice')
    await world.timeline.advance(100)
    const first = await during(world.core.publish('general', 'paid', { id: 'invoice-7' }))
    const second = await during(world.core.publish('general', 'paid', { id: 'invoice-7' }))
    expect(second).toEqual({ ...first, dup: true })
    expect(messages(alice.client)).toHaveLength(1)
    await expect(during(world.core.publish('general', 'other', { id: 'invoice-7' }))).rejects.toMatchObject({
      code: 'id_conflict',
    })
  })

  it('that cannot be is refused with a word, and nothing is written', async () => {
    world = newWorld()
    const alice = open('alice')
    const { core } = world
    const wrong: [() => Promise<unknown>, string][] = [
      [() => core.publish('', 'x'), 'invalid'],
      [() => core.publish('general', undefined), 'invalid'],
      [() => core.publish('general', new Date(0)), 'invalid'],
      [() => core.publish('general', 'x'.repeat(40_000)), 'too_large'],
      [() => core.publish('general', 'x', { id: 'a\u0000' }), 'invalid'],
      [() => core.publish('general', 'x', { replyTo: 'nothing' }), 'not_found'],
      [() => core.notify('', 'mention', 'x'), 'invalid'],
      [() => core.notify('alice', '', 'x'), 'invalid'],
    ]
    for (const [ask, code] of wrong)
      await expect(during(ask())).rejects.toMatchObject({ name: 'PublishError', code })
    expect(messages(alice.client)).toEqual([])
  })

  it('comes under a name of its own, by which nobody is let in', async () => {
    world = newWorld({ author: 'robot' })
    const robot = open('robot')
    const server = open('server')
    await world.timeline.advance(30_000)
    expect(robot.client.connection.get()).toMatchObject({ state: 'failed', error: { code: 'unauthorised' } })
    expect(server.client.connection.get().state).toBe('connected')
    await during(world.core.publish('general', 'beep'))
    expect(messages(server.client)).toMatchObject([{ from: 'robot' }])
  })
})

describe('notifications', () => {
  it('reach every device of the user, and nobody else', async () => {
    world = newWorld({ latencyMs: 10 })
    const phone = open('alice')
    const laptop = open('alice')
    const bob = open('bob')
    for (const { client } of [phone, laptop, bob]) notifications(client).open()
    bob.client.room('@alice').open()
    const arrived: unknown[] = []
    notifications(phone.client).arrivals(({ body }) => arrived.push(body))
    await world.timeline.advance(500)
    await during(world.core.notify('alice', 'mention', { room: 'general', by: 'bob' }))
    const expected = { kind: 'mention', body: { room: 'general', by: 'bob' } }
    for (const { client } of [phone, laptop]) expect(bodiesIn(notifications(client))).toEqual([expected])
    expect(arrived).toEqual([expected])
    expect(notifications(phone.client).timeline.get().unread).toBe(1)
    expect(bodiesIn(notifications(bob.client))).toEqual([])
    expect(bob.client.room('@alice').timeline.get()).toMatchObject({ status: 'refused', items: [] })
  })

  it('wait for a user who is offline', async () => {
    world = newWorld({ latencyMs: 10 })
    await during(world.core.notify('alice', 'invitation', 'come'))
    const alice = open('alice')
    notifications(alice.client).open()
    await world.timeline.advance(500)
    expect(bodiesIn(notifications(alice.client))).toEqual([{ kind: 'invitation', body: 'come' }])
  })

  it('are written by servers alone, whatever else a user may', async () => {
    world = newWorld({ latencyMs: 10 })
    const alice = open('alice')
    const failed: string[] = []
    alice.client.on('failed', ({ error }) => failed.push(error.serverCode ?? error.code))
    for (const room of ['@alice', '@bob']) alice.client.room(room).send({ kind: 'mention', body: 'forged' })
    await world.timeline.advance(1_000)
    expect(failed).toEqual(['forbidden', 'forbidden'])
    expect(bodiesIn(notifications(alice.client))).not.toContainEqual(
      expect.objectContaining({ type: 'message' }),
    )
  })

  it('that are none are shown as unreadable, and stop nothing', async () => {
    world = newWorld({ latencyMs: 10 })
    const alice = open('alice')
    notifications(alice.client).open()
    await during(world.core.publish('@alice', 'just a text'))
    await during(world.core.notify('alice', 'mention', null))
    expect(bodiesIn(notifications(alice.client))).toEqual(['unreadable', { kind: 'mention', body: null }])
  })
})
