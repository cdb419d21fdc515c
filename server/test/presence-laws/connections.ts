import type { PresenceEntry } from 'tidings/protocol'
import { expect, it } from 'vitest'
import { HOUR_MS, type PresenceBench } from './bench.js'

/** What the connections of a user say about them, and since when. */
export function connectionLaws({ begin, make }: PresenceBench): void {
  it('shows a connection that said nothing as online, and somebody nobody knows as offline', async () => {
    const { presence, of, time } = begin()
    presence.enter('s1', 'alice')
    expect(await of('alice')).toMatchObject({ userId: 'alice', status: 'online', lastSeen: time.now() })
    expect(await of('nobody')).toMatchObject({ userId: 'nobody', status: 'offline', lastSeen: 0 })
  })

  it('S26: a connection that leaves takes its user away only if it was the last one', async () => {
    const { presence, statusOf, time } = begin()
    presence.enter('phone', 'alice')
    presence.enter('laptop', 'alice')
    presence.leave('phone', time.now())
    await time.advance(HOUR_MS / 60)
    expect(await statusOf('alice')).toBe('online')
    presence.leave('laptop', time.now())
    await time.advance(15_000)
    expect(await statusOf('alice')).toBe('offline')
  })

  it('shows the strongest connection: busy, then online, away, offline; with what that one says', async () => {
    const { presence, of } = begin()
    presence.enter('phone', 'alice')
    presence.enter('laptop', 'alice')
    presence.say('phone', { status: 'away', device: 'phone' })
    presence.say('laptop', { status: 'busy', custom: 'in a meeting', room: 'general' })
    expect(await of('alice')).toMatchObject({ status: 'busy', custom: 'in a meeting', room: 'general' })
    presence.say('laptop', { status: 'offline' })
    expect(await of('alice')).toMatchObject({ status: 'away', device: 'phone' })
    expect(await of('alice')).not.toHaveProperty('custom')
    presence.say('laptop', { status: 'online' })
    expect(await of('alice')).toMatchObject({ status: 'online' })
    expect(await of('alice')).not.toHaveProperty('device')
  })

  it('of two alike, shows the one that spoke last', async () => {
    const { presence, of } = begin()
    presence.enter('phone', 'alice')
    presence.enter('laptop', 'alice')
    presence.say('laptop', { status: 'online', device: 'laptop' })
    presence.say('phone', { status: 'online', device: 'phone' })
    expect((await of('alice')).device).toBe('phone')
    presence.say('laptop', { status: 'online', device: 'laptop' })
    expect((await of('alice')).device).toBe('laptop')
  })

  it('of two alike, one that has said nothing hides nothing of what the other one says', async () => {
    const { presence, changes, of } = begin()
    presence.enter('laptop', 'alice')
    presence.say('laptop', { status: 'online', custom: 'at home' })
    changes.length = 0
    presence.enter('phone', 'alice')
    expect([(await of('alice')).custom, changes]).toEqual(['at home', []])
  })

  it('a reload is no departure: nobody is told of a connection that is back within 15 s', async () => {
    const { presence, changes, statusOf, time } = begin()
    presence.enter('before', 'alice')
    presence.join('before', 'general')
    changes.length = 0
    presence.leave('before', time.now())
    await time.advance(14_999)
    presence.enter('after', 'alice')
    presence.join('after', 'general')
    await time.advance(HOUR_MS / 60)
    expect(changes).toEqual([])
    expect(await statusOf('alice')).toBe('online')
  })

  it('who does not come back is gone after 15 s, last seen at the last sign of life (S24)', async () => {
    const { presence, changes, of, time } = begin()
    presence.enter('s', 'alice')
    presence.join('s', 'general')
    await time.advance(5_000)
    const seenAt = time.now() - 2_000
    changes.length = 0
    presence.leave('s', seenAt)
    await time.advance(14_999)
    expect(changes).toEqual([])
    await time.advance(1)
    expect(changes).toEqual([{ user: 'alice', entry: true, rooms: ['general'] }])
    expect(await of('alice')).toMatchObject({ status: 'offline', lastSeen: seenAt })
    expect(time.timers).toBe(0)
  })

  it('S23, S32, S34: a connection that is not beaten for 75 s counts no more, and counts again once it is', async () => {
    const { presence, statusOf, of, time } = begin()
    presence.enter('s', 'alice')
    await time.advance(50_000)
    presence.beat(['s', 'nobody'])
    const beatenAt = time.now()
    await time.advance(74_999)
    expect(await statusOf('alice')).toBe('online')
    await time.advance(1)
    expect(await of('alice')).toMatchObject({ status: 'offline', lastSeen: beatenAt })
    presence.beat(['s'])
    expect(await statusOf('alice')).toBe('online')
  })

  it('S28: says the same wherever it is asked: as an entry, in a room and in the list of who is online', async () => {
    const { presence, statusOf, time } = begin()
    presence.enter('s', 'alice')
    presence.join('s', 'general')
    const asked = async () => [
      await statusOf('alice'),
      (await presence.inRoom('general', 5)).count,
      (await presence.online({})).length,
      (await presence.online({ room: 'general' })).length,
    ]
    expect(await asked()).toEqual(['online', 1, 1, 1])
    await time.advance(75_000)
    expect(await asked()).toEqual(['offline', 0, 0, 0])
    presence.beat(['s'])
    expect(await asked()).toEqual(['online', 1, 1, 1])
    presence.leave('s', time.now())
    expect(await asked()).toEqual(['online', 1, 1, 1])
    await time.advance(15_000)
    expect(await asked()).toEqual(['offline', 0, 0, 0])
  })

  it('what a connection said that left counts until another one of the user speaks', async () => {
    const { presence, statusOf, time } = begin()
    presence.enter('before', 'alice')
    presence.say('before', { status: 'busy' })
    presence.leave('before', time.now())
    presence.enter('after', 'alice')
    expect(await statusOf('alice')).toBe('busy')
    presence.say('after', { status: 'online' })
    expect(await statusOf('alice')).toBe('online')
  })

  it('raises the version with every change that shows, and only then', async () => {
    const { presence, of, time } = begin()
    presence.enter('s', 'alice')
    const versions = [(await of('alice')).ver]
    const say = async (status: PresenceEntry['status']) => {
      presence.say('s', { status })
      versions.push((await of('alice')).ver)
    }
    await say('online')
    expect(versions[1]).toBe(versions[0])
    await time.advance(60_000)
    presence.beat(['s'])
    expect((await of('alice')).ver).toBe(versions[0])
    for (const status of ['busy', 'away', 'online'] as const) await say(status)
    const [, ...rising] = versions
    expect(rising).toEqual([...new Set(rising)].sort((a, b) => a - b))
    expect(rising).toHaveLength(4)
  })

  it('raises the version over a restart, and over a wall clock that goes back an hour', async () => {
    const { presence, of, time } = begin()
    presence.enter('s', 'alice')
    const before = (await of('alice')).ver
    time.jump(-HOUR_MS)
    presence.say('s', { status: 'busy' })
    const later = (await of('alice')).ver
    expect(later).toBeGreaterThan(before)
    time.jump(HOUR_MS)
    await time.advance(1_000)
    const restarted = make(time)
    restarted.enter('s', 'alice')
    const [entry] = await restarted.of(['alice'])
    expect(entry?.ver).toBeGreaterThan(later)
  })

  it('S39: a wall clock that jumps an hour, either way, moves nobody', async () => {
    const { presence, changes, time } = begin()
    presence.enter('here', 'alice')
    presence.enter('going', 'bob')
    presence.leave('going', time.now())
    changes.length = 0
    for (const ms of [HOUR_MS, -2 * HOUR_MS]) {
      time.jump(ms)
      await time.advance(5_000)
    }
    expect(changes).toEqual([])
    await time.advance(5_000)
    expect(changes).toEqual([{ user: 'bob', entry: true, rooms: [] }])
  })
}
