import { directRoom, type PresenceEntry } from 'tidings/protocol'
import { describe, expect, it } from 'vitest'
import { createMemoryPresence, roomsOfToken, type Verified } from '../../src/index.js'
import { createBench, type Puppet } from '../support/bench.js'
import { createTimeline } from '../support/timeline.js'

type Bench = ReturnType<typeof createBench>
const withGrace = (options: Parameters<typeof createBench>[0] = {}): Bench =>
  createBench({ ...options, limits: { presenceGraceMs: 15_000, ...options.limits } })

/** Asks for more to be watched, or less. */
const watch = (puppet: Puppet, add: object, remove: object = {}) =>
  puppet.send({ type: 'presence', watch: { add, remove } })
const told = (puppet: Puppet) => puppet.takeOnly('presence_update')
const statuses = (puppet: Puppet) =>
  told(puppet).flatMap(({ users = [] }) => users.map(({ userId, status }) => [userId, status]))
const names = (users: readonly PresenceEntry[] | undefined) => users?.map(({ userId }) => userId)

describe('watching a user', () => {
  it('is answered with the present state, then with each change, and nothing else', async () => {
    const bench = withGrace()
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    await watch(alice, { users: ['bob'] })
    expect(told(alice)).toMatchObject([{ users: [{ userId: 'bob', status: 'online' }] }])
    await bob.send({ type: 'presence', status: 'busy', custom: 'in a meeting', device: 'phone' })
    expect(told(alice)).toMatchObject([
      { users: [{ userId: 'bob', status: 'busy', custom: 'in a meeting', device: 'phone' }] },
    ])
    await bob.send({ type: 'presence', status: 'busy', custom: 'in a meeting', device: 'phone' })
    await bench.time.advance(60_000)
    expect(told(alice)).toEqual([])
    // What is left out is not said any more.
    await bob.send({ type: 'presence', status: 'busy' })
    expect(told(alice)[0]?.users?.[0]).not.toHaveProperty('custom')
  })

  it('S31: is told to those who watch alone', async () => {
    const bench = withGrace()
    const alice = await bench.join('alice', 'general')
    const carol = await bench.join('carol', 'general')
    const bob = await bench.join('bob', 'general')
    await watch(alice, { users: ['bob'] })
    alice.take()
    carol.take()
    bob.take()
    await bob.send({ type: 'presence', status: 'away' })
    expect(alice.take()).toHaveLength(1)
    expect(carol.take()).toEqual([])
    expect(bob.take()).toEqual([])
    await watch(alice, {}, { users: ['bob'] })
    await bob.send({ type: 'presence', status: 'busy' })
    expect(alice.take()).toEqual([])
  })

  it('S26: shows one of two devices leaving as what the other one says, after the grace', async () => {
    const bench = withGrace()
    const alice = await bench.join('alice', 'general')
    const laptop = await bench.join('bob', 'general')
    const phone = await bench.join('bob', 'general')
    await phone.send({ type: 'presence', status: 'away' })
    await watch(alice, { users: ['bob'] })
    expect(statuses(alice)).toEqual([['bob', 'online']])
    await laptop.hangUp()
    await bench.time.advance(14_999)
    expect(statuses(alice)).toEqual([])
    await bench.time.advance(1)
    expect(statuses(alice)).toEqual([['bob', 'away']])
    await phone.hangUp()
    await bench.time.advance(15_000)
    expect(statuses(alice)).toEqual([['bob', 'offline']])
  })

  it("S29: whose presence it is, and how it is counted, is the server's to say, whatever a frame claims", async () => {
    const bench = withGrace()
    const alice = await bench.join('alice', 'general')
    await bench.join('bob', 'general')
    const mallory = await bench.join('mallory', 'general')
    await watch(alice, { users: ['bob', 'mallory'] })
    alice.take()
    const claims = { userId: 'bob', user: 'bob', ver: 9e15, lastSeen: 1, device: 'd'.repeat(128) }
    await mallory.raw(JSON.stringify({ type: 'presence', status: 'busy', ...claims }))
    const [update] = told(alice)
    expect(update?.users).toMatchObject([{ userId: 'mallory', status: 'busy', lastSeen: bench.time.now() }])
    expect(update?.users?.[0]?.ver).toBeLessThan(9e15)
    expect(mallory.closed).toBeUndefined()
  })

  it('a reload is told to nobody', async () => {
    const bench = withGrace()
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    await watch(alice, { users: ['bob'], rooms: ['general'] })
    alice.take()
    await bob.hangUp()
    await bench.time.advance(2_000)
    await bench.join('bob', 'general')
    await bench.time.advance(60_000)
    expect(told(alice)).toEqual([])
  })

  it('a user whose socket hangs half open is gone once no ping is answered, plus the grace', async () => {
    const bench = withGrace()
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    const heardAt = bench.time.now()
    await watch(alice, { users: ['bob'] })
    alice.take()
    bob.socket.mute = true
    await bench.time.advance(35_000 + 14_999)
    expect(told(alice)).toEqual([])
    await bench.time.advance(1)
    expect(told(alice)).toMatchObject([{ users: [{ status: 'offline', lastSeen: heardAt }] }])
  })

  it('S32: the server beats for its open sockets: nobody ages out who is connected, and a gateway that stops is noticed', async () => {
    const time = createTimeline()
    const presence = createMemoryPresence({ clock: time })
    const bench = withGrace({ time, presence })
    const bob = await bench.join('bob', 'general')
    await time.advance(10 * 60_000)
    expect(names(await presence.online({}))).toEqual(['bob'])
    expect(bob.closed).toBeUndefined()
    // Somebody else's gateway, of which nothing is heard any more.
    presence.enter('elsewhere', 'carol')
    await time.advance(74_999)
    expect(names(await presence.online({}))).toEqual(['bob', 'carol'])
    await time.advance(1)
    expect(names(await presence.online({}))).toEqual(['bob'])
  })

  it('gathers the changes of a tick into one frame', async () => {
    const bench = withGrace()
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    const carol = await bench.join('carol', 'general')
    await watch(alice, { users: ['bob', 'carol'] })
    expect(told(alice)).toHaveLength(1)
    const moods = [
      { type: 'presence', status: 'busy' },
      { type: 'presence', status: 'away' },
    ] as const
    await Promise.all([bob, carol].map((puppet) => puppet.send(...moods)))
    expect(told(alice)).toMatchObject([{ users: [{ status: 'away' }, { status: 'away' }] }])
  })
})

describe('a server that was started just now', () => {
  it('shows nobody as gone who may be on the way back: not before 15 s, and then at once', async () => {
    const bench = withGrace()
    const alice = await bench.join('alice', 'general')
    await watch(alice, { users: ['bob', 'carol'] })
    await bench.time.advance(5_000)
    await bench.join('bob', 'general')
    expect(statuses(alice)).toEqual([['bob', 'online']])
    await bench.time.advance(9_999)
    expect(told(alice)).toEqual([])
    await bench.time.advance(1)
    expect(statuses(alice)).toEqual([['carol', 'offline']])
    await watch(alice, { users: ['dora'] })
    expect(statuses(alice)).toEqual([['dora', 'offline']])
  })
})

describe('somebody who changes all the time', () => {
  it('costs those who watch ten frames a second, the last of which is right', async () => {
    const bench = createBench({ limits: { presenceRestMs: 100 } })
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    await watch(alice, { users: ['bob'], rooms: ['general'] })
    await bench.time.advance(1_000)
    alice.take()
    for (let i = 0; i <= 100; i++) {
      await bob.send({ type: 'presence', status: i % 2 ? 'busy' : 'away' })
      await bench.time.advance(10)
    }
    await bench.time.advance(100)
    const byName = told(alice).filter(({ room }) => room === undefined)
    expect(byName.length).toBeGreaterThan(1)
    expect(byName.length).toBeLessThan(13)
    expect(byName.at(-1)?.users).toMatchObject([{ status: 'away' }])
    // What comes after a rest is told at once.
    await bench.time.advance(200)
    await bob.send({ type: 'presence', status: 'busy' })
    expect(told(alice)).toHaveLength(2)
  })
})

describe('who may watch whom', () => {
  const rights: Record<string, readonly string[]> = {
    alice: ['one', 'both'],
    bob: ['two', 'both'],
    carol: ['two'],
  }
  const verify = (token: string | undefined): Verified =>
    token ? { user: token, rights: { rooms: rights[token] ?? [] } } : 'refused'
  const strict = (options: Parameters<typeof createBench>[0] = {}) =>
    withGrace({ verify, authorize: roomsOfToken, ...options })

  it('those who share a room that both may read, others hear nothing', async () => {
    const bench = strict()
    const alice = await bench.join('alice', 'both')
    await bench.join('bob', 'two')
    await bench.join('carol', 'two')
    await watch(alice, { users: ['bob', 'carol', 'nobody'] })
    expect(statuses(alice)).toEqual([['bob', 'online']])
  })

  it('whoever asked in vain is told as soon as the two share a room', async () => {
    const bench = strict()
    const alice = await bench.join('alice', 'both')
    await watch(alice, { users: ['bob'] })
    expect(told(alice)).toEqual([])
    await bench.join('bob', 'both')
    expect(statuses(alice)).toEqual([['bob', 'online']])
  })

  it('a direct conversation is a shared room, also while the other one was never here', async () => {
    const bench = strict()
    const alice = await bench.join('alice', directRoom('alice', 'dora'))
    await watch(alice, { users: ['dora'] })
    await bench.time.advance(15_000)
    expect(told(alice)).toMatchObject([{ users: [{ userId: 'dora', status: 'offline', lastSeen: 0 }] }])
  })

  it('everybody may watch themselves', async () => {
    const bench = strict()
    const alice = await bench.join('alice')
    await watch(alice, { users: ['alice'] })
    expect(statuses(alice)).toEqual([['alice', 'online']])
  })

  it('or as the server decides; a decision that throws lets nobody see, and is asked for again', async () => {
    let broken = true
    const bench = strict({
      async maySee(user, other) {
        if (broken) throw new Error('The directory is down.')
        return user === 'alice' && other === 'carol'
      },
    })
    const alice = await bench.join('alice', 'both')
    await bench.join('bob', 'both')
    await bench.join('carol', 'two')
    await watch(alice, { users: ['bob', 'carol'] })
    expect(told(alice)).toEqual([])
    broken = false
    await bench.time.advance(1_000)
    expect(statuses(alice)).toEqual([['carol', 'online']])
  })

  it('a room may be watched by those who may read it; what may not is ignored', async () => {
    const bench = strict()
    const alice = await bench.join('alice')
    await bench.join('bob', 'two', 'both')
    await watch(alice, { rooms: ['two', 'both'] })
    expect(told(alice)).toMatchObject([{ room: 'both', users: [{ userId: 'bob' }] }])
    await bench.join('carol', 'two')
    expect(told(alice)).toEqual([])
  })

  it('somebody put out of the room that was shared is told no more', async () => {
    const rooms = new Map([['alice', new Set(['general'])]])
    const bench = withGrace({
      authorize: ({ user, room }) => (rooms.get(user)?.has(room) ? 'allow' : 'not_member'),
    })
    rooms.set('bob', new Set(['general']))
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    await watch(alice, { users: ['bob'], rooms: ['general'] })
    alice.take()
    rooms.set('alice', new Set())
    bench.core.kick('alice', 'general', 'not_member')
    await bench.settle()
    expect(statuses(alice)).toEqual([['bob', 'offline']])
    await bob.send({ type: 'presence', status: 'busy' })
    await bench.join('carol', 'general')
    expect(told(alice)).toEqual([])
    // Let in again, the watch is still there.
    rooms.set('alice', new Set(['general']))
    await alice.send({ type: 'subscribe', id: 'q', rooms: [{ room: 'general' }] })
    const back = told(alice).map(({ room, users }) => [room, names(users)])
    expect(back).toContainEqual([undefined, ['bob']])
    expect(back).toContainEqual(['general', ['bob', 'alice']])
  })
})

describe('watching a room', () => {
  it('tells who is there, then who came, changed and left', async () => {
    const bench = withGrace()
    const alice = await bench.join('alice', 'general')
    await watch(alice, { rooms: ['general'] })
    expect(told(alice)).toMatchObject([{ room: 'general', users: [{ userId: 'alice' }] }])
    const bob = await bench.join('bob', 'general')
    await bench.join('carol', 'other')
    expect(told(alice)).toMatchObject([{ room: 'general', users: [{ userId: 'bob', status: 'online' }] }])
    await bob.send({ type: 'presence', status: 'away' })
    expect(told(alice)).toMatchObject([{ room: 'general', users: [{ userId: 'bob', status: 'away' }] }])
    // Where he is concerns those who watch a room; the others are told of him.
    await watch(alice, { users: ['bob'] })
    expect(told(alice)).toHaveLength(1)
    await bob.send({ type: 'unsubscribe', rooms: ['general'] })
    expect(told(alice)).toEqual([{ type: 'presence_update', room: 'general', left: ['bob'] }])
  })

  it('answers for an empty room with nobody', async () => {
    const bench = withGrace()
    const alice = await bench.join('alice')
    await watch(alice, { rooms: ['general'] })
    expect(told(alice)).toEqual([{ type: 'presence_update', room: 'general', users: [] }])
  })

  it('a room that is asked for anew while it is followed makes nobody leave', async () => {
    const bench = withGrace()
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    await watch(alice, { rooms: ['general'] })
    alice.take()
    await bob.send({ type: 'subscribe', id: 'q', rooms: [{ room: 'general' }] })
    expect(told(alice)).toEqual([])
  })

  it('above the bound only the number is told, and everybody again once they are fewer', async () => {
    const bench = createBench({ limits: { presenceRoomUsers: 2 } })
    const alice = await bench.join('alice', 'general')
    await bench.join('bob', 'general')
    await watch(alice, { rooms: ['general'] })
    expect(told(alice)).toMatchObject([{ users: [{ userId: 'alice' }, { userId: 'bob' }] }])
    const carol = await bench.join('carol', 'general')
    expect(told(alice)).toEqual([{ type: 'presence_update', room: 'general', count: 3 }])
    await carol.send({ type: 'presence', status: 'busy' })
    expect(told(alice)).toEqual([])
    await carol.hangUp()
    expect(names(told(alice)[0]?.users)).toEqual(['alice', 'bob'])
  })

  it('somebody who is put out leaves the list of those who stay', async () => {
    const bench = withGrace()
    const alice = await bench.join('alice', 'general')
    await bench.join('bob', 'general')
    await watch(alice, { rooms: ['general'] })
    alice.take()
    bench.core.kick('bob', 'general', 'forbidden')
    await bench.settle()
    expect(told(alice)).toMatchObject([{ left: ['bob'] }])
  })
})

describe('watch lists', () => {
  it('are bounded, and say so', async () => {
    const bench = createBench({ limits: { watchedUsers: 3, watchedRooms: 1 } })
    const alice = await bench.join('alice', 'general')
    await watch(alice, { users: ['alice', 'b', 'c', 'd', 'e'], rooms: ['general', 'other'] })
    const received = alice.take()
    expect(received.filter(({ type }) => type === 'error')).toMatchObject([{ code: 'too_large' }])
    const updates = received.flatMap((frame) => (frame.type === 'presence_update' ? frame : []))
    expect(updates.flatMap(({ users = [], room }) => (room ? [] : names(users)))).toEqual(['alice', 'b', 'c'])
    await watch(alice, { users: ['d'] }, { users: ['b'] })
    expect(statuses(alice)).toEqual([['d', 'offline']])
  })

  it('S182: leave nothing behind when their connection goes', async () => {
    const bench = createBench()
    const alice = await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'general')
    await watch(alice, { users: ['bob'], rooms: ['general', 'other'] })
    await alice.hangUp()
    await bob.send({ type: 'presence', status: 'busy' })
    await bob.hangUp()
    expect(bench.time.timers).toBe(0)
    expect(await bench.core.online()).toEqual([])
  })

  it('presence that cannot be asked now is asked again', async () => {
    const time = createTimeline()
    const memory = createMemoryPresence({ clock: time })
    let broken = true
    const sure = <T>(answer: Promise<T>): Promise<T> => (broken ? Promise.reject(new Error('down')) : answer)
    const bench = createBench({
      time,
      presence: {
        ...memory,
        of: (users) => sure(memory.of(users)),
        inRoom: (room, atMost) => sure(memory.inRoom(room, atMost)),
      },
    })
    const alice = await bench.join('alice', 'general')
    await watch(alice, { users: ['alice'], rooms: ['general'] })
    expect(told(alice)).toEqual([])
    broken = false
    await time.advance(1_000)
    expect(told(alice)).toHaveLength(2)
  })
})

describe('who is online', () => {
  it('is told to server code, for a room, and with those seen since', async () => {
    const bench = withGrace()
    await bench.join('alice', 'general')
    const bob = await bench.join('bob', 'other')
    const since = bench.time.now()
    expect(names(await bench.core.online())).toEqual(['alice', 'bob'])
    expect(names(await bench.core.online({ room: 'general' }))).toEqual(['alice'])
    await bob.hangUp()
    await bench.time.advance(15_000)
    expect(names(await bench.core.online())).toEqual(['alice'])
    expect(names(await bench.core.online({ since }))).toEqual(['alice', 'bob'])
    bench.core.close()
    expect(bench.time.timers).toBe(0)
  })
})
