import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { onePer, stageOf } from '../../../src/core/backstage.js'
import type { BodySchema } from '../../../src/core/schema.js'
import { bodies, stranger, type Text, thrown, valibot, zod } from './schemas.js'
import { start } from './steps.js'
import { typedTab } from './typed-tab.js'
import { newWorld, texts, type World } from './world.js'

let world: World
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
const zodVote = z.object({ vote: z.number() })

describe('reading by a schema', () => {
  it('happens when a row is looked at, once, and gives the same objects while nothing changed', async () => {
    world = newWorld()
    const { write } = stranger(world)
    const { counted, asked } = counting(valibot)
    const { room } = typedTab(world, counted)
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
    world = newWorld()
    const { write } = stranger(world)
    const { room } = typedTab(world, valibot)
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
    world = newWorld()
    const { write } = stranger(world)
    const { room, errors } = typedTab(world, zod)
    const arrived: Text[] = []
    room.arrivals(({ body }) => body && arrived.push(body))
    await world.timeline.advance(200)
    for (const body of [{ text: 'one' }, 'two', { text: 'three' }]) write(body as never)
    await world.timeline.advance(200)
    expect(arrived).toEqual([{ text: 'one' }, { text: 'three' }])
    expect(errors.map(({ code }) => code)).toEqual(['bad_entry'])
  })

  it('shows what an earlier version of the application left in the outbox, and lets it be sent or given up', async () => {
    world = newWorld()
    const profile = world.profile('alice')
    const before = world.tab(profile)
    before.link.refuse(true)
    start(before)
    await world.timeline.advance(100)
    const { key } = before.client.room('general').send('in the old form')
    await world.timeline.advance(100)
    before.crash()
    const { room, link } = typedTab(world, valibot, profile, false)
    await world.timeline.advance(100)
    expect(room.timeline.get().items).toMatchObject([{ type: 'unreadable', key, seq: null, from: 'alice' }])
    link.refuse(false)
    await world.timeline.advance(30_000)
    expect(room.timeline.get().items).toMatchObject([{ type: 'unreadable', key, seq: 1 }])
  })

  it('may change what is read: what travels is what was written', async () => {
    world = newWorld()
    const { bob } = stranger(world)
    const schema = v.object({
      at: v.pipe(
        v.string(),
        v.isoTimestamp(),
        v.transform((text) => new Date(text)),
      ),
      pinned: v.optional(v.boolean(), false),
    })
    const { room } = typedTab(world, schema)
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
    const dates = typedTab(world, v.object({ at: v.date() }))
    expect(thrown(() => dates.room.send({ at: new Date(at) })).message).toMatch(/must be JSON/)
  })
})

describe('a room with a schema of its own', () => {
  it('reads by it, while the others read by that of the client', async () => {
    world = newWorld()
    const { client, room } = typedTab(world, valibot)
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
    world = newWorld()
    const { client } = typedTab(world, valibot)
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
    world = newWorld({ latencyMs: 5 })
    const phone = typedTab(world, valibot)
    const laptop = typedTab(world, valibot)
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
