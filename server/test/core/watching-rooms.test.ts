import { describe, expect, it } from 'vitest'
import { createMemoryPresence } from '../../src/index.js'
import { createBench } from '../support/bench.js'
import { createTimeline } from '../support/timeline.js'
import { names, statuses, told, watch, withGrace } from './presence.js'

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
