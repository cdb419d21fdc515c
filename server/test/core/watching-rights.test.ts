import { directRoom } from 'tidings/protocol'
import { describe, expect, it } from 'vitest'
import { roomsOfToken, type Verified } from '../../src/index.js'
import type { createBench } from '../support/bench.js'
import { names, statuses, told, watch, withGrace } from './presence.js'

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

  it('S79: those who share a room that both may read, others hear nothing', async () => {
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

  it('a decision that throws for one of them keeps nobody else from being told', async () => {
    const bench = strict({
      maySee(user) {
        if (user === 'carol') throw new Error('The directory does not know her.')
        return true
      },
    })
    const [alice, carol] = [await bench.join('alice', 'both'), await bench.join('carol', 'two')]
    const bob = await bench.join('bob', 'both')
    await watch(carol, { users: ['bob'] })
    await watch(alice, { users: ['bob'] })
    await bench.time.advance(1_000)
    expect(statuses(alice)).toEqual([['bob', 'online']])
    await bob.send({ type: 'presence', status: 'busy' })
    await bench.time.advance(1_000)
    expect(statuses(alice)).toEqual([['bob', 'busy']])
    expect(told(carol)).toEqual([])
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
