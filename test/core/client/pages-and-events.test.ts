import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { at, newPuppet, type PuppetWorld } from './puppet-world.js'
import { numbers } from './steps.js'
import { texts } from './world.js'

describe('a page', () => {
  async function asking() {
    const p = newPuppet()
    p.client.room('general').open()
    await p.welcome()
    await p.catchUp(1, [p.entry(1)])
    p.server.send(p.event(9))
    await p.timeline.settle()
    return p
  }
  const requests = (p: PuppetWorld) => p.framesOf('sync_request').length
  const status = (p: PuppetWorld, room = 'general') => p.client.room(room).timeline.get().status

  it.each([
    ['brings nothing and says that there is more', { cursor: at(1), hasMore: true }],
    ['has no end', { cursor: null, hasMore: true }],
    ['leads back', { cursor: 'elsewhere', seq: 0 }],
    ['stands still under another name', { cursor: 'elsewhere', seq: 1, hasMore: true }],
  ])('S68: that %s stops its room after three, with an error, and no other room', async (_name, more) => {
    const p = await asking()
    p.client.room('other').open()
    await p.timeline.settle()
    p.server.send(p.subscribed(0, 'other'))
    await p.timeline.settle()
    for (let i = 0; i < LIMITS.stuckPages; i++) {
      expect(status(p)).toBe('syncing')
      const asked = p.framesOf('sync_request').findLast(({ room }) => room === 'general')
      const page = { type: 'sync_response' as const, room: 'general', messages: [], prev: at(1), head: 9 }
      p.server.send({ ...page, id: asked?.id ?? '', seq: 1, hasMore: false, ...more })
      await p.timeline.settle()
    }
    expect(p.codes()).toEqual(['sync_stuck'])
    expect(p.client.room('general').timeline.get()).toMatchObject({
      status: 'refused',
      error: { code: 'sync_stuck', retry: 'later', room: 'general' },
    })
    expect(texts(p.client)).toEqual([1])
    p.page(0, [], { cursor: at(0), room: 'other' })
    await p.timeline.settle()
    expect(status(p, 'other')).toBe('live')
    const event = p.event(1, { room: 'other' })
    p.server.send(event)
    await p.timeline.settle()
    expect(texts(p.client, 'other')).toEqual([1])
    // The next connection tries again, from where the room stood.
    p.server.drop()
    await p.welcome()
    await p.catchUp(2, [p.entry(2)])
    expect(texts(p.client)).toEqual([1, 2])
    expect(status(p)).toBe('live')
  })

  it('that was the last makes its room live once it is shown, however slow the disk is', async () => {
    const p = newPuppet({ diskLatencyMs: 40 })
    const room = p.client.room('general')
    const seen: string[] = []
    const look = () =>
      seen.push([room.timeline.get().items.length, status(p), p.client.sync.get().phase].join())
    for (const readable of [room.timeline, p.client.sync]) readable.subscribe(look)
    p.client.connect()
    while (!p.server.waiting) await p.timeline.advance(10)
    p.server.welcome({ user: p.user })
    await p.timeline.advance(200)
    p.server.send({ ...p.subscribed(2), unread: 2 })
    await p.timeline.settle()
    p.page(2, [p.entry(1), p.entry(2)])
    p.server.send(p.event(3))
    await p.timeline.settle()
    expect(status(p)).toBe('syncing')
    await p.timeline.advance(500)
    expect(seen.at(-1)).toBe('3,live,live')
    expect(seen.filter((one) => one.includes('live') && one.startsWith('0'))).toEqual([])
  })

  it('of an earlier question is not taken for the start of the log, where the device lost what it followed', async () => {
    const p = newPuppet()
    p.client.room('general').open()
    await p.welcome()
    await p.catchUp(
      3,
      numbers(1, 3).map((seq) => p.entry(seq)),
    )
    await p.reload()
    p.client.room('general').open()
    await p.welcome()
    p.server.send(p.subscribed(12))
    await p.timeline.settle()
    const push = async (from: number, upTo: number) => {
      const messages = numbers(from + 1, upTo).map((seq) => p.entry(seq))
      p.page(upTo, messages, { id: 'general', room: 'general', prev: at(from), hasMore: true, head: 12 })
      await p.timeline.settle()
    }
    p.disk.lose('emptied')
    await p.timeline.settle()
    await push(3, 6)
    await push(6, 9)
    await push(9, 11)
    p.page(
      12,
      numbers(1, 12).map((seq) => p.entry(seq)),
    )
    await p.timeline.settle()
    expect(texts(p.client)).toEqual(numbers(1, 12))
    // It stood elsewhere for a moment, and makes sure.
    p.page(12, [])
    await p.timeline.settle()
    expect(status(p)).toBe('live')
  })

  it('that follows a first one which was lost on the way is not taken for the start of the log', async () => {
    const p = newPuppet()
    p.client.room('general').open()
    await p.welcome()
    p.server.send(p.subscribed(4))
    await p.timeline.settle()
    const [first] = p.framesOf('sync_request')
    p.page(3, [p.entry(2), p.entry(3)], { prev: at(1), hasMore: true, head: 4 })
    p.page(4, [p.entry(4)], { prev: at(3) })
    await p.timeline.settle()
    expect([texts(p.client), status(p)]).toEqual([[], 'syncing'])
    await p.timeline.advance(LIMITS.pageTimeoutMs)
    expect(p.framesOf('sync_request').at(-1)).toEqual({
      ...first,
      id: expect.not.stringContaining(first?.id ?? ''),
    })
    p.page(
      4,
      numbers(1, 4).map((seq) => p.entry(seq)),
    )
    await p.timeline.settle()
    expect([texts(p.client), status(p)]).toEqual([[1, 2, 3, 4], 'live'])
  })

  it('that leads back changes no position', async () => {
    const p = await asking()
    p.page(0, [], { cursor: at(0), seq: 0, prev: at(1) })
    await p.timeline.settle()
    await p.reload()
    p.client.room('general').open()
    await p.welcome()
    expect(p.framesOf('hello')).toMatchObject([{ rooms: [{ cursor: at(1) }] }])
  })

  it.each([
    ['of another room', { room: 'other' }],
    ['of a room that nobody opened', { room: 'unheard of' }],
    ['that answers another question', { id: 'nobody asked' }],
    ['from another position', { prev: at(7) }],
  ])('S73: %s is ignored, and the right one is asked for again after 10 s', async (_name, more) => {
    const p = await asking()
    p.client.room('other').open()
    await p.timeline.settle()
    p.page(
      9,
      [2, 3, 4, 5, 6, 7, 8, 9].map((seq) => p.entry(seq)),
      more,
    )
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([1])
    expect(texts(p.client, 'other')).toEqual([])
    expect(p.errors).toEqual([])
    const asked = requests(p)
    await p.timeline.advance(LIMITS.pageTimeoutMs)
    expect(p.framesOf('sync_request').slice(asked)).toMatchObject([{ room: 'general', cursor: at(1) }])
    const before = requests(p)
    p.page(
      9,
      [2, 3, 4, 5, 6, 7, 8, 9].map((seq) => p.entry(seq)),
    )
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(requests(p)).toBe(before)
  })

  it('S69, S74: that comes twice, and events that it holds already, are one message each', async () => {
    const p = await asking()
    p.server.send(p.event(3), p.event(4))
    const page = () =>
      p.page(
        9,
        [2, 3, 4, 5, 6, 7, 8, 9].map((seq) => p.entry(seq)),
      )
    page()
    page()
    await p.timeline.settle()
    p.server.send(p.event(9), p.event(10), p.event(10))
    await p.timeline.settle()
    expect(texts(p.client)).toEqual(numbers(1, 10))
  })
})

describe('a live event', () => {
  it('that goes back, repeats or skips does not move the position; the gap is read from a page', async () => {
    const p = newPuppet()
    await p.live()
    for (const seq of [1, 2, 3]) p.server.send(p.event(seq))
    p.server.send(p.event(1), p.event(3, { cursor: 'elsewhere' }), p.event(2, { prev: at(3), cursor: 'x' }))
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([1, 2, 3])
    p.server.send(p.event(5))
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([1, 2, 3])
    expect(p.framesOf('sync_request').at(-1)).toMatchObject({ cursor: at(3) })
    p.page(5, [p.entry(4), p.entry(5)])
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([1, 2, 3, 4, 5])
  })

  it('of a room that nobody follows, or before its room is there, is left alone', async () => {
    const p = newPuppet()
    await p.live()
    p.server.send(p.event(1, { room: 'unheard of' }))
    p.server.send({ ...p.subscribed(3, 'unheard of') }, { type: 'reset', room: 'x', reason: 'fork', head: 1 })
    p.server.send({ type: 'unsubscribed', room: 'unheard of', code: 'forbidden', retryable: false })
    await p.timeline.settle()
    expect(p.errors).toEqual([])
    expect(p.client.rooms.get().map(({ room }) => room)).toEqual(['general'])
  })

  it('that changes a message nobody holds is dropped, and the room goes on', async () => {
    const p = newPuppet()
    await p.live()
    const target = { messageId: 'm0', seq: 1, stamp: p.event(1).stamp }
    p.server.send(p.event(1, { kind: 'edit', target }), p.event(2, { kind: 'react', target, body: '👍' }))
    p.server.send(p.event(3, { kind: 'delete' }), p.event(4))
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([4])
    expect(p.errors).toEqual([])
  })
})
