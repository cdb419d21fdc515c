import * as v from 'valibot'
import { afterEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { onePer, stageOf } from '../../../src/core/backstage.js'
import { TidingsError } from '../../../src/core/errors.js'
import type { TimelineItem } from '../../../src/core/message.js'
import type { BodySchema } from '../../../src/core/schema.js'
import { start } from './steps.js'
import { endTyped, typedTab as openTyped } from './typed-tab.js'
import { createWorld, type Profile, texts, type World } from './world.js'

let world: World
afterEach(() => endTyped(world))

interface Text {
  text: string
}
const valibot = v.object({ text: v.pipe(v.string(), v.maxLength(20)) })
const zod = z.object({ text: z.string().max(20) })
const both: readonly (readonly [string, BodySchema<Text>])[] = [
  ['valibot', valibot],
  ['zod', zod],
]

const typedTab = <Body, Input>(body: BodySchema<Input, Body>, profile?: Profile, reached = true) =>
  openTyped(world, body, profile, reached)

/** A schema that counts how often it is asked. */
function counting<Body>(schema: BodySchema<Body>) {
  const standard = schema['~standard']
  let asked = 0
  const counted: BodySchema<Body> = {
    '~standard': {
      ...standard,
      validate(value) {
        asked += 1
        return standard.validate(value)
      },
    },
  }
  return { counted, asked: () => asked }
}

const bodies = <Body>(items: readonly TimelineItem<Body>[]): readonly unknown[] =>
  items.map((item) => (item.type === 'message' ? item.body : item.type))

/** Somebody whose application knows nothing of schemas. */
function stranger() {
  const bob = start(world.tab(world.profile('bob')))
  return { bob, write: (body: never) => bob.client.room('general').send(body) }
}

const thrown = (act: () => unknown): TidingsError => {
  try {
    act()
  } catch (error) {
    if (error instanceof TidingsError) return error
  }
  throw new Error('It threw no TidingsError.')
}

describe.each(both)('bodies by a schema of %s', (_name, schema) => {
  it('travel when they fit; what does not is refused at once, with what is wrong, and nothing is shown or sent', async () => {
    world = createWorld()
    const { bob } = stranger()
    const { room, client } = typedTab(schema)
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
    world = createWorld()
    const { write } = stranger()
    const { room, client, errors } = typedTab(schema)
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
    world = createWorld()
    const { room } = typedTab(schema)
    await world.timeline.advance(200)
    const { key } = room.send({ text: 'one' })
    await world.timeline.advance(200)
    room.remove(key)
    await world.timeline.advance(200)
    expect(room.timeline.get().items).toMatchObject([{ type: 'message', deleted: true, body: null }])
  })
})

describe('reading by a schema', () => {
  it('happens when a row is looked at, once, and gives the same objects while nothing changed', async () => {
    world = createWorld()
    const { write } = stranger()
    const { counted, asked } = counting(valibot)
    const { room } = typedTab(counted)
    await world.timeline.advance(200)
    for (const text of ['one', 'two', 'three']) write({ text } as never)
    await world.timeline.advance(200)
    expect(asked()).toBe(0)
    const first = room.timeline.get()
    expect(asked()).toBe(3)
    expect(room.timeline.get()).toBe(first)
    write({ text: 'four' } as never)
    await world.timeline.advance(200)
    const second = room.timeline.get()
    expect(second).not.toBe(first)
    second.items.slice(0, 3).forEach((item, i) => {
      expect(item).toBe(first.items[i])
    })
    expect(asked()).toBe(4)
    const [one] = second.items
    expect(room.message(one?.key ?? '').get()).toBe(one)
    room.react(one?.key ?? '', '👍')
    await world.timeline.advance(200)
    const [reacted, ...others] = room.timeline.get().items
    expect(reacted).toMatchObject({ body: { text: 'one' }, reactions: [{ emoji: '👍' }] })
    expect(others).toEqual(second.items.slice(1))
    // The body is the one that was read before.
    expect(asked()).toBe(4)
  })

  it('tells who watches a list or a message of each change, once', async () => {
    world = createWorld()
    const { write } = stranger()
    const { room } = typedTab(valibot)
    await world.timeline.advance(200)
    const told: unknown[] = []
    const stop = room.timeline.subscribe(() => told.push(bodies(room.timeline.get().items)))
    write({ text: 'one' } as never)
    await world.timeline.advance(200)
    expect(told.at(-1)).toEqual([{ text: 'one' }])
    const count = told.length
    await world.timeline.advance(200)
    expect(told).toHaveLength(count)
    stop()
  })

  it('gives arrivals that fit, and says of the others that they are in the timeline', async () => {
    world = createWorld()
    const { write } = stranger()
    const { room, errors } = typedTab(zod)
    const arrived: Text[] = []
    room.arrivals(({ body }) => body && arrived.push(body))
    await world.timeline.advance(200)
    for (const body of [{ text: 'one' }, 'two', { text: 'three' }]) write(body as never)
    await world.timeline.advance(200)
    expect(arrived).toEqual([{ text: 'one' }, { text: 'three' }])
    expect(errors.map(({ code }) => code)).toEqual(['bad_entry'])
  })

  it('shows what an earlier version of the application left in the outbox, and lets it be sent or given up', async () => {
    world = createWorld()
    const profile = world.profile('alice')
    const before = world.tab(profile)
    before.link.refuse(true)
    start(before)
    await world.timeline.advance(100)
    const { key } = before.client.room('general').send('in the old form')
    await world.timeline.advance(100)
    before.crash()
    const { room, link } = typedTab(valibot, profile, false)
    await world.timeline.advance(100)
    expect(room.timeline.get().items).toMatchObject([{ type: 'unreadable', key, seq: null, from: 'alice' }])
    link.refuse(false)
    await world.timeline.advance(30_000)
    expect(room.timeline.get().items).toMatchObject([{ type: 'unreadable', key, seq: 1 }])
  })

  it('may change what is read: what travels is what was written', async () => {
    world = createWorld()
    const { bob } = stranger()
    const schema = v.object({
      at: v.pipe(
        v.string(),
        v.isoTimestamp(),
        v.transform((text) => new Date(text)),
      ),
      pinned: v.optional(v.boolean(), false),
    })
    const { room } = typedTab(schema)
    await world.timeline.advance(200)
    const at = '2026-01-05T09:00:00.000Z'
    const sent = room.send({ at })
    expect(sent.message.body).toEqual({ at: new Date(at), pinned: false })
    await world.timeline.advance(200)
    expect(texts(bob.client)).toEqual([{ at }])
    const [item] = room.timeline.get().items
    expect(item).toMatchObject({ body: { at: new Date(at), pinned: false }, status: 'confirmed' })
    expect(await sent.confirmed()).toBe(item)
    room.edit(sent.key, { at, pinned: true })
    await world.timeline.advance(200)
    expect(texts(bob.client)).toEqual([{ at, pinned: true }])
    // What JSON cannot carry is refused, whatever a schema says.
    const dates = typedTab(v.object({ at: v.date() }))
    expect(thrown(() => dates.room.send({ at: new Date(at) })).message).toMatch(/must be JSON/)
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
    world = createWorld()
    const { write } = stranger()
    const { room, client } = typedTab(schema)
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

describe('a room with a schema of its own', () => {
  it('reads by it, while the others read by that of the client', async () => {
    world = createWorld()
    const { client, room } = typedTab(valibot)
    const votes = client.room('votes', { body: zodVote })
    votes.open()
    await world.timeline.advance(200)
    votes.send({ vote: 1 })
    room.send({ text: 'one' })
    expect(thrown(() => votes.send({ text: 'one' } as never)).code).toBe('invalid_body')
    expect(thrown(() => room.send({ vote: 1 } as never)).code).toBe('invalid_body')
    await world.timeline.advance(200)
    expect(bodies(votes.timeline.get().items)).toEqual([{ vote: 1 }])
    expect(bodies(room.timeline.get().items)).toEqual([{ text: 'one' }])
    expect(client.room('votes', { body: zodVote })).toBe(votes)
    expect(client.room('general')).toBe(room)
  })

  it('is one room with the same one seen otherwise: what is made for one serves both', async () => {
    world = createWorld()
    const { client } = typedTab(valibot)
    const plain = client.room('votes')
    const votes = client.room('votes', { body: zodVote })
    expect(votes).not.toBe(plain)
    expect(stageOf(votes)).toBe(stageOf(plain))
    const made = onePer((owner: object) => ({ owner }))
    expect(made(votes)).toBe(made(plain))
    await world.timeline.advance(200)
    votes.open()
    votes.send({ vote: 2 })
    await world.timeline.advance(200)
    expect(bodies(plain.timeline.get().items)).toEqual(['unreadable'])
    expect(bodies(votes.timeline.get().items)).toEqual([{ vote: 2 }])
  })

  it('asks about conflicts in what it reads, and checks the answer', async () => {
    world = createWorld({ latencyMs: 5 })
    const phone = typedTab(valibot)
    const laptop = typedTab(valibot)
    await world.timeline.advance(200)
    const { key } = phone.room.send({ text: 'one' })
    await world.timeline.advance(200)
    const asked: unknown[] = []
    let answers = 0
    const room = laptop.client.room('general', {
      conflicts: 'expectVersion',
      onConflict({ yours, current, base, message }) {
        asked.push([yours.text, current?.text, base?.text, message?.body?.text])
        const edit = { text: `${current?.text} + ${yours.text}` }
        return ++answers === 1 ? { edit: { ...edit, text: 'x'.repeat(21) } } : { edit }
      },
    })
    phone.room.edit(key, { text: 'theirs' })
    const verdict = room.edit(key, { text: 'mine' }).confirmed()
    await expect(Promise.all([verdict, world.timeline.advance(1_000)])).rejects.toMatchObject({
      code: 'conflict',
    })
    // The refusal was here before the page that explains it.
    expect(asked).toEqual([['mine', 'theirs', 'one', expect.any(String)]])
    expect(laptop.errors.map(({ code }) => code)).toEqual(['listener'])
    room.discard(key)
    phone.room.edit(key, { text: 'theirs 2' })
    const second = room.edit(key, { text: 'mine' }).confirmed()
    await Promise.all([second, world.timeline.advance(1_000)])
    expect(bodies(phone.room.timeline.get().items)).toEqual([{ text: 'theirs 2 + mine' }])
  })
})

const zodVote = z.object({ vote: z.number() })
