import { expect, it } from 'vitest'
import type { Presence } from '../../src/index.js'
import { HOUR_MS, type PresenceBench } from './bench.js'

/** Who is there: in a room, and among all; and what remains in the end. */
export function roomLaws({ begin }: PresenceBench): void {
  it('shows in a room who has a connection there, with the count alone above the bound', async () => {
    const { presence, time } = begin()
    for (const user of ['alice', 'bob', 'carol']) {
      presence.enter(user, user)
      presence.join(user, 'general')
    }
    presence.enter('bob-2', 'bob')
    presence.join('bob-2', 'general')
    presence.join('bob-2', 'other')
    const names = async (room: string) => (await presence.inRoom(room, 3)).users?.map(({ userId }) => userId)
    expect(await names('general')).toEqual(['alice', 'bob', 'carol'])
    expect(await presence.inRoom('general', 2)).toEqual({ count: 3 })
    presence.part('bob', 'general')
    expect(await names('general')).toHaveLength(3)
    presence.part('bob-2', 'general')
    expect(await names('general')).toEqual(['alice', 'carol'])
    expect(await names('other')).toEqual(['bob'])
    presence.leave('carol', time.now())
    expect(await names('general')).toEqual(['alice', 'carol'])
    await time.advance(15_000)
    expect(await names('general')).toEqual(['alice'])
  })

  it('shows who says `offline` as gone: in no room, without words, last seen when they said it', async () => {
    const { presence, of, time } = begin()
    presence.enter('s', 'alice')
    presence.join('s', 'general')
    const saidAt = time.now()
    presence.say('s', { status: 'offline', custom: 'not for you', room: 'general' })
    await time.advance(30_000)
    presence.beat(['s'])
    presence.leave('s', time.now())
    await time.advance(HOUR_MS / 60)
    const { ver, ...shown } = await of('alice')
    expect(shown).toEqual({ userId: 'alice', status: 'offline', lastSeen: saidAt })
    expect(ver).toBeGreaterThan(0)
    expect(await presence.inRoom('general', 10)).toEqual({ count: 0, users: [] })
  })

  it('a "do not disturb" whose time has come is not said any more', async () => {
    const { presence, of, time } = begin()
    presence.enter('s', 'alice')
    const doNotDisturbUntil = time.now() + 10_000
    presence.say('s', { status: 'busy', doNotDisturbUntil })
    expect(await of('alice')).toMatchObject({ doNotDisturbUntil })
    await time.advance(10_000)
    expect(await of('alice')).not.toHaveProperty('doNotDisturbUntil')
  })

  it('lists who is online, in a room, or was seen since', async () => {
    const { presence, time } = begin()
    presence.enter('a', 'alice')
    presence.enter('b', 'bob')
    presence.join('b', 'general')
    presence.enter('c', 'carol')
    presence.say('c', { status: 'offline' })
    const names = async (ask: Parameters<Presence['online']>[0]) =>
      (await presence.online(ask)).map(({ userId }) => userId)
    const start = time.now()
    expect(await names({})).toEqual(['alice', 'bob'])
    await time.advance(1_000)
    presence.leave('b', time.now())
    await time.advance(20_000)
    expect(await names({})).toEqual(['alice'])
    expect(await names({ room: 'general' })).toEqual([])
    expect(await names({ room: 'general', since: start + 1_000 })).toEqual(['bob'])
    expect(await names({ since: start + 1_001 })).toEqual(['alice'])
  })

  it('who is sent out of a room is not in it any more, with no connection, gone ones included', async () => {
    const { presence, time } = begin()
    presence.enter('one', 'alice')
    presence.enter('two', 'alice')
    for (const session of ['one', 'two']) presence.join(session, 'general')
    presence.leave('two', time.now())
    presence.expel('alice', 'general')
    expect(await presence.inRoom('general', 10)).toEqual({ count: 0, users: [] })
    expect(await presence.roomsOf('alice')).toEqual([])
  })

  it('knows the rooms of those who are gone, as they were', async () => {
    const { presence, time } = begin()
    presence.enter('s', 'alice')
    presence.join('s', 'general')
    presence.leave('s', time.now())
    await time.advance(20_000)
    expect(await presence.roomsOf('alice')).toEqual(['general'])
    presence.expel('alice', 'general')
    expect(await presence.roomsOf('alice')).toEqual([])
    expect(await presence.roomsOf('nobody')).toEqual([])
  })

  it('names from outside are names: `__proto__` is a user and a room like any other', async () => {
    const { presence, statusOf } = begin()
    presence.enter('__proto__', '__proto__')
    presence.join('__proto__', '__proto__')
    expect(await statusOf('__proto__')).toBe('online')
    expect(await statusOf('constructor')).toBe('offline')
    expect((await presence.inRoom('__proto__', 5)).count).toBe(1)
  })

  it('closed, it leaves no timer', async () => {
    const { presence, time } = begin()
    presence.enter('one', 'alice')
    presence.enter('two', 'bob')
    presence.leave('two', time.now())
    presence.close()
    expect(time.timers).toBe(0)
  })
}
