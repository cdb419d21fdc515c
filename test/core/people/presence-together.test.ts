import { describe, expect, it } from 'vitest'
import { presence } from '../../../src/core/index.js'
import { newWorld, type Tab, type World } from '../client/world.js'

const HOUR_MS = 3_600_000

let world: World

/** A tab that follows `general`, unless told otherwise. */
function open(user: string | Parameters<World['tab']>[0], room: string | null = 'general'): Tab {
  const tab = world.tab(typeof user === 'string' ? world.profile(user) : user)
  if (room !== null) tab.client.room(room).open()
  tab.client.connect()
  return tab
}
const statusOf = ({ client }: Tab, user: string) => presence(client).of(user).get().status
/** Every status of a user that a tab shows, from now on. */
function follow({ client }: Tab, user: string): readonly string[] {
  const readable = presence(client).of(user)
  const seen: string[] = []
  readable.subscribe(() => seen.push(readable.get().status))
  return seen
}

describe('presence between people', () => {
  it('shows who comes, what they say, and that they are gone', async () => {
    world = newWorld({ latencyMs: 10 })
    const alice = open('alice')
    const seen = follow(alice, 'bob')
    await world.timeline.advance(16_000)
    expect(seen).toEqual(['offline'])
    const bob = open('bob')
    await world.timeline.advance(500)
    presence(bob.client).set({ status: 'busy', custom: 'in a meeting' })
    await world.timeline.advance(500)
    expect(presence(alice.client).of('bob').get()).toMatchObject({ status: 'busy', custom: 'in a meeting' })
    await bob.client.destroy()
    await world.timeline.advance(14_000)
    expect(seen).toEqual(['offline', 'online', 'busy'])
    await world.timeline.advance(2_000)
    expect(seen).toEqual(['offline', 'online', 'busy', 'offline'])
    expect([...alice.errors, ...bob.errors]).toEqual([])
  })

  it('S26: two devices of one user are one user, who is there while one of them is', async () => {
    world = newWorld({ latencyMs: 10 })
    const alice = open('alice')
    const laptop = open('bob')
    const phone = open('bob')
    await world.timeline.advance(500)
    presence(phone.client).set({ status: 'away', device: 'phone' })
    presence(laptop.client).set({ status: 'online', device: 'laptop' })
    const seen = follow(alice, 'bob')
    await world.timeline.advance(500)
    await laptop.client.destroy()
    await world.timeline.advance(20_000)
    expect(seen).toEqual(['online', 'away'])
    expect(presence(alice.client).of('bob').get().device).toBe('phone')
  })

  it('a reload and a short tunnel are told to nobody, and what was said is said again after the tunnel', async () => {
    world = newWorld({ latencyMs: 10 })
    const alice = open('alice')
    const profile = world.profile('bob')
    const bob = open(profile)
    await world.timeline.advance(500)
    presence(bob.client).set({ status: 'busy' })
    const seen = follow(alice, 'bob')
    await world.timeline.advance(500)
    bob.link.drop()
    await world.timeline.advance(30_000)
    expect(seen).toEqual(['busy'])
    await bob.client.destroy()
    await world.timeline.advance(1_000)
    const again = open(profile)
    await world.timeline.advance(10_000)
    expect(seen).toEqual(['busy'])
    // What was said is forgotten with the page.
    await world.timeline.advance(10_000)
    expect(seen).toEqual(['busy', 'online'])
    expect(presence(again.client).mine.get().status).toBe('online')
  })

  it('is unknown while this side is cut off, and right again afterwards', async () => {
    world = newWorld({ latencyMs: 10 })
    const alice = open('alice')
    const bob = open('bob')
    const seen = follow(alice, 'bob')
    await world.timeline.advance(500)
    alice.link.refuse(true)
    alice.link.drop()
    await world.timeline.advance(1_000)
    expect(statusOf(alice, 'bob')).toBe('unknown')
    presence(bob.client).set({ status: 'away' })
    await world.timeline.advance(30_000)
    alice.link.refuse(false)
    await world.timeline.advance(60_000)
    expect(seen).toEqual(['online', 'unknown', 'away'])
  })

  it('survives a server that is killed and comes back with its clock an hour back', async () => {
    world = newWorld({ latencyMs: 10 })
    const alice = open('alice')
    open('bob')
    const seen = follow(alice, 'bob')
    await world.timeline.advance(500)
    world.killServer()
    await world.timeline.advance(5_000)
    world.startServer()
    await world.timeline.advance(60_000)
    expect(statusOf(alice, 'bob')).toBe('online')
    // Whoever comes back first sees the others come, not that they are gone.
    expect(seen).toEqual(['online', 'unknown', 'online'])
  })

  it('S39: a device clock that jumps an hour either way moves nobody', async () => {
    world = newWorld({ latencyMs: 10 })
    const alice = open('alice')
    const bob = open('bob')
    const seen = follow(alice, 'bob')
    presence(bob.client).set({ status: 'busy' })
    await world.timeline.advance(500)
    for (const tab of [alice, bob])
      for (const ms of [HOUR_MS, -2 * HOUR_MS]) {
        tab.clock.jump(ms)
        await world.timeline.advance(30_000)
      }
    expect(seen.at(-1)).toBe('busy')
    expect(seen).not.toContain('offline')
    expect(await world.core.online()).toHaveLength(2)
  })

  it('shows who is in a room, and nothing to somebody who is kicked out of it', async () => {
    const rooms = new Map([['mallory', true]])
    world = newWorld({
      latencyMs: 10,
      authorize: ({ user }) => (rooms.get(user) === false ? 'not_member' : 'allow'),
    })
    const alice = open('alice')
    const mallory = open('mallory')
    const there = ({ client }: Tab) => presence(client).inRoom('general')
    for (const tab of [alice, mallory]) there(tab).subscribe(() => {})
    follow(mallory, 'alice')
    await world.timeline.advance(500)
    for (const tab of [alice, mallory])
      expect(there(tab).get()).toMatchObject({ users: [{ user: 'alice' }, { user: 'mallory' }], count: 2 })
    rooms.set('mallory', false)
    world.core.kick('mallory', 'general', 'not_member')
    await world.timeline.advance(500)
    expect(there(alice).get()).toMatchObject({ users: [{ user: 'alice' }], count: 1 })
    expect(there(mallory).get()).toEqual({ users: [], count: null })
    expect(presence(mallory.client).of('alice').get()).toMatchObject({ status: 'offline', lastSeen: null })
    presence(alice.client).set({ status: 'busy' })
    await world.timeline.advance(500)
    expect(statusOf(mallory, 'alice')).toBe('offline')
  })

  it('does not touch a list of messages', async () => {
    world = newWorld({ latencyMs: 10 })
    const alice = open('alice')
    const bob = open('bob')
    await world.timeline.advance(500)
    const { timeline } = alice.client.room('general')
    let told = 0
    timeline.subscribe(() => told++)
    follow(alice, 'bob')
    presence(alice.client)
      .inRoom('general')
      .subscribe(() => {})
    const before = timeline.get()
    for (const status of ['busy', 'away', 'online'] as const) {
      presence(bob.client).set({ status })
      await world.timeline.advance(500)
    }
    expect(told).toBe(0)
    expect(timeline.get()).toBe(before)
  })

  it('is known of a room that could not be had for a while', async () => {
    let isDown = false
    world = newWorld({
      latencyMs: 10,
      authorize: () => {
        if (isDown) throw new Error('the rights cannot be read')
        return 'allow'
      },
    })
    open('bob')
    open('carol')
    const alice = open('alice', null)
    const room = presence(alice.client).inRoom('general')
    room.subscribe(() => {})
    await world.timeline.advance(2_000)
    expect(room.get().users.map(({ user }) => user)).toEqual(['bob', 'carol'])
    isDown = true
    alice.client.room('general').open()
    await world.timeline.advance(1_000)
    expect(alice.client.room('general').timeline.get().status).toBe('refused')
    isDown = false
    await world.timeline.advance(60_000)
    expect(alice.client.room('general').timeline.get().status).toBe('live')
    expect(room.get().users.map(({ user }) => user)).toEqual(['alice', 'bob', 'carol'])
  })
})
