import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import type { BodySchema } from '../../../src/core/schema.js'
import { bodies, stranger, type Text, thrown, valibot, zod } from './schemas.js'
import { typedTab } from './typed-tab.js'
import { newWorld, texts, type World } from './world.js'

let world: World
const both: readonly (readonly [string, BodySchema<Text>])[] = [
  ['valibot', valibot],
  ['zod', zod],
]

describe.each(both)('bodies by a schema of %s', (_name, schema) => {
  it('travel when they fit; what does not is refused at once, with what is wrong, and nothing is shown or sent', async () => {
    world = newWorld()
    const { bob } = stranger(world)
    const { room, client } = typedTab(world, schema)
    await world.timeline.advance(200)
    const sent = room.send({ text: 'Hello' })
    expect(sent.message.body).toEqual({ text: 'Hello' })
    for (const wrong of [{ text: 7 }, {}, 'Hello', { text: 'x'.repeat(21) }] as never[]) {
      const error = thrown(() => room.send(wrong))
      expect(error).toMatchObject({ code: 'invalid_body', retry: 'never' })
      expect(error.issues.length).toBeGreaterThan(0)
      expect(thrown(() => room.edit(sent.key, wrong)).code).toBe('invalid_body')
    }
    const [issue] = thrown(() => room.send({ text: 7 } as never)).issues
    expect(issue?.path).toEqual(['text'])
    expect(issue?.message).toBeTruthy()
    await world.timeline.advance(200)
    expect(texts(bob.client)).toEqual([{ text: 'Hello' }])
    expect(client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
    expect(await sent.confirmed()).toMatchObject({ status: 'confirmed', body: { text: 'Hello' } })
  })

  it('that came in and do not fit are shown as unreadable in their place, and stop nothing', async () => {
    world = newWorld()
    const { write } = stranger(world)
    const { room, client, errors } = typedTab(world, schema)
    await world.timeline.advance(200)
    for (const body of [{ text: 'one' }, { words: 'two' }, null, { text: 'four' }]) write(body as never)
    await world.timeline.advance(200)
    const { items, status } = room.timeline.get()
    expect(status).toBe('live')
    expect(bodies(items)).toEqual([{ text: 'one' }, 'unreadable', 'unreadable', { text: 'four' }])
    expect(items[1]).toMatchObject({ type: 'unreadable', from: 'bob', seq: 2, issues: [{ path: ['text'] }] })
    const unreadable = items[1]?.key ?? ''
    expect(room.message(unreadable).get()).toBeNull()
    expect(client.sync.get()).toMatchObject({ phase: 'live', remaining: 0 })
    expect(errors).toEqual([])
    // It is a message all the same.
    await Promise.all([room.react(unreadable, '👍').queued(), world.timeline.advance(200)])
    const answer = room.send({ text: 'what?' }, { replyTo: unreadable })
    await world.timeline.advance(200)
    expect(answer.message.replyTo).toBe(unreadable)
    expect(room.timeline.get().items.at(-1)).toMatchObject({ body: { text: 'what?' }, status: 'confirmed' })
  })

  it('of a deleted message are none, whatever the schema says', async () => {
    world = newWorld()
    const { room } = typedTab(world, schema)
    await world.timeline.advance(200)
    const { key } = room.send({ text: 'one' })
    await world.timeline.advance(200)
    room.remove(key)
    await world.timeline.advance(200)
    expect(room.timeline.get().items).toMatchObject([{ type: 'message', deleted: true, body: null }])
  })
})

describe('a schema that misbehaves', () => {
  const later = v.objectAsync({
    text: v.pipeAsync(
      v.string(),
      v.checkAsync(async () => true),
    ),
  })
  const asynchronous: BodySchema<Text> = later
  const throwing: BodySchema<Text> = {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate() {
        throw new Error('boom')
      },
    },
  }

  it.each([
    ['answers later', asynchronous, /answers later/],
    ['throws', throwing, /threw/],
  ])('and %s is told to who sends, and holds up nothing that comes in', async (_what, schema, why) => {
    world = newWorld()
    const { write } = stranger(world)
    const { room, client } = typedTab(world, schema)
    await world.timeline.advance(200)
    const error = thrown(() => room.send({ text: 'one' }))
    expect(error).toMatchObject({ code: 'invalid_body' })
    expect(error.message).toMatch(why)
    write({ text: 'one' } as never)
    write({ text: 'two' } as never)
    await world.timeline.advance(200)
    expect(bodies(room.timeline.get().items)).toEqual(['unreadable', 'unreadable'])
    expect(room.timeline.get().items[0]).toMatchObject({ issues: [{ message: expect.stringMatching(why) }] })
    expect(client.sync.get().phase).toBe('live')
  })
})
