import { afterEach, describe, expect, it } from 'vitest'
import { formatStamp, type ServerFrames } from '../../../src/protocol/index.js'
import { createPuppetWorld, type PuppetWorld } from './puppet-world.js'
import { messages, texts } from './world.js'

let world: PuppetWorld
afterEach(() => world.end())

const keys = (p: PuppetWorld) => messages(p.client).map(({ key }) => key)

async function live(): Promise<PuppetWorld> {
  world = createPuppetWorld()
  await world.live()
  return world
}

async function tell(p: PuppetWorld, ...events: ServerFrames['event'][]): Promise<void> {
  p.server.send(...events)
  await p.timeline.settle()
}

describe('ids that collide', () => {
  it('a message that is told a second time as another one stays as it was first', async () => {
    const p = await live()
    await tell(p, p.event(1), p.event(2), p.event(3, { messageId: 'm1', body: 'other' }))
    expect(keys(p)).toEqual(['m1', 'm2'])
    expect(texts(p.client)).toEqual([1, 2])
  })

  it('a message that is told with another stamp stays in its place', async () => {
    const p = await live()
    await tell(p, p.event(1), p.event(2))
    await tell(p, p.event(3, { messageId: 'm1', stamp: formatStamp(p.timeline.now() + 5, 0, 'bobs-clock-') }))
    expect(keys(p)).toEqual(['m1', 'm2'])
  })

  it('an operation of this user that is said to be two messages is the first of them', async () => {
    const p = await live()
    await tell(p, p.event(1, { from: 'alice', id: 'mine' }), p.event(2, { from: 'alice', id: 'mine' }))
    expect(keys(p)).toEqual(['mine'])
    expect(texts(p.client)).toEqual([1])
  })

  it('a message of somebody else under the id of an own one that waits hides nothing of what was written', async () => {
    const p = await live()
    const { key } = p.client.room('general').send('mine')
    await p.timeline.settle()
    await tell(p, p.event(1, { messageId: key }), p.event(2))
    expect(keys(p)).toEqual([key, 'm2'])
    expect(texts(p.client)).toEqual(['mine', 2])
  })

  it('an own message and one of somebody else that has its name are one row', async () => {
    const p = await live()
    await tell(p, p.event(1, { from: 'alice', id: 'mine' }), p.event(2, { messageId: 'mine' }))
    expect(texts(p.client)).toEqual([1])
  })
})

describe('a server that has lost all sense of time', () => {
  it.each([
    ['the largest number of all', Number.MAX_SAFE_INTEGER],
    ['the beginning of time', 0],
  ])('and calls it %s leaves frames and records that can be read', async (_, t) => {
    world = createPuppetWorld()
    const p = world
    p.client.room('general').open()
    await p.welcome({ t })
    await p.catchUp()
    await p.timeline.advance(3_000)
    const { key } = p.client.room('general').send('kept')
    await p.timeline.settle()
    expect(p.framesOf('message')).toMatchObject([{ id: key, attempt: 1 }])
    expect(p.server.refused).toEqual([])
    await p.reload()
    p.client.room('general').open()
    await p.welcome()
    expect(keys(p)).toEqual([key])
    expect(p.codes()).toEqual([])
  })
})

describe('acknowledgements of what is not there', () => {
  it('one that names no place is none: the message is sent again', async () => {
    const p = await live()
    const { key } = p.client.room('general').send('mine')
    await p.timeline.settle()
    p.server.send({ type: 'ack', id: key, room: 'general', messageId: 'm1' })
    await p.timeline.settle()
    expect(messages(p.client)).toMatchObject([{ key, status: 'pending' }])
    await p.timeline.advance(10_000)
    expect(p.framesOf('message').map(({ id, attempt }) => [id, attempt])).toEqual([
      [key, 1],
      [key, 2],
    ])
    p.server.send({ type: 'ack', id: key, room: 'general', messageId: 'm1', seq: 1 })
    await p.timeline.settle()
    expect(messages(p.client)).toMatchObject([{ key, status: 'confirmed', id: 'm1' }])
  })

  it('one beyond the end of the log counts until the server is asked anew', async () => {
    const p = await live()
    const { key } = p.client.room('general').send('mine')
    await p.timeline.settle()
    p.server.send({ type: 'ack', id: key, room: 'general', messageId: 'm9', seq: 9 })
    await p.timeline.settle()
    expect(messages(p.client)).toMatchObject([{ key, status: 'confirmed' }])
    p.server.drop()
    await p.welcome()
    p.server.received.length = 0
    await p.catchUp()
    expect(messages(p.client)).toMatchObject([{ key, status: 'pending' }])
    expect(p.framesOf('message')).toMatchObject([{ id: key }])
  })
})

describe('positions that leap', () => {
  const FAR = 2 ** 40

  it('in live frames and pages are not followed: nobody could look through what they would cover', async () => {
    const p = await live()
    await tell(p, p.event(1), p.event(FAR, { prev: 'c1' }))
    p.page(FAR, [p.entry(2)])
    await p.timeline.settle()
    // What leads nowhere is asked for again, from where the room stands.
    expect(p.framesOf('sync_request').at(-1)).toMatchObject({ cursor: 'c1' })
    p.page(2, [p.entry(2)])
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([1, 2])
  })

  it('in a page of the newest messages are not followed, and the room says that it is stuck', async () => {
    world = createPuppetWorld()
    const p = world
    p.client.room('general').open()
    await p.welcome()
    p.server.send(p.subscribed(FAR))
    for (let i = 0; i < 3; i++) {
      await p.timeline.settle()
      p.page(FAR, [p.entry(FAR)])
    }
    await p.timeline.settle()
    expect(p.codes()).toEqual(['sync_stuck'])
    expect(messages(p.client)).toEqual([])
  })
})
