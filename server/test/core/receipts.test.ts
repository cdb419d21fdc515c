import type { ClientFrames, ServerFrames } from 'tidings/protocol'
import { describe, expect, it } from 'vitest'
import { createMemoryLog, type Log, type MarkClaim } from '../../src/index.js'
import { createBench, frames, type Puppet } from '../support/bench.js'
import { createTimeline } from '../support/timeline.js'

const receipt = (more: Partial<ClientFrames['read_receipt']>): ClientFrames['read_receipt'] => ({
  type: 'read_receipt',
  room: 'general',
  at: 1_767_603_600_000,
  ...more,
})
const readers = (puppet: Puppet): ServerFrames['read_receipt']['readers'][] =>
  puppet.takeOnly('read_receipt').map((frame) => frame.readers)
const marks = (puppet: Puppet) =>
  readers(puppet).map((some) => Object.fromEntries(some.map(({ readBy, upTo }) => [readBy, upTo])))

/** A room of ten messages of alice's, and whoever is named in it. */
async function createRoom(options: Parameters<typeof createBench>[0] = {}) {
  const bench = createBench(options)
  const { message } = frames(bench)
  const alice = await bench.join('alice', 'general')
  await alice.send(...Array.from({ length: 10 }, (_, i) => message(`m${i + 1}`)))
  const ids = alice.takeOnly('ack').map(({ messageId }) => messageId ?? '')
  return { ...bench, alice, ids, message }
}

describe('read receipts', () => {
  it('gather for half a second, then tell all readers of a room in one frame, the reader included', async () => {
    const { join, alice, time } = await createRoom()
    const [bob, carol] = [await join('bob', 'general'), await join('carol', 'general')]
    await bob.send(receipt({ upTo: 3 }), receipt({ upTo: 5 }))
    await time.advance(200)
    await carol.send(receipt({ upTo: 4 }))
    await time.advance(299)
    expect(marks(alice)).toEqual([])
    await time.advance(1)
    for (const puppet of [alice, bob, carol]) expect(marks(puppet)).toEqual([{ bob: 5, carol: 4 }])
    await time.advance(10_000)
    for (const puppet of [alice, bob, carol]) expect(marks(puppet)).toEqual([])
  })
  it('S59: leave no timer where nothing waits', async () => {
    const { join, time } = await createRoom()
    const bob = await join('bob', 'general')
    const before = time.timers
    await bob.send(receipt({ upTo: 3 }))
    expect(time.timers).toBe(before + 1)
    await time.advance(500)
    expect(time.timers).toBe(before)
  })
  it('are bounded by the room and by the clock, and never go back', async () => {
    const { join, time } = await createRoom()
    const bob = await join('bob', 'general')
    await bob.send(receipt({ upTo: 999, at: time.now() + 3_600_000 }))
    await time.advance(500)
    const [[first] = []] = readers(bob)
    expect(first).toEqual({ readBy: 'bob', upTo: 10, readAt: time.now() - 500 })
    await bob.send(receipt({ upTo: 2 }))
    await time.advance(500)
    expect(readers(bob)).toEqual([])
  })
  it('S62: tell when it was read, not when it was written down', async () => {
    const { join, time } = await createRoom()
    const bob = await join('bob', 'general')
    const readAt = time.now() - 3_600_000
    await bob.send(receipt({ upTo: 5, at: readAt }))
    await time.advance(500)
    expect(readers(bob)).toEqual([[{ readBy: 'bob', upTo: 5, readAt }]])
  })
  it('S56, S57: take messages by their ids, in rooms of any name, and pass over ids that they do not know', async () => {
    const { join, time, ids } = await createRoom()
    const bob = await join('bob', 'general', 'room:42')
    await bob.send(receipt({ messageIds: ['nothing', ids[6] ?? ''] }))
    await bob.send(receipt({ room: 'room:42', messageIds: [ids[9] ?? ''] }))
    await time.advance(500)
    expect(bob.takeOnly('read_receipt').map(({ room, readers: [one] }) => [room, one?.upTo])).toEqual([
      ['general', 7],
    ])
  })
  it('S63: count for the reader alone, and only where they may read', async () => {
    const { core, join, alice, time } = await createRoom({
      authorize: ({ user, verb, room }) =>
        user === 'mallory' && verb === 'read' && room === 'general' ? 'not_member' : 'allow',
    })
    const mallory = await join('mallory', 'other')
    await mallory.send(receipt({ upTo: 5 }), receipt({ messageIds: ['x'] }), receipt({}))
    await time.advance(1_000)
    expect(marks(alice)).toEqual([])
    expect(mallory.closed).toBeUndefined()
    const bob = await join('bob', 'general')
    await bob.send(receipt({ upTo: 5 }))
    await time.advance(500)
    expect(marks(alice)).toEqual([{ bob: 5 }])
    expect(core.connections).toBe(3)
  })
  it('are ignored while rights cannot be told', async () => {
    let down = false
    const { join, alice, time } = await createRoom({
      authorize: () => (down ? Promise.reject(new Error('no database')) : 'allow'),
    })
    const bob = await join('bob', 'general')
    down = true
    await bob.send(receipt({ upTo: 5 }))
    await time.advance(1_000)
    expect(marks(alice)).toEqual([])
  })
  it('of one who is removed from the room are not taken any more, and are not shown to him', async () => {
    const members = new Set(['alice', 'bob'])
    const { core, join, alice, time } = await createRoom({
      authorize: ({ user }) => (members.has(user) ? 'allow' : 'not_member'),
    })
    const bob = await join('bob', 'general')
    members.delete('bob')
    core.kick('bob', 'general', 'not_member')
    await bob.send(receipt({ upTo: 5 }))
    await alice.send(receipt({ upTo: 9 }))
    await time.advance(1_000)
    expect(marks(alice)).toEqual([{ alice: 9 }])
    expect(marks(bob)).toEqual([])
  })
  it('bring the marks of all when a room is joined, and say where the reader stands', async () => {
    const { join, connect, time } = await createRoom()
    const bob = await join('bob', 'general')
    await bob.send(receipt({ upTo: 4 }))
    await time.advance(500)
    await bob.hangUp()
    const again = connect('bob')
    await again.hello({ rooms: [{ room: 'general' }, { room: 'empty' }] })
    await time.advance(0)
    const all = again.take()
    expect(all.filter(({ type }) => type === 'subscribed')).toMatchObject([
      { room: 'general', mark: 4, unread: 6 },
      { room: 'empty', mark: 0, unread: 0 },
    ])
    expect(all.filter(({ type }) => type === 'read_receipt')).toMatchObject([
      { room: 'general', readers: [{ readBy: 'bob', upTo: 4 }] },
    ])
    const order = all.map(({ type }) => type)
    expect(order.indexOf('read_receipt')).toBeGreaterThan(order.indexOf('subscribed'))
  })
  it('come in several frames when a room has many readers', async () => {
    const { join, log, alice, time } = await createRoom()
    const claims = Array.from({ length: 2_500 }, (_, i) => ({
      ...{ room: 'general', user: `reader ${i}`, upTo: 1, readAt: 1 },
    }))
    await log.marks?.raise(claims)
    await time.advance(0)
    const told = readers(alice)
    expect(told.map((some) => some.length)).toEqual([1_000, 1_000, 500])
    const bob = await join('bob')
    await bob.send({ type: 'subscribe', id: 'q', rooms: [{ room: 'general' }] })
    expect(readers(bob).map((some) => some.length)).toEqual([1_000, 1_000, 500])
  })
  it('outlive the server: what was gathered is kept when it closes', async () => {
    const time = createTimeline()
    const log = createMemoryLog({ clock: time })
    const { join, core } = await createRoom({ time, log })
    const bob = await join('bob', 'general')
    await bob.send(receipt({ upTo: 6 }))
    core.close()
    await time.advance(0)
    const next = createBench({ time, log })
    const again = await next.connect('bob')
    await again.hello({ rooms: [{ room: 'general' }] })
    expect(again.takeOnly('subscribed')).toMatchObject([{ mark: 6, unread: 4 }])
  })
  it('S60: one flush that fails is not repeated for ever, and the next ones work', async () => {
    const time = createTimeline()
    const inner = createMemoryLog({ clock: time })
    let asked = 0
    const { marks: kept } = inner
    if (!kept) throw new Error('The memory log keeps marks.')
    const log: Log = {
      ...inner,
      marks: {
        ...kept,
        raise: (claims) => (++asked === 1 ? Promise.reject(new Error('disk full')) : kept.raise(claims)),
      },
    }
    const { join, alice } = await createRoom({ time, log })
    const bob = await join('bob', 'general')
    await bob.send(receipt({ upTo: 3 }))
    await time.advance(5_000)
    expect(asked).toBe(1)
    await bob.send(receipt({ upTo: 4 }))
    await time.advance(500)
    expect(marks(alice)).toEqual([{ bob: 4 }])
  })
  it('of a flood are one claim for each reader and room, with no more ids than a frame may bring', async () => {
    const time = createTimeline()
    const inner = createMemoryLog({ clock: time })
    const { marks: kept } = inner
    if (!kept) throw new Error('The memory log keeps marks.')
    const raised: (readonly MarkClaim[])[] = []
    const raise = (claims: readonly MarkClaim[]) => {
      raised.push(claims)
      return kept.raise(claims)
    }
    const { join, ids } = await createRoom({ time, log: { ...inner, marks: { ...kept, raise } } })
    const bob = await join('bob', 'general')
    const invented = (round: number) => Array.from({ length: 200 }, (_, i) => `${round}/${i}`)
    for (let round = 0; round < 50; round++)
      await bob.send(
        receipt({ messageIds: invented(round) }),
        receipt({ upTo: 1 }),
        receipt({ room: 'other' }),
      )
    await bob.send(receipt({ messageIds: [ids[4] ?? ''] }))
    await time.advance(500)
    expect(raised.map((claims) => claims.map(({ room, messageIds }) => [room, messageIds?.length]))).toEqual([
      [['general', 200]],
    ])
    expect(marks(bob)).toEqual([{ bob: 5 }])
  })
  it('are left out by a server whose log keeps none', async () => {
    const time = createTimeline()
    const { marks: _none, ...log } = createMemoryLog({ clock: time })
    const { connect } = await createRoom({ time, log })
    const bob = connect('bob')
    await bob.hello({ rooms: [{ room: 'general' }] })
    await bob.send(receipt({ upTo: 3 }))
    await time.advance(1_000)
    const all = bob.take()
    expect(all.filter(({ type }) => type === 'subscribed')).toMatchObject([{ unread: 0 }])
    expect(all.some((frame) => 'mark' in frame || frame.type === 'read_receipt')).toBe(false)
  })
})
