import { describe, expect, it } from 'vitest'
import { receipts } from '../../../src/core/people/receipts.js'
import type { ServerFrames } from '../../../src/protocol/index.js'
import { at } from '../client/puppet-world.js'
import { numbers } from '../client/steps.js'
import { ids, ROOM, reader } from './reader.js'

const { world, renew, room, general, settle, advance, told, positions, live, join, echo, cells, reconnect } =
  reader()
const answer = ({ id }: { readonly id: string }): ServerFrames['sync_response'] => ({
  type: 'sync_response',
  id,
  room: ROOM,
  messages: [],
  prev: null,
  cursor: at(0),
  seq: 0,
  hasMore: false,
  head: 0,
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
    world().server.drop()
    await settle()
    general().markRead(ids(1, 2, 3))
    expect(room().timeline.get().unread).toBe(2)
    await settle()
    expect(cells()).toMatchObject([['c/read/general', { upTo: 3 }]])
    await world().reload()
    room().open()
    general()
    await world().welcome()
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
    await world().reload()
    room().open()
    world().client.connect()
    await settle()
    // No mark is known: 3 and 4 may be preceded by something unread.
    general().markRead(ids(3, 4))
    expect(general().state.get().mark).toBe(null)
    await settle()
    await world().reload()
    room().open()
    general()
    await world().welcome()
    await join(5, 2)
    await advance(600)
    expect(positions()).toEqual([4])
  })
  it('of rooms that are not opened any more are told by any use of receipts', async () => {
    await live(5)
    world().server.drop()
    await settle()
    general().markRead()
    await settle()
    await world().reload()
    receipts(world().client.room('other'))
    await world().welcome()
    await advance(600)
    expect(told()).toMatchObject([{ room: ROOM, upTo: 5 }])
  })
  it('go at once when the page is hidden, but not twice in half a second', async () => {
    await live(5)
    general().markRead(ids(1))
    await advance(100)
    world().lifecycle.signal('hidden')
    await settle()
    expect(positions()).toEqual([1])
    general().markRead(ids(2))
    world().lifecycle.signal('pagehide')
    await settle()
    expect(positions()).toEqual([1])
    await advance(500)
    expect(positions()).toEqual([1, 2])
    world().lifecycle.signal('hidden')
    await advance(1_000)
    expect(positions()).toEqual([1, 2])
  })
  it('S62: keep the moment of reading, not that of telling', async () => {
    await live(5)
    world().server.drop()
    await settle()
    const readAt = world().timeline.now()
    general().markRead(ids(1))
    await advance(3_600_000)
    while (!world().server.waiting) await advance(1_000)
    world().server.welcome({ user: 'alice', t: world().timeline.now() })
    await advance(600)
    expect(told()).toMatchObject([{ upTo: 1, at: readAt }])
  })
  it('S56: name the room, whatever is in its name', async () => {
    for (const name of ['room:42', 'a/b%2F', 'c/read/x', '__proto__']) {
      world().client.room(name).open()
      receipts(world().client.room(name))
    }
    await world().welcome()
    for (const name of ['room:42', 'a/b%2F', 'c/read/x', '__proto__']) {
      world().server.send({ ...world().subscribed(0, name), mark: 0 })
      await settle()
      const request = world()
        .framesOf('sync_request')
        .find((one) => one.room === name)
      if (request) world().server.send({ ...answer(request), room: name })
      await settle()
      world().server.send(world().event(1, { room: name }))
      await settle()
      receipts(world().client.room(name)).markRead(ids(1))
    }
    await advance(600)
    expect(told().map((frame) => frame.room)).toEqual(['room:42', 'a/b%2F', 'c/read/x', '__proto__'])
    await world().reload()
    receipts(world().client.room('any'))
    await world().welcome()
    await advance(600)
    expect(
      told()
        .map((frame) => frame.room)
        .sort(),
    ).toEqual(['__proto__', 'a/b%2F', 'c/read/x', 'room:42'])
  })
  it('wait while the connection is crowded', async () => {
    await live(5)
    world().server.buffer(1_000_000)
    general().markRead(ids(1))
    await advance(2_000)
    expect(told()).toEqual([])
    world().server.buffer(0)
    await advance(1_000)
    expect(positions()).toEqual([1])
  })
  it('are kept for a room that is only one too many', async () => {
    await live(5)
    general().markRead(ids(1))
    world().server.send({ type: 'unsubscribed', room: ROOM, code: 'too_many_rooms', retryable: false })
    await advance(600)
    expect(positions()).toEqual([1])
    expect(cells()).toHaveLength(1)
  })
  it('take with them what was seen in a room that was one too many for a while', async () => {
    const entries = numbers(1, 5).map((seq) => world().entry(seq))
    const close = room().open()
    general()
    await world().welcome()
    await join(5, 0, entries)
    general().markRead(ids(1, 3))
    world().server.send({ type: 'unsubscribed', room: ROOM, code: 'too_many_rooms', retryable: false })
    await settle()
    close()
    await advance(5_000)
    room().open()
    await settle()
    await join(5, 1, entries)
    general().markRead(ids(2))
    expect(general().state.get().mark).toBe(3)
  })
  it('are kept anew where the store was lost with what it held', async () => {
    await live(5)
    world().server.drop()
    await settle()
    general().markRead(ids(1, 2))
    await settle()
    world().disk.lose('emptied')
    expect(cells()).toEqual([])
    await advance(1_000)
    expect(cells()).toMatchObject([['c/read/general', { upTo: 2 }]])
  })
  it('are heard of other tabs also once the store was lost and opened again', async () => {
    await live(5)
    const name =
      world()
        .disk.names()
        .find((one) => one.startsWith('tidings.outbox.')) ?? ''
    const write = async (upTo: number) => {
      const other = await world().disk.storage().open(name)
      const value = { upTo, at: world().timeline.now(), seen: [] }
      await other.transact(
        [],
        () => ({ changes: [{ put: 'c/read/general', value }], result: null }),
        'relaxed',
      )
    }
    world().disk.lose('closed')
    await write(2)
    await advance(1_000)
    expect(general().state.get().mark).toBe(2)
    await write(4)
    await advance(1_000)
    expect(general().state.get().mark).toBe(4)
    // The tab in which it was read tells it.
    expect(told()).toEqual([])
  })
  it('are dropped when the user is removed from the room', async () => {
    await live(5)
    general().markRead(ids(1, 2))
    echo(4, 'bob')
    world().server.send({ type: 'unsubscribed', room: ROOM, code: 'not_member', retryable: false })
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
    world().server.drop()
    await settle()
    await world().welcome()
    world().server.send({ ...world().subscribed(3), mark: 0, unread: 3 })
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
    const store =
      world()
        .disk.names()
        .find((name) => name.startsWith('tidings.outbox.')) ?? ''
    await world().client.destroy()
    const other = await world().disk.storage().open(store)
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
    await world().reload()
    room().open()
    general()
    await world().welcome()
    await advance(600)
    expect(told()).toMatchObject([{ room: ROOM, upTo: 1 }])
    expect(world().errors).toEqual([])
  })
  it('are told without a disk, which is reported once', async () => {
    await renew({
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
    expect(world().errors.filter(({ message }) => message.includes('What was read')).length).toBe(1)
  })
  it('do nothing before the client is asked to connect', async () => {
    general().markRead()
    general().state.subscribe(() => {})
    await advance(5_000)
    // The list of a room that is watched is read, as ever, and nothing is written.
    expect(world().disk.names().flatMap(world().disk.entries)).toEqual([])
    expect(world().disk.commits).toBe(0)
    expect(world().lifecycle.listeners).toBe(0)
  })
})
