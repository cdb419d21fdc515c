import { describe, expect, it, vi } from 'vitest'
import { deliveryOf } from '../../../src/core/people/receipts.js'
import { at } from '../client/puppet-world.js'
import { numbers } from '../client/steps.js'
import { ids, ROOM, reader } from './reader.js'

const { world, room, general, settle, advance, told, positions, live, echo } = reader()

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
    const sent = world().framesOf('message').at(-1)
    world().server.send(world().event(2, { from: 'alice', id: sent?.id ?? '' }))
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
    const sent = world().framesOf('message').at(-1)
    expect(delivery()).toBe('pending')
    world().server.send(world().event(2, { from: 'alice', id: sent?.id ?? '' }))
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
    await world().reload()
    room().open()
    await world().welcome()
    world().server.send({ ...world().subscribed(3), mark: 0, unread: 3 })
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
    expect(world().codes()).toContain('listener')
  })
})

describe('the unread count', () => {
  it('is not raised by pages of what the server has counted already', async () => {
    await live(5)
    expect(room().timeline.get().unread).toBe(5)
    world().server.send(world().event(6), world().event(7, { from: 'alice' }))
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
    await world().welcome()
    world().server.send({ ...world().subscribed(5), mark: 2, unread: 3 })
    await settle()
    // Of the three, one is hidden from this user: its place is covered, and empty.
    world().page(
      5,
      [1, 2, 3, 5].map((seq) => world().entry(seq)),
    )
    await settle()
    expect(room().timeline.get()).toMatchObject({ unread: 2, firstUnread: 'm3' })
    world().server.drop()
    await settle()
    await world().welcome()
    world().server.send({ ...world().subscribed(5), mark: 2, unread: 3 })
    await settle()
    expect(room().timeline.get().unread).toBe(2)
  })
  it('goes down when what is unread is deleted', async () => {
    await live(3)
    const { stamp } = world().event(2)
    world().server.send(
      world().event(4, { kind: 'delete', version: 2, target: { messageId: 'm2', seq: 2, stamp } }),
    )
    await settle()
    expect(room().timeline.get().unread).toBe(2)
  })
  it('is counted from the own mark where that is ahead of the server', async () => {
    await live(5)
    general().markRead(ids(1, 2, 3))
    world().server.drop()
    await settle()
    await world().welcome()
    world().server.send({ ...world().subscribed(7), mark: 1, unread: 6 })
    await settle()
    expect(room().timeline.get().unread).toBeLessThanOrEqual(4)
    world().page(7, [world().entry(6), world().entry(7)], { id: ROOM, room: ROOM, prev: at(5) })
    await settle()
    expect(room().timeline.get()).toMatchObject({ unread: 4, firstUnread: 'm4' })
  })
})
