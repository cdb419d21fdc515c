import { describe, expect, it } from 'vitest'
import { formatStamp } from '../../../src/protocol/index.js'
import { at } from '../client/puppet-world.js'
import { numbers } from '../client/steps.js'
import { ids, ROOM, reader } from './reader.js'

const { world, room, general, settle, advance, told, positions, live, echo, reconnect, longRoom } = reader()

describe('what this user has read', () => {
  it('is gathered for half a second and told once, with the moment of reading', async () => {
    await live(5)
    general().markRead(ids(1))
    const readAt = world().timeline.now()
    await advance(300)
    general().markRead(ids(2, 3))
    await advance(199)
    expect(told()).toEqual([])
    await advance(1)
    expect(told()).toEqual([{ type: 'read_receipt', room: ROOM, upTo: 3, at: readAt + 300 }])
    await advance(10_000)
    expect(told()).toHaveLength(1)
  })
  it('S58: is told once, however often the same message is seen', async () => {
    await live(3)
    for (let i = 0; i < 50; i++) general().markRead([...ids(1, 2, 1), 'm2'])
    await advance(600)
    for (let i = 0; i < 50; i++) general().markRead(ids(1, 2))
    await advance(5_000)
    expect(positions()).toEqual([2])
  })
  it('S59: needs no timer while there is nothing to tell', async () => {
    await live(3)
    const before = world().timeline.pending
    general().markRead(['nothing'])
    general().markRead([])
    expect(world().timeline.pending).toBe(before)
    general().markRead(ids(1))
    expect(world().timeline.pending).toBe(before + 1)
    await advance(500)
    expect(world().timeline.pending).toBe(before)
  })
  it('is at most one frame a room in half a second', async () => {
    await live(100)
    const times: number[] = []
    for (const seq of numbers(1, 100)) {
      general().markRead(ids(seq))
      await advance(70)
      if (told().length > times.length) times.push(world().timeline.now())
    }
    expect(times.length).toBeGreaterThan(10)
    for (const [i, time] of times.entries())
      if (i > 0) expect(time - (times[i - 1] ?? 0)).toBeGreaterThan(430)
  })
  it('stops before the first message that was not seen', async () => {
    await live(6)
    general().markRead(ids(1, 2, 4, 6))
    expect(general().state.get().mark).toBe(2)
    general().markRead(ids(5))
    expect(general().state.get().mark).toBe(2)
    general().markRead(ids(3))
    expect(general().state.get().mark).toBe(6)
    await advance(500)
    expect(positions()).toEqual([6])
  })
  it('is held back by a message that comes late, and goes on once that was seen', async () => {
    await live(3, 3)
    const long = world().timeline.now() - 600_000
    const { event } = world()
    world().server.send(
      event(4, { stamp: event(4).stamp.replace(/^.{9}/, long.toString(36).padStart(9, '0')) }),
      event(5),
    )
    await settle()
    const order = room()
      .timeline.get()
      .items.map(({ key }) => key)
    expect(order.indexOf('m4')).toBeLessThan(order.indexOf('m1'))
    general().markRead(ids(5))
    expect(general().state.get().mark).toBe(3)
    expect(room().timeline.get()).toMatchObject({ unread: 2, firstUnread: 'm4' })
    general().markRead(ids(4))
    expect(general().state.get().mark).toBe(5)
    expect(room().timeline.get().unread).toBe(0)
  })
  it('is held back, too, by a late message whose place lies above what is loaded', async () => {
    await longRoom(900)
    const hourAgo = formatStamp(world().timeline.now() - 3_600_000, 0, 'bobs-clock-')
    world().server.send(world().event(1_001, { stamp: hourAgo }), world().event(1_002))
    await settle()
    expect(room().timeline.get()).toMatchObject({ late: 1, unread: 102 })
    general().markRead(ids(...numbers(901, 1_000), 1_002))
    expect(general().state.get().mark).toBe(1_000)
  })
  it('is not told where only own messages lie before the first that was not seen', async () => {
    await live(4, 0, [world().entry(1, { from: 'alice' }), ...[2, 3, 4].map((seq) => world().entry(seq))])
    general().markRead(ids(3, 4))
    await advance(1_000)
    expect(told()).toEqual([])
    expect(general().state.get().mark).toBe(0)
  })
  it('passes over own messages, changes and deleted ones, and is not told for them alone', async () => {
    const entries = [
      ...[world().entry(1), world().entry(2, { from: 'alice' })],
      world().entry(3, { kind: 'react', target: { messageId: 'm1', seq: 1, stamp: world().event(1).stamp } }),
      ...[world().entry(4, { deleted: true }), world().entry(5), world().entry(6, { from: 'alice' })],
    ]
    await live(6, 0, entries)
    general().markRead(ids(2, 4, 6))
    await advance(1_000)
    expect(told()).toEqual([])
    general().markRead(ids(1))
    expect(general().state.get().mark).toBe(4)
    general().markRead(ids(5))
    await advance(1_000)
    expect(positions()).toEqual([6])
    echo(6)
    world().server.send(world().event(7, { from: 'alice' }))
    await settle()
    general().markRead()
    await advance(1_000)
    expect(positions()).toEqual([6])
  })
  it('is all that is known of the room when nothing is named', async () => {
    await live(5)
    general().markRead()
    expect(general().state.get().mark).toBe(5)
    expect(room().timeline.get()).toMatchObject({ unread: 0, firstUnread: null })
    world().server.send(world().event(6))
    await settle()
    expect(room().timeline.get()).toMatchObject({ unread: 1, firstUnread: 'm6' })
    await advance(500)
    expect(positions()).toEqual([5])
  })
  it('takes nothing that is unknown, and nothing that is no text', async () => {
    await live(3)
    general().markRead(['', 'm99', 'tmp_x', '__proto__'])
    // @ts-expect-error What a page without types may do.
    general().markRead([undefined, 7, {}])
    general().markRead('m1')
    await advance(500)
    expect(positions()).toEqual([1])
  })
  it('needs a gap to be filled before it goes past it', async () => {
    await live(2, 0)
    await reconnect(1_000, 0)
    world().page(
      1_000,
      numbers(801, 1_000).map((seq) => world().entry(seq)),
      { prev: at(800), hasMore: true },
    )
    await settle()
    expect(
      room()
        .timeline.get()
        .items.some(({ type }) => type === 'gap'),
    ).toBe(true)
    general().markRead(ids(1, 2, ...numbers(801, 1_000)))
    expect(general().state.get().mark).toBe(2)
    general().markRead()
    expect(general().state.get().mark).toBe(1_000)
  })
  it('begins, for who reads a long room for the first time, with what is loaded', async () => {
    await longRoom(0)
    general().markRead(ids(...numbers(801, 900)))
    expect(general().state.get().mark).toBe(900)
  })
})
