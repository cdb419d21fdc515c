import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { deliveryOf, receipts } from '../../../src/core/people/receipts.js'
import { formatStamp, type ServerFrames } from '../../../src/protocol/index.js'
import { at, createPuppetWorld, type PuppetWorld } from '../client/puppet-world.js'
import { numbers } from '../client/steps.js'

let world: PuppetWorld
beforeEach(() => {
  world = createPuppetWorld()
})
afterEach(async () => {
  await world.end()
  expect(world.timeline.pending).toBe(0)
  expect(world.lifecycle.listeners).toBe(0)
})

const ROOM = 'general'
const room = () => world.client.room(ROOM)
const general = () => receipts(room())
const settle = () => world.timeline.settle()
const advance = (ms: number) => world.timeline.advance(ms)
const told = () => world.framesOf('read_receipt')
const positions = () => told().map(({ upTo }) => upTo)
const ids = (...seqs: number[]) => seqs.map((seq) => `m${seq}`)

/** The room is live with messages 1 to `head` of bob's, and this user has read up to `mark`. */
async function live(head: number, mark = 0, entries = numbers(1, head).map((seq) => world.entry(seq))) {
  room().open()
  general()
  await world.welcome()
  await join(head, mark, entries)
}
async function join(head: number, mark: number, entries: ServerFrames['sync_response']['messages'] = []) {
  world.server.send({ ...world.subscribed(head), mark, unread: head - mark })
  await settle()
  if (world.framesOf('sync_request').length > 0) world.page(head, entries)
  await settle()
}
const echo = (upTo: number, readBy = 'alice') =>
  world.server.send({
    type: 'read_receipt',
    room: ROOM,
    readers: [{ readBy, upTo, readAt: world.timeline.now() }],
  })
const cells = () => {
  const store = world.disk.names().find((name) => name.startsWith('tidings.outbox.')) ?? ''
  return world.disk.entries(store).filter(([key]) => key.startsWith('c/'))
}
/** The connection breaks and comes back; the room was not answered yet. */
async function reconnect(head: number, mark: number): Promise<void> {
  world.server.drop()
  await settle()
  await world.welcome()
  world.server.send({ ...world.subscribed(head), mark, unread: 0 })
  await settle()
}

describe('what this user has read', () => {
  it('is gathered for half a second and told once, with the moment of reading', async () => {
    await live(5)
    general().markRead(ids(1))
    const readAt = world.timeline.now()
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
    const before = world.timeline.pending
    general().markRead(['nothing'])
    general().markRead([])
    expect(world.timeline.pending).toBe(before)
    general().markRead(ids(1))
    expect(world.timeline.pending).toBe(before + 1)
    await advance(500)
    expect(world.timeline.pending).toBe(before)
  })
  it('is at most one frame a room in half a second', async () => {
    await live(100)
    const times: number[] = []
    for (const seq of numbers(1, 100)) {
      general().markRead(ids(seq))
      await advance(70)
      if (told().length > times.length) times.push(world.timeline.now())
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
    const long = world.timeline.now() - 600_000
    const { event } = world
    world.server.send(
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
    room().open()
    await world.welcome()
    world.server.send({ ...world.subscribed(1_000), mark: 900, unread: 100 })
    await settle()
    world.page(
      1_000,
      numbers(801, 1_000).map((seq) => world.entry(seq)),
      { prev: at(800), hasMore: true },
    )
    await settle()
    const hourAgo = formatStamp(world.timeline.now() - 3_600_000, 0, 'bobs-clock-')
    world.server.send(world.event(1_001, { stamp: hourAgo }), world.event(1_002))
    await settle()
    expect(room().timeline.get()).toMatchObject({ late: 1, unread: 102 })
    general().markRead(ids(...numbers(901, 1_000), 1_002))
    expect(general().state.get().mark).toBe(1_000)
  })
  it('is not told where only own messages lie before the first that was not seen', async () => {
    await live(4, 0, [world.entry(1, { from: 'alice' }), ...[2, 3, 4].map((seq) => world.entry(seq))])
    general().markRead(ids(3, 4))
    await advance(1_000)
    expect(told()).toEqual([])
    expect(general().state.get().mark).toBe(0)
  })
  it('passes over own messages, changes and deleted ones, and is not told for them alone', async () => {
    const entries = [
      ...[world.entry(1), world.entry(2, { from: 'alice' })],
      world.entry(3, { kind: 'react', target: { messageId: 'm1', seq: 1, stamp: world.event(1).stamp } }),
      ...[world.entry(4, { deleted: true }), world.entry(5), world.entry(6, { from: 'alice' })],
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
    world.server.send(world.event(7, { from: 'alice' }))
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
    world.server.send(world.event(6))
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
    world.page(
      1_000,
      numbers(801, 1_000).map((seq) => world.entry(seq)),
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
    room().open()
    await world.welcome()
    world.server.send({ ...world.subscribed(1_000), mark: 0, unread: 1_000 })
    await settle()
    world.page(
      1_000,
      numbers(801, 1_000).map((seq) => world.entry(seq)),
      { prev: at(800), hasMore: true },
    )
    await settle()
    general().markRead(ids(...numbers(801, 900)))
    expect(general().state.get().mark).toBe(900)
  })
})

describe('receipts on their way', () => {
  it('S61: stay until the server has them: told again after each reconnect, and only until then', async () => {
    await live(5)
    general().markRead(ids(1, 2))
    await advance(600)
    expect(positions()).toEqual([2])
    await reconnect(5, 0)
    await advance(600)
    expect(positions()).toEqual([2, 2])
    echo(2)
    await reconnect(5, 2)
    await advance(5_000)
    expect(positions()).toEqual([2, 2])
    expect(cells()).toEqual([])
  })
  it('are not told again to a server that says in `subscribed` that it has them', async () => {
    await live(5)
    general().markRead(ids(1, 2))
    await advance(600)
    await reconnect(5, 2)
    await advance(5_000)
    expect(positions()).toEqual([2])
    expect(cells()).toEqual([])
  })
  it('of what was read offline outlive a reload', async () => {
    await live(5)
    world.server.drop()
    await settle()
    general().markRead(ids(1, 2, 3))
    expect(room().timeline.get().unread).toBe(2)
    await settle()
    expect(cells()).toMatchObject([['c/read/general', { upTo: 3 }]])
    await world.reload()
    room().open()
    general()
    await world.welcome()
    expect(general().state.get().mark).toBe(3)
    await join(5, 0)
    expect(room().timeline.get().unread).toBe(2)
    await advance(600)
    expect(positions()).toEqual([3])
    echo(3)
    await advance(100)
    expect(cells()).toEqual([])
  })
  it('of what was read before the server was ever heard wait for its mark', async () => {
    await live(5, 2)
    await world.reload()
    room().open()
    world.client.connect()
    await settle()
    // No mark is known: 3 and 4 may be preceded by something unread.
    general().markRead(ids(3, 4))
    expect(general().state.get().mark).toBe(null)
    await settle()
    await world.reload()
    room().open()
    general()
    await world.welcome()
    await join(5, 2)
    await advance(600)
    expect(positions()).toEqual([4])
  })
  it('of rooms that are not opened any more are told by any use of receipts', async () => {
    await live(5)
    world.server.drop()
    await settle()
    general().markRead()
    await settle()
    await world.reload()
    receipts(world.client.room('other'))
    await world.welcome()
    await advance(600)
    expect(told()).toMatchObject([{ room: ROOM, upTo: 5 }])
  })
  it('go at once when the page is hidden, but not twice in half a second', async () => {
    await live(5)
    general().markRead(ids(1))
    await advance(100)
    world.lifecycle.signal('hidden')
    await settle()
    expect(positions()).toEqual([1])
    general().markRead(ids(2))
    world.lifecycle.signal('pagehide')
    await settle()
    expect(positions()).toEqual([1])
    await advance(500)
    expect(positions()).toEqual([1, 2])
    world.lifecycle.signal('hidden')
    await advance(1_000)
    expect(positions()).toEqual([1, 2])
  })
  it('S62: keep the moment of reading, not that of telling', async () => {
    await live(5)
    world.server.drop()
    await settle()
    const readAt = world.timeline.now()
    general().markRead(ids(1))
    await advance(3_600_000)
    while (!world.server.waiting) await advance(1_000)
    world.server.welcome({ user: 'alice', t: world.timeline.now() })
    await advance(600)
    expect(told()).toMatchObject([{ upTo: 1, at: readAt }])
  })
  it('S56: name the room, whatever is in its name', async () => {
    for (const name of ['room:42', 'a/b%2F', 'c/read/x', '__proto__']) {
      world.client.room(name).open()
      receipts(world.client.room(name))
    }
    await world.welcome()
    for (const name of ['room:42', 'a/b%2F', 'c/read/x', '__proto__']) {
      world.server.send({ ...world.subscribed(0, name), mark: 0 })
      await settle()
      const request = world.framesOf('sync_request').find((one) => one.room === name)
      if (request) world.server.send({ ...answer(request), room: name })
      await settle()
      world.server.send(world.event(1, { room: name }))
      await settle()
      receipts(world.client.room(name)).markRead(ids(1))
    }
    await advance(600)
    expect(told().map((frame) => frame.room)).toEqual(['room:42', 'a/b%2F', 'c/read/x', '__proto__'])
    await world.reload()
    receipts(world.client.room('any'))
    await world.welcome()
    await advance(600)
    expect(
      told()
        .map((frame) => frame.room)
        .sort(),
    ).toEqual(['__proto__', 'a/b%2F', 'c/read/x', 'room:42'])
  })
  it('wait while the connection is crowded', async () => {
    await live(5)
    world.server.buffer(1_000_000)
    general().markRead(ids(1))
    await advance(2_000)
    expect(told()).toEqual([])
    world.server.buffer(0)
    await advance(1_000)
    expect(positions()).toEqual([1])
  })
  it('are kept for a room that is only one too many', async () => {
    await live(5)
    general().markRead(ids(1))
    world.server.send({ type: 'unsubscribed', room: ROOM, code: 'too_many_rooms', retryable: false })
    await advance(600)
    expect(positions()).toEqual([1])
    expect(cells()).toHaveLength(1)
  })
  it('are dropped when the user is removed from the room', async () => {
    await live(5)
    general().markRead(ids(1, 2))
    echo(4, 'bob')
    world.server.send({ type: 'unsubscribed', room: ROOM, code: 'not_member', retryable: false })
    await advance(5_000)
    expect(told()).toEqual([])
    expect(cells()).toEqual([])
    expect(general().state.get().readers).toEqual([])
  })
  it('fall back only with a log that lost its end', async () => {
    await live(5)
    general().markRead()
    echo(5, 'bob')
    await advance(600)
    world.server.drop()
    await settle()
    await world.welcome()
    world.server.send({ ...world.subscribed(3), mark: 0, unread: 3 })
    await settle()
    expect(general().state.get()).toMatchObject({ mark: 3, readers: [{ user: 'bob', upTo: 3 }] })
    await advance(600)
    expect(positions()).toEqual([5, 3])
    echo(3)
    await advance(100)
    expect(cells()).toEqual([])
  })
  it('do not mind what else stands on the disk', async () => {
    await live(5)
    general().markRead(ids(1))
    await advance(100)
    const store = world.disk.names().find((name) => name.startsWith('tidings.outbox.')) ?? ''
    await world.client.destroy()
    const other = await world.disk.storage().open(store)
    const bad = [
      'nonsense',
      null,
      { upTo: -1, at: 0, seen: [] },
      { upTo: 1e300, at: 0, seen: [] },
      { upTo: 3 },
    ]
    for (const [i, value] of bad.entries())
      await other.transact([], () => ({ changes: [{ put: `c/read/bad${i}`, value }], result: 0 }), 'strict')
    await other.transact([], () => ({ changes: [{ put: 'c/read/%', value: 7 }], result: 0 }), 'strict')
    await other.close()
    await world.reload()
    room().open()
    general()
    await world.welcome()
    await advance(600)
    expect(told()).toMatchObject([{ room: ROOM, upTo: 1 }])
    expect(world.errors).toEqual([])
  })
  it('are told without a disk, which is reported once', async () => {
    await world.end()
    world = createPuppetWorld({
      storage: (disk) => ({
        ...disk.storage(),
        open: (name) =>
          name.includes('outbox') ? Promise.reject(new Error('no disk')) : disk.storage().open(name),
      }),
    })
    await live(5)
    for (const seq of numbers(1, 5)) {
      general().markRead(ids(seq))
      await advance(600)
    }
    expect(positions()).toEqual([1, 2, 3, 4, 5])
    expect(world.errors.filter(({ message }) => message.includes('What was read')).length).toBe(1)
  })
  it('do nothing before the client is asked to connect', async () => {
    general().markRead()
    general().state.subscribe(() => {})
    await advance(5_000)
    // The list of a room that is watched is read, as ever, and nothing is written.
    expect(world.disk.names().flatMap(world.disk.entries)).toEqual([])
    expect(world.disk.commits).toBe(0)
    expect(world.lifecycle.listeners).toBe(0)
  })
})

const answer = ({ id }: { readonly id: string }): ServerFrames['sync_response'] => ({
  type: 'sync_response',
  id,
  room: ROOM,
  messages: [],
  prev: at(0),
  cursor: at(0),
  seq: 0,
  hasMore: false,
  head: 0,
})

describe('what the others have read', () => {
  const users = () =>
    general()
      .state.get()
      .readers.map(({ user, upTo }) => `${user} ${upTo}`)

  it('rises only, the furthest first, without this user', async () => {
    await live(5)
    echo(2, 'bob')
    echo(4, 'carol')
    echo(1, 'bob')
    echo(5, 'alice')
    expect(users()).toEqual(['carol 4', 'bob 2'])
    expect(general().state.get()).toBe(general().state.get())
  })
  it('is told by message, without its author', async () => {
    await live(3)
    const of = (key: string) => general().readBy(key).get()
    echo(2, 'bob')
    echo(2, 'carol')
    echo(3, 'dave')
    expect([of('m1'), of('m2'), of('m3')]).toEqual([['dave', 'carol'], ['dave', 'carol'], ['dave']])
    expect(of('nothing')).toEqual([])
    const readBy = general().readBy('m1')
    expect(readBy.get()).toBe(readBy.get())
  })
  it('reaches only those rows whose readers changed, and never the list', async () => {
    await live(100)
    const calls: string[] = []
    for (const seq of numbers(1, 100))
      general()
        .readBy(`m${seq}`)
        .subscribe(() => calls.push(`m${seq}`))
    let redraws = 0
    room().timeline.subscribe(() => redraws++)
    const timeline = room().timeline.get()
    echo(40, 'carol')
    await settle()
    expect(calls).toEqual(ids(...numbers(1, 40)))
    calls.length = 0
    echo(43, 'carol')
    await settle()
    expect(calls).toEqual(ids(41, 42, 43))
    calls.length = 0
    echo(43, 'bob')
    await settle()
    // Bob wrote them all: that he has read them is no news.
    expect(calls).toEqual([])
    expect(redraws).toBe(0)
    expect(room().timeline.get()).toBe(timeline)
  })
  it('is found for a message that was pending when it was asked for', async () => {
    await live(1)
    const { key } = room().send('mine')
    const readBy = general().readBy(key)
    const listener = vi.fn()
    readBy.subscribe(listener)
    await settle()
    const sent = world.framesOf('message').at(-1)
    world.server.send(world.event(2, { from: 'alice', id: sent?.id ?? '' }))
    await settle()
    echo(2, 'bob')
    await settle()
    expect(readBy.get()).toEqual(['bob'])
    expect(listener).toHaveBeenCalledTimes(1)
  })
  it('S65: shows a message as sent only once the server has it, and as read once somebody has', async () => {
    await live(1)
    const { key } = room().send('mine')
    const delivery = () => {
      const message = room().message(key).get()
      return message && deliveryOf(message, general().readBy(key).get())
    }
    expect(delivery()).toBe('pending')
    await settle()
    const sent = world.framesOf('message').at(-1)
    expect(delivery()).toBe('pending')
    world.server.send(world.event(2, { from: 'alice', id: sent?.id ?? '' }))
    await settle()
    expect(delivery()).toBe('sent')
    echo(2, 'alice')
    expect(delivery()).toBe('sent')
    echo(2, 'bob')
    expect(delivery()).toBe('read')
    expect(deliveryOf({ status: 'failed' }, ['bob'])).toBe('failed')
  })
  it('is asked for when it is wanted after the room was joined, once', async () => {
    await live(3)
    general().state.subscribe(() => {})
    await advance(1_000)
    expect(told()).toEqual([])
    await world.reload()
    room().open()
    await world.welcome()
    world.server.send({ ...world.subscribed(3), mark: 0, unread: 3 })
    await settle()
    general().state.subscribe(() => {})
    general()
      .readBy('m1')
      .subscribe(() => {})
    await advance(1_000)
    expect(told()).toEqual([{ type: 'read_receipt', room: ROOM, at: expect.any(Number) }])
  })
  it('S60: reaches everybody, whoever of them throws', async () => {
    await live(5)
    const seen: unknown[] = []
    const bad = () => {
      throw new Error('not my day')
    }
    general().state.subscribe(bad)
    general().state.subscribe(() => seen.push(general().state.get().readers.length))
    general().readBy('m1').subscribe(bad)
    general()
      .readBy('m1')
      .subscribe(() => seen.push(general().readBy('m1').get()))
    room().timeline.subscribe(bad)
    echo(3, 'carol')
    await settle()
    expect(seen).toEqual(expect.arrayContaining([1, ['carol']]))
    general().markRead(ids(1))
    await advance(600)
    general().markRead(ids(2))
    await advance(600)
    expect(positions().filter(Boolean)).toEqual([1, 2])
    expect(world.codes()).toContain('listener')
  })
})

describe('the unread count', () => {
  it('is not raised by pages of what the server has counted already', async () => {
    await live(5)
    expect(room().timeline.get().unread).toBe(5)
    world.server.send(world.event(6), world.event(7, { from: 'alice' }))
    await settle()
    expect(room().timeline.get().unread).toBe(6)
  })
  it('follows what this user reads on another device', async () => {
    await live(5)
    const listener = vi.fn()
    room().timeline.subscribe(listener)
    echo(3)
    await settle()
    expect(room().timeline.get()).toMatchObject({ unread: 2, firstUnread: 'm4' })
    expect(general().state.get().mark).toBe(3)
    expect(listener).toHaveBeenCalledTimes(1)
    echo(2)
    await settle()
    expect(room().timeline.get().unread).toBe(2)
    expect(listener).toHaveBeenCalledTimes(1)
  })
  it('leaves out what the server counts and does not show', async () => {
    room().open()
    await world.welcome()
    world.server.send({ ...world.subscribed(5), mark: 2, unread: 3 })
    await settle()
    // Of the three, one is hidden from this user: its place is covered, and empty.
    world.page(
      5,
      [1, 2, 3, 5].map((seq) => world.entry(seq)),
    )
    await settle()
    expect(room().timeline.get()).toMatchObject({ unread: 2, firstUnread: 'm3' })
    world.server.drop()
    await settle()
    await world.welcome()
    world.server.send({ ...world.subscribed(5), mark: 2, unread: 3 })
    await settle()
    expect(room().timeline.get().unread).toBe(2)
  })
  it('goes down when what is unread is deleted', async () => {
    await live(3)
    const { stamp } = world.event(2)
    world.server.send(
      world.event(4, { kind: 'delete', version: 2, target: { messageId: 'm2', seq: 2, stamp } }),
    )
    await settle()
    expect(room().timeline.get().unread).toBe(2)
  })
  it('is counted from the own mark where that is ahead of the server', async () => {
    await live(5)
    general().markRead(ids(1, 2, 3))
    world.server.drop()
    await settle()
    await world.welcome()
    world.server.send({ ...world.subscribed(7), mark: 1, unread: 6 })
    await settle()
    expect(room().timeline.get().unread).toBeLessThanOrEqual(4)
    world.page(7, [world.entry(6), world.entry(7)], { id: ROOM, room: ROOM, prev: at(5) })
    await settle()
    expect(room().timeline.get()).toMatchObject({ unread: 4, firstUnread: 'm4' })
  })
})
