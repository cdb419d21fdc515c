import { describe, expect, it } from 'vitest'
import { createMemoryPresence } from '../../src/index.js'
import { createBench } from '../support/bench.js'
import { createTimeline } from '../support/timeline.js'
import { names, statuses, told, watch, withGrace } from './presence.js'

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
    await bob.send({ type: 'presence', status: 'online', custom: 'at home' })
    await watch(alice, { users: ['bob'], rooms: ['general'] })
    alice.take()
    await bob.hangUp()
    await bench.time.advance(2_000)
    const reloaded = await bench.join('bob', 'general')
    expect(told(alice)).toEqual([])
    await reloaded.send({ type: 'presence', status: 'online', custom: 'at home' })
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
