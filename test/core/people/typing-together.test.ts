import { afterEach, describe, expect, it } from 'vitest'
import { typing } from '../../../src/core/people/typing.js'
import { createWorld, type Tab, texts, type World } from '../client/world.js'

const HOUR_MS = 3_600_000

let world: World
afterEach(async () => {
  await world.end()
})

/** A tab that looks at a room, connected and caught up. */
async function join(user: string, room = 'general', profile = world.profile(user)) {
  const tab = world.tab(profile)
  const { users } = typing(tab.client.room(room))
  const lists: string[][] = []
  users.subscribe(() => lists.push(users.get().map(({ user: name }) => name)))
  tab.client.connect()
  await world.timeline.advance(200)
  return { ...tab, lists, typing: typing(tab.client.room(room)), names: () => lists.at(-1) ?? [] }
}

/** A key every 100 ms. */
async function type(tab: Pick<Awaited<ReturnType<typeof join>>, 'typing'>, forMs: number): Promise<void> {
  for (let ms = 0; ms < forMs; ms += 100) {
    tab.typing.keystroke()
    await world.timeline.advance(100)
  }
}

describe('typing with a real server', () => {
  it('is seen by the other, once on and once off, for ten seconds of typing', async () => {
    world = createWorld({ latencyMs: 40 })
    const [alice, bob] = [await join('alice'), await join('bob')]
    await type(alice, 10_000)
    expect(bob.lists).toEqual([['alice']])
    await world.timeline.advance(3_500)
    expect(bob.lists).toEqual([['alice'], []])
    expect(alice.lists).toEqual([])
    await world.end()
    await world.timeline.advance(1_000)
    expect(world.timeline.pending).toBe(0)
  })

  it('ends with the message that was typed', async () => {
    world = createWorld({ latencyMs: 40 })
    const [alice, bob] = [await join('alice'), await join('bob')]
    await type(alice, 1_000)
    alice.client.room('general').send('done')
    await world.timeline.advance(200)
    expect([bob.names(), texts(bob.client)]).toEqual([[], ['done']])
    expect(bob.lists).toHaveLength(2)
  })

  it('S53: works in a direct conversation, for both', async () => {
    world = createWorld()
    const alice = world.tab(world.profile('alice')).client
    const bob = world.tab(world.profile('bob')).client
    const [toBob, toAlice] = [typing(alice.direct('bob')), typing(bob.direct('alice'))]
    for (const { users } of [toBob, toAlice]) users.subscribe(() => {})
    alice.connect()
    bob.connect()
    await world.timeline.advance(200)
    toBob.keystroke()
    await world.timeline.advance(10)
    expect(toAlice.users.get()).toMatchObject([{ user: 'alice' }])
    expect(toBob.users.get()).toEqual([])
    toAlice.keystroke()
    await world.timeline.advance(10)
    expect(toBob.users.get()).toMatchObject([{ user: 'bob' }])
  })

  it('I12: whoever vanishes is not shown for more than 5 s after the last word of theirs', async () => {
    world = createWorld()
    const [alice, bob] = [await join('alice'), await join('bob')]
    // The last start goes out after 2 s.
    await type(alice, 2_500)
    alice.crash()
    await world.timeline.advance(3_900)
    expect(bob.names()).toEqual(['alice'])
    await world.timeline.advance(600)
    expect(bob.names()).toEqual([])
  })

  it('I12: holds whatever people and networks do, and nobody is left typing in the end', async () => {
    for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
      let toldAt = Number.NEGATIVE_INFINITY
      world = createWorld({
        latencyMs: 30,
        seed,
        outgoing({ type }, { user }) {
          if (type === 'typing_start' && user === 'bob') toldAt = world.timeline.now()
          return world.random.next() < 0.1 && type === 'typing_stop' ? 'drop' : 'pass'
        },
      })
      const [alice, bob] = [await join('alice'), await join('bob')]
      const here = alice.client.room('general')
      const deeds = [
        () => alice.typing.keystroke(),
        () => alice.typing.keystroke(),
        () => alice.typing.keystroke(),
        () => alice.typing.stop(),
        () => here.send('word'),
        () => alice.client.disconnect(),
        () => alice.client.connect(),
        () => alice.link.drop(),
        () => alice.clock.jump(HOUR_MS),
        () => bob.clock.jump(-HOUR_MS),
      ]
      for (let i = 0; i < 200; i++) {
        deeds[Math.floor(world.random.next() * deeds.length)]?.()
        await world.timeline.advance(Math.floor(world.random.next() * 900))
        if (bob.names().length > 0) expect(world.timeline.now() - toldAt).toBeLessThanOrEqual(5_030)
        expect(alice.names()).toEqual([])
      }
      await world.timeline.advance(8_030)
      expect([bob.names(), alice.typing.isTyping.get()]).toEqual([[], false])
      expect(bob.lists.length).toBeGreaterThan(4)
      if (seed < 8) await world.end()
    }
  })

  it('ends at once when the author goes offline in order, or leaves the room', async () => {
    world = createWorld()
    const [alice, bob] = [await join('alice'), await join('bob')]
    await type(alice, 500)
    alice.client.disconnect()
    await world.timeline.advance(10)
    expect(bob.names()).toEqual([])
    alice.client.connect()
    await world.timeline.advance(200)
    expect(bob.names()).toEqual([])
  })

  it('two tabs of one user: neither shows the other, and the one that goes on typing is seen', async () => {
    world = createWorld()
    const profile = world.profile('alice')
    const [first, second] = [await join('alice', 'general', profile), await join('alice', 'general', profile)]
    const bob = await join('bob')
    await type(first, 1_000)
    await type(second, 4_000)
    expect(bob.lists).toEqual([['alice']])
    await world.timeline.advance(3_000)
    expect(bob.names()).toEqual([])
    expect([...first.lists, ...second.lists]).toEqual([])
  })

  it('being kicked while typing: the others see the end, and the kicked one is neither seen nor told', async () => {
    let banned = false
    world = createWorld({
      authorize: ({ user }) => (banned && user === 'alice' ? 'not_member' : 'allow'),
    })
    const [alice, bob] = [await join('alice'), await join('bob')]
    await type(alice, 1_000)
    banned = true
    world.core.kick('alice', 'general', 'not_member')
    await world.timeline.advance(10)
    expect(bob.names()).toEqual([])
    expect(alice.typing.isTyping.get()).toBe(false)
    await type(alice, 3_000)
    await type(bob, 3_000)
    expect([bob.lists, alice.lists]).toEqual([[['alice'], []], []])
  })

  it('S39: an hour more or less on a clock changes nothing', async () => {
    for (const jump of [HOUR_MS, -HOUR_MS]) {
      world = createWorld()
      const [alice, bob] = [await join('alice'), await join('bob')]
      await type(alice, 1_000)
      const clocks: readonly Tab['clock'][] = [alice.clock, bob.clock]
      for (const clock of clocks) clock.jump(jump)
      await type(alice, 4_000)
      expect([bob.lists, alice.typing.isTyping.get()]).toEqual([[['alice']], true])
      await world.timeline.advance(2_899)
      expect(bob.names()).toEqual(['alice'])
      await world.timeline.advance(1)
      expect([bob.names(), alice.typing.isTyping.get()]).toEqual([[], false])
      if (jump > 0) await world.end()
    }
  })
})
