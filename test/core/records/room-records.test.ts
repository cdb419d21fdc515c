import { describe, expect, expectTypeOf, it } from 'vitest'
import type { Client, Json } from '../../../src/index.js'
import { recordBody, recordsOf } from '../../../src/index.js'
import { formatStamp } from '../../../src/protocol/index.js'
import { type createWorld, newWorld, type Tab, type World } from '../client/world.js'

interface Settings {
  readonly id: string
  readonly name: string
  readonly topic: string | null
  readonly pinned: readonly string[]
}

const isSettings = (value: unknown): value is Settings =>
  typeof value === 'object' &&
  value !== null &&
  'name' in value &&
  typeof value.name === 'string' &&
  'topic' in value &&
  (value.topic === null || typeof value.topic === 'string') &&
  'pinned' in value &&
  Array.isArray(value.pinned)

const FIRST: Settings = { id: 'general', name: 'General', topic: null, pinned: [] }

/** Settings of a room, in a room beside it. */
const settingsOf = (client: Client) =>
  recordsOf<Settings>(client.room('general:settings'), {
    key: ({ id }) => id,
    is: isSettings,
    initial: [FIRST],
  })

type Settled = ReturnType<typeof settingsOf>
const shown = ({ state }: Settled) => state.get().items.map(({ record }) => record)
const statuses = ({ state }: Settled) => state.get().items.map(({ status }) => status)

let world: World

/** A tab whose settings somebody looks at. */
function open(tab: Tab) {
  const settings = settingsOf(tab.client)
  settings.state.subscribe(() => undefined)
  tab.client.connect()
  return { ...tab, settings }
}

async function twoPeople(options: Parameters<typeof createWorld>[0] = {}) {
  world = newWorld({ latencyMs: 20, ...options })
  const home = world.profile('alice')
  const alice = open(world.tab(home))
  const bob = open(world.tab(world.profile('bob')))
  await world.timeline.advance(1_000)
  return { home, alice, bob }
}

describe('records of a room', () => {
  it('are shown in the same tick, and by everybody once they are sent', async () => {
    const { alice, bob } = await twoPeople()
    expect(shown(alice.settings)).toEqual([FIRST])
    const { settled } = alice.settings.update('general', { topic: 'Weather' })
    expect(shown(alice.settings)).toEqual([{ ...FIRST, topic: 'Weather' }])
    expect(statuses(alice.settings)).toEqual(['pending'])
    const end = settled()
    await world.timeline.advance(1_000)
    expect(await end).toEqual({ ...FIRST, topic: 'Weather' })
    expect(statuses(alice.settings)).toEqual(['confirmed'])
    expect(shown(bob.settings)).toEqual(shown(alice.settings))
  })

  it('are written offline, survive a reload while they wait, and arrive afterwards', async () => {
    const { home, alice, bob } = await twoPeople()
    alice.link.refuse(true)
    alice.link.drop()
    await world.timeline.advance(100)
    alice.settings.update('general', { name: 'Harbour', pinned: ['m1'] })
    await world.timeline.advance(100)
    alice.crash()

    const again = world.tab(home)
    again.link.refuse(true)
    const reloaded = open(again)
    await world.timeline.advance(1_000)
    expect(shown(reloaded.settings)).toEqual([{ ...FIRST, name: 'Harbour', pinned: ['m1'] }])
    expect(statuses(reloaded.settings)).toEqual(['pending'])
    expect(shown(bob.settings)).toEqual([FIRST])

    reloaded.link.refuse(false)
    await world.timeline.advance(60_000)
    expect(statuses(reloaded.settings)).toEqual(['confirmed'])
    expect(shown(bob.settings)).toEqual([{ ...FIRST, name: 'Harbour', pinned: ['m1'] }])
  })

  it('keep both of two changes of different fields, and the later of two of one field, everywhere', async () => {
    const { alice, bob } = await twoPeople()
    alice.link.refuse(true)
    alice.link.drop()
    await world.timeline.advance(100)
    alice.settings.update('general', { topic: 'alice, earlier', name: 'Harbour' })
    await world.timeline.advance(1_000)
    bob.settings.update('general', { topic: 'bob, later', pinned: ['m2'] })
    await world.timeline.advance(1_000)
    alice.link.refuse(false)
    await world.timeline.advance(60_000)
    const both = { ...FIRST, name: 'Harbour', topic: 'bob, later', pinned: ['m2'] }
    expect(shown(alice.settings)).toEqual([both])
    expect(shown(bob.settings)).toEqual([both])
    expect([...statuses(alice.settings), ...statuses(bob.settings)]).toEqual(['confirmed', 'confirmed'])
  })

  it('show what the server refused as failed, over a reload, until somebody decides', async () => {
    const { home, alice, bob } = await twoPeople({
      screen: ({ body }) =>
        body?.includes('FORBIDDEN') ? { code: 'content_rejected', message: 'Not here.' } : undefined,
    })
    alice.settings.update('general', { topic: 'FORBIDDEN' })
    alice.settings.update('general', { name: 'Harbour' })
    await world.timeline.advance(1_000)
    alice.crash()
    const { settings } = open(world.tab(home))
    await world.timeline.advance(5_000)
    expect(shown(settings)).toEqual([{ ...FIRST, name: 'Harbour' }])
    expect(shown(bob.settings)).toEqual([{ ...FIRST, name: 'Harbour' }])
    const [item] = settings.state.get().items
    expect(item).toMatchObject({ status: 'failed', error: { code: 'rejected' } })
    expect(settings.state.get().failed).toMatchObject([{ kind: 'update', fields: { topic: 'FORBIDDEN' } }])
    expect(settings.retry('general')).toBe(true)
    expect(statuses(settings)).toEqual(['pending'])
    await world.timeline.advance(5_000)
    expect(statuses(settings)).toEqual(['failed'])
    expect(settings.discard('general')).toBe(true)
    expect(settings.state.get()).toMatchObject({ pending: 0, failed: [] })
    expect(statuses(settings)).toEqual(['confirmed'])
    expect(settings.discard('general') || settings.retry('general')).toBe(false)
  })

  it.each(['discard', 'remove'] as const)(
    'take what was done to one that was never added with it: %s',
    async (way) => {
      const { alice, bob } = await twoPeople({
        screen: ({ body }) =>
          body?.includes('FORBIDDEN') ? { code: 'content_rejected', message: 'Not here.' } : undefined,
      })
      const { key } = alice.settings.add((id) => ({ ...FIRST, id, name: 'FORBIDDEN' }))
      await world.timeline.advance(1_000)
      alice.link.refuse(true)
      alice.link.drop()
      await world.timeline.advance(1_000)
      alice.settings.update(key, { topic: 'later' })
      const other = alice.settings.update('general', { topic: 'beside' })
      alice.settings[way](key)
      expect(alice.settings.state.get()).toMatchObject({ pending: 1, failed: [] })
      const end = other.settled()
      alice.link.refuse(false)
      await world.timeline.advance(60_000)
      expect(await end).toMatchObject({ topic: 'beside' })
      const { items } = bob.client.room('general:settings').timeline.get()
      expect(items.map((item) => item.type === 'message' && item.body)).toEqual([
        { record: 'general', changed: { topic: 'beside' } },
      ])
    },
  )

  it('are added and removed, and one added again is what it is now', async () => {
    const { alice, bob } = await twoPeople()
    const { key } = alice.settings.add((id) => ({ ...FIRST, id, name: 'second' }))
    expect(() => alice.settings.add({ ...FIRST, id: key })).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    )
    await world.timeline.advance(1_000)
    expect(shown(bob.settings).map(({ name }) => name)).toEqual(['General', 'second'])
    const removed = bob.settings.remove(key)
    expect(shown(bob.settings)).toEqual([FIRST])
    const end = removed.settled()
    await world.timeline.advance(1_000)
    expect(await end).toBe(null)
    expect(shown(alice.settings)).toEqual([FIRST])
    alice.settings.add({ ...FIRST, id: key, name: 'third' })
    await world.timeline.advance(1_000)
    expect(shown(bob.settings)).toEqual([FIRST, { ...FIRST, id: key, name: 'third' }])
  })

  it('leave out what somebody wrote that makes no record', async () => {
    const { alice, bob } = await twoPeople()
    const room = alice.client.room('general:settings')
    const bodies: Json[] = [
      'Hello',
      { record: 'general' },
      { record: 'general', changed: { topic: 42 } },
      { record: 'general', changed: { id: 'other' } },
      { record: 'general', changed: ['topic'] },
      { record: 'general', changed: { topic: 'x' }, removed: true },
      { record: '', added: { ...FIRST } },
      { record: 'new', added: { ...FIRST } },
      { record: 'gone', changed: { topic: 'x' } },
      { record: '__proto__', added: { ...FIRST, id: '__proto__', name: 'fine' } },
      JSON.parse('{"record":"general","changed":{"__proto__":{"topic":"evil"}}}'),
    ]
    for (const body of bodies) room.send(body)
    await world.timeline.advance(2_000)
    expect(shown(bob.settings).map(({ id, topic, name }) => [id, topic, name])).toEqual([
      ['general', null, 'General'],
      ['__proto__', null, 'fine'],
    ])
    for (const record of shown(bob.settings)) expect(Object.getPrototypeOf(record)).toBe(Object.prototype)
  })

  it('refuse what is no record, at once', async () => {
    const { alice } = await twoPeople()
    const notSettings: Settings = JSON.parse('{"id":"x"}')
    const notJson: Partial<Settings> = Object.assign({}, { pinned: [JSON.parse('1e999')] })
    const { add, update } = alice.settings
    expect(() => add(notSettings)).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
    expect(() => update('general', { id: 'x' })).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    )
    expect(() => update('general', notJson)).toThrow(expect.objectContaining({ code: 'invalid_body' }))
    await expect(update('gone', { name: 'x' }).settled()).rejects.toMatchObject({ code: 'not_found' })
    expect(statuses(alice.settings)).toEqual(['confirmed'])
    expect(alice.client.outbox.get().pending).toBe(0)
  })

  it('read the room back to its beginning, and say whether they did', async () => {
    world = newWorld({ latencyMs: 20 })
    const room = 'general:settings'
    let written = 0
    const append = async (...changes: readonly Partial<Settings>[]) => {
      await world.log.append(
        changes.map((changed, i) => ({
          ...{ room, author: 'erin', id: `change-${written + i}`, kind: 'create' as const },
          stamp: formatStamp(world.timeline.clock().now() + written + i, 0, 'erins-clock'),
          body: JSON.stringify({ record: 'general', changed }),
        })),
      )
      written += changes.length
    }
    const names = (name: string) => Array.from({ length: 550 }, (_, i) => ({ name: `${name} ${i}` }))
    await append({ topic: 'long ago' }, ...names('first'))
    const carol = open(world.tab(world.profile('carol')))
    await world.timeline.advance(30_000)
    expect(shown(carol.settings)).toEqual([{ ...FIRST, topic: 'long ago', name: 'first 549' }])
    expect(carol.settings.state.get().complete).toBe(true)
    expect(carol.client.room(room).timeline.get().items).toHaveLength(551)

    await append(...names('then'))
    const dave = open(world.tab(world.profile('dave')))
    await world.timeline.advance(30_000)
    expect(shown(dave.settings)[0]).toMatchObject({ name: 'then 549', topic: null })
    expect(dave.settings.state.get().complete).toBe(false)
    expect(dave.client.room(room).timeline.get().hasNewer).toBe(false)
  })

  it('close the gap that a long absence left', async () => {
    const { alice, bob } = await twoPeople()
    bob.link.refuse(true)
    bob.link.drop()
    await world.timeline.advance(100)
    alice.settings.update('general', { topic: 'early in the absence' })
    const changed = { name: 'and many more' }
    await world.timeline.advance(1_000)
    await world.log.append(
      Array.from({ length: 600 }, (_, i) => ({
        ...{ room: 'general:settings', author: 'erin', id: `change-${i}`, kind: 'create' as const },
        stamp: formatStamp(world.timeline.clock().now() + i, 0, 'erins-clock'),
        body: JSON.stringify({ record: 'general', changed }),
      })),
    )
    bob.link.refuse(false)
    await world.timeline.advance(60_000)
    expect(shown(bob.settings)).toEqual([{ ...FIRST, ...changed, topic: 'early in the absence' }])
    expect(bob.settings.state.get().complete).toBe(true)
  })

  it('are the same reference until something changed, whether somebody looks or not', async () => {
    const { alice, bob } = await twoPeople()
    const unseen = settingsOf(alice.client)
    const before = unseen.state.get()
    expect(unseen.state.get()).toBe(before)
    alice.settings.add({ ...FIRST, id: 'second' })
    expect(unseen.state.get().items).toHaveLength(2)
    expect(unseen.state.get().items[0]).toBe(before.items[0])
    await world.timeline.advance(1_000)
    const [first, second] = bob.settings.state.get().items
    const told: unknown[] = []
    bob.settings.state.subscribe(() => told.push(bob.settings.state.get()))
    alice.settings.update('second', { topic: 'x' })
    await world.timeline.advance(1_000)
    expect(told).toHaveLength(1)
    expect(bob.settings.state.get().items[0]).toBe(first)
    expect(bob.settings.state.get().items[1]).not.toBe(second)
  })

  it('need no room of their own making, but one of a client', () => {
    world = newWorld()
    const { client } = world.tab(world.profile('alice'))
    const room = { ...client.room('general') }
    expect(() => recordsOf<Settings>(room, { key: ({ id }) => id, is: isSettings })).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    )
  })

  it('live in a room with a schema of its own as well', async () => {
    world = newWorld({ latencyMs: 20 })
    const { client } = world.tab(world.profile('alice'))
    const room = client.room('general:settings', { body: recordBody })
    expectTypeOf(room.send).parameter(0).not.toBeAny()
    const settings = recordsOf<Settings>(room, { key: ({ id }) => id, is: isSettings, initial: [FIRST] })
    settings.state.subscribe(() => undefined)
    client.connect()
    settings.update('general', { topic: 'Weather' })
    await world.timeline.advance(1_000)
    expect(shown(settings)).toEqual([{ ...FIRST, topic: 'Weather' }])
    expect(statuses(settings)).toEqual(['confirmed'])
  })
})
