import { describe, expect, it } from 'vitest'
import { receipts } from '../../../src/core/people/receipts.js'
import { start } from '../client/steps.js'
import { messages, newWorld, type Profile, type Tab, type World } from '../client/world.js'

let world: World

const advance = (ms: number) => world.timeline.advance(ms)
const of = ({ client }: Tab, room = 'general') => receipts(client.room(room))
const timelineOf = ({ client }: Tab) => client.room('general').timeline.get()
const key = ({ client }: Tab, text: unknown) => messages(client).find(({ body }) => body === text)?.key ?? '?'
const readersOf = (tab: Tab) =>
  Object.fromEntries(
    of(tab)
      .state.get()
      .readers.map(({ user, upTo }) => [user, upTo]),
  )
const cells = ({ disk }: Profile) => {
  const store = disk.names().find((name) => name.startsWith('tidings.outbox.')) ?? ''
  return disk.entries(store).filter(([name]) => name.startsWith('c/'))
}
/** A tab that shows the room and its readers. */
function open(tab: Tab): Tab {
  start(tab)
  of(tab).state.subscribe(() => {})
  return tab
}
async function write(from: Tab, count: number, first = 1): Promise<void> {
  for (let i = 0; i < count; i++) from.client.room('general').send(first + i)
  await advance(500)
}

describe('read receipts between people, tabs and devices', () => {
  it('tell everybody who has read how far', async () => {
    world = newWorld({ latencyMs: 20 })
    const [alice, bob, carol] = [
      open(world.tab(world.profile('alice'))),
      open(world.tab(world.profile('bob'))),
      open(world.tab(world.profile('carol'))),
    ]
    await advance(500)
    await write(bob, 3)
    expect(timelineOf(alice)).toMatchObject({ unread: 3, firstUnread: key(alice, 1) })
    of(alice).markRead([key(alice, 1), key(alice, 2)])
    of(carol).markRead()
    expect(timelineOf(alice)).toMatchObject({ unread: 1, firstUnread: key(alice, 3) })
    await advance(1_200)
    expect(readersOf(bob)).toEqual({ carol: 3, alice: 2 })
    expect(of(bob).readBy(key(bob, 2)).get()).toEqual(['carol', 'alice'])
    expect(of(bob).readBy(key(bob, 3)).get()).toEqual(['carol'])
    expect(readersOf(alice)).toEqual({ carol: 3 })
  })
  it('are known to one who comes later, and to a component that looks later', async () => {
    world = newWorld({ latencyMs: 20 })
    const [alice, bob] = [open(world.tab(world.profile('alice'))), open(world.tab(world.profile('bob')))]
    await advance(500)
    await write(bob, 3)
    of(alice).markRead()
    await advance(1_200)
    const carol = start(world.tab(world.profile('carol')))
    await advance(1_000)
    of(carol).state.subscribe(() => {})
    await advance(100)
    expect(readersOf(carol)).toEqual({ alice: 3 })
    expect(timelineOf(carol).unread).toBe(3)
  })
  it('count on all devices of a user', async () => {
    world = newWorld({ latencyMs: 20 })
    const bob = open(world.tab(world.profile('bob')))
    const [phone, desk] = [world.profile('alice'), world.profile('alice')]
    const [there, here] = [open(world.tab(phone)), open(world.tab(desk))]
    await advance(500)
    await write(bob, 5)
    of(there).markRead([key(there, 1), key(there, 2), key(there, 3)])
    await advance(1_200)
    expect(timelineOf(here)).toMatchObject({ unread: 2, firstUnread: key(here, 4) })
    expect(of(here).state.get().mark).toBe(3)
    of(here).markRead([key(here, 4)])
    await advance(1_200)
    expect(timelineOf(there).unread).toBe(1)
    expect(readersOf(bob)).toEqual({ alice: 4 })
    expect(readersOf(there)).toEqual({})
    expect([...cells(phone), ...cells(desk)]).toEqual([])
  })
  it('count in all tabs of a profile, also while none of them is connected', async () => {
    world = newWorld({ latencyMs: 20 })
    const profile = world.profile('alice')
    const bob = open(world.tab(world.profile('bob')))
    const [one, other] = [open(world.tab(profile)), open(world.tab(profile))]
    await advance(500)
    await write(bob, 5)
    for (const { link } of [one, other]) link.refuse(true)
    for (const { link } of [one, other]) link.drop()
    await advance(100)
    of(one).markRead([key(one, 1), key(one, 2)])
    await advance(100)
    expect(timelineOf(other)).toMatchObject({ unread: 3, firstUnread: key(other, 3) })
    one.crash()
    other.link.refuse(false)
    await advance(40_000)
    expect(readersOf(bob)).toEqual({ alice: 2 })
    expect(cells(profile)).toEqual([])
  })
  it('are told by the tab in which something was read, and by no other of the profile', async () => {
    let asked = 0
    world = newWorld({
      latencyMs: 20,
      authorize: ({ user, verb }) => {
        if (user === 'alice' && verb === 'read') asked += 1
        return 'allow'
      },
    })
    const profile = world.profile('alice')
    const [bob, one] = [open(world.tab(world.profile('bob'))), open(world.tab(profile))]
    const others = [open(world.tab(profile)), open(world.tab(profile))]
    await advance(500)
    await write(bob, 5)
    asked = 0
    of(one).markRead([key(one, 1)])
    await advance(100)
    for (const tab of others) expect(timelineOf(tab).unread).toBe(4)
    await advance(5_000)
    expect(asked).toBe(1)
    expect(readersOf(bob)).toEqual({ alice: 1 })
  })
  it('survive that the server dies before it wrote them down, and that it comes back', async () => {
    world = newWorld({ latencyMs: 20 })
    const profile = world.profile('alice')
    const [alice, bob] = [open(world.tab(profile)), open(world.tab(world.profile('bob')))]
    await advance(500)
    await write(bob, 5)
    of(alice).markRead([key(alice, 1)])
    await advance(510)
    world.killServer()
    of(alice).markRead([key(alice, 2)])
    await advance(2_000)
    expect(cells(profile)).toMatchObject([['c/read/general', { upTo: 2 }]])
    world.startServer()
    await advance(40_000)
    expect(readersOf(bob)).toEqual({ alice: 2 })
    expect(cells(profile)).toEqual([])
    world.killServer()
    world.startServer()
    await advance(40_000)
    const carol = open(world.tab(world.profile('carol')))
    await advance(500)
    expect(readersOf(carol)).toEqual({ alice: 2 })
    expect(timelineOf(alice).unread).toBe(3)
  })
  it('end for one who is removed from the room, on both sides', async () => {
    const members = new Set(['alice', 'bob'])
    world = newWorld({
      latencyMs: 20,
      authorize: ({ user }) => (members.has(user) ? 'allow' : 'not_member'),
    })
    const profile = world.profile('alice')
    const [alice, bob] = [open(world.tab(profile)), open(world.tab(world.profile('bob')))]
    await advance(500)
    await write(bob, 3)
    of(bob).markRead()
    of(alice).markRead([key(alice, 1)])
    members.delete('alice')
    world.core.kick('alice', 'general', 'not_member')
    await advance(2_000)
    expect(readersOf(bob)).toEqual({})
    expect(of(alice).state.get().readers).toEqual([])
    expect(cells(profile)).toEqual([])
    of(alice).markRead()
    await advance(2_000)
    expect(readersOf(bob)).toEqual({})
  })
  it.each([3_600_000, -3_600_000])('are not confused by a clock that jumps by %d ms', async (ms) => {
    world = newWorld({ latencyMs: 20 })
    const [alice, bob] = [open(world.tab(world.profile('alice'))), open(world.tab(world.profile('bob')))]
    await advance(500)
    await write(bob, 5)
    of(alice).markRead([key(alice, 1)])
    await advance(100)
    alice.clock.jump(ms)
    of(alice).markRead([key(alice, 2)])
    await advance(1_200)
    expect(readersOf(bob)).toEqual({ alice: 2 })
    const [reader] = of(bob).state.get().readers
    expect(reader?.readAt).toBeLessThanOrEqual(world.timeline.now())
    of(alice).markRead([key(alice, 3)])
    alice.lifecycle.signal('hidden')
    await advance(1_200)
    expect(readersOf(bob)).toEqual({ alice: 3 })
  })
  it('leave nothing behind in a client that ends, and nothing of a user who logs out', async () => {
    world = newWorld({ latencyMs: 20 })
    const profile = world.profile('alice')
    const [alice, bob] = [open(world.tab(profile)), open(world.tab(world.profile('bob')))]
    await advance(500)
    await write(bob, 3)
    alice.link.blackHole()
    of(alice).markRead([key(alice, 1)])
    await advance(100)
    expect(cells(profile)).toHaveLength(1)
    const mine = of(alice)
    mine.markRead([key(alice, 2)])
    const out = alice.client.logout()
    mine.markRead()
    await advance(1_000)
    await out
    expect(cells(profile)).toEqual([])
    expect(alice.lifecycle.listeners).toBe(0)
    expect(alice.errors).toEqual([])
  })
  it('bring many people to the same marks, whatever is lost on the way', async () => {
    world = newWorld({ latencyMs: 20, limits: { rate: null } })
    const tabs = Array.from({ length: 8 }, (_, i) => open(world.tab(world.profile(`user${i}`))))
    await advance(500)
    const [first] = tabs
    if (!first) throw new Error('There is a first one.')
    await write(first, 20)
    for (const [i, tab] of tabs.entries()) {
      of(tab).markRead(
        messages(tab.client)
          .slice(0, i + 2)
          .map((message) => message.key),
      )
      if (i % 3 === 0) tab.link.drop()
      await advance(170)
    }
    for (const { link } of tabs) link.drop()
    await advance(60_000)
    const expected = Object.fromEntries(tabs.map((_, i) => [`user${i}`, i + 2]).slice(1))
    for (const [i, tab] of tabs.entries()) {
      const { [`user${i}`]: _self, ...others } = expected
      expect(readersOf(tab)).toEqual(others)
    }
  })
})
