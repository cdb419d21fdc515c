import { describe, expect, it } from 'vitest'
import { numbers, start, statuses } from './steps.js'
import { watched } from './watched-room.js'
import { messages, newWorld, texts } from './world.js'

describe('a row', () => {
  it('keeps its identity when another one changes, comes or goes', async () => {
    const { p, items } = await watched(5)
    const before = items()
    const target = { messageId: 'm3', seq: 3, stamp: before[2]?.stamp ?? '' }
    p.server.send(p.event(6, { kind: 'react', target, body: '👍' }))
    await p.timeline.settle()
    const after = items()
    expect(after[2]).not.toBe(before[2])
    expect(after[2]?.reactions).toEqual([{ emoji: '👍', users: ['bob'] }])
    // What was handed out does not change under its reader's hands.
    expect(before[2]?.reactions).toEqual([])
    for (const i of [0, 1, 3, 4]) expect(after[i]).toBe(before[i])
    p.server.send(p.event(7))
    p.client.room('general').send('mine')
    await p.timeline.settle()
    for (const i of [0, 1, 2, 3, 4]) expect(items()[i]).toBe(after[i])
  })

  it('that waits keeps its identity until its status changes', async () => {
    const { p, items } = await watched(1)
    p.client.room('general').send('mine')
    const [, mine] = items()
    p.server.send(p.event(2), p.event(3))
    await p.timeline.settle()
    expect(items().find(({ key }) => key === mine?.key)).toBe(mine)
    await p.timeline.advance(5_100)
    const delayed = items().find(({ key }) => key === mine?.key)
    expect(delayed).not.toBe(mine)
    expect(delayed?.status).toBe('delayed')
  })

  it('that waits names what it answers by the id of the server, as soon as there is one', async () => {
    const { p, items } = await watched(0)
    const room = p.client.room('general')
    const { key: id } = room.send('question')
    const { key } = room.send('answer', { replyTo: id })
    await p.timeline.settle()
    const answer = () => items().find((item) => item.key === key)
    expect(answer()?.replyTo).toBe(id)
    const { stamp = '' } = p.framesOf('message')[0] ?? {}
    const ack = { type: 'ack' as const, room: 'general', messageId: 'm1', seq: 1, ts: p.timeline.now() }
    p.server.send({ ...ack, id, stamp })
    await p.timeline.settle()
    expect(answer()).toMatchObject({ status: 'pending', replyTo: 'm1' })
  })

  it('keeps its identity while a failed edit of another one is discarded, and over a reconnect', async () => {
    const { p, items } = await watched(3)
    const before = items()
    const room = p.client.room('general')
    const edit = room.edit('m2', 'mine now')
    edit.confirmed().catch(() => undefined)
    await p.timeline.settle()
    const id = p.framesOf('message_update')[0]?.id ?? ''
    p.server.send({ type: 'nack', id, code: 'forbidden', message: 'No.', retryable: false })
    await p.timeline.settle()
    expect(items()[1]).toMatchObject({ status: 'failed', body: 2 })
    room.discard('m2')
    await p.timeline.settle()
    expect(items()).toEqual(before)
    p.server.drop()
    await p.welcome()
    await p.catchUp(3)
    expect(items()[0]).toBe(before[0])
    expect(items()[2]).toBe(before[2])
  })
})

describe('the key of a row', () => {
  it('is the same from the first tick over acknowledgement, edit, reload and another tab', async () => {
    const w = newWorld({ latencyMs: 10 })
    const profile = w.profile('alice')
    const one = start(w.tab(profile))
    const two = start(w.tab(profile))
    await w.timeline.advance(200)
    const room = one.client.room('general')
    const keys = new Set<string>()
    room.timeline.subscribe(() => {
      for (const { key } of messages(one.client)) keys.add(key)
    })
    const sent = room.send('hello')
    expect(messages(one.client)[0]?.key).toBe(sent.key)
    await w.timeline.advance(5)
    expect(messages(two.client).map(({ key, status }) => [key, status])).toEqual([[sent.key, 'pending']])
    await w.timeline.advance(100)
    room.edit(sent.key, 'edited')
    await w.timeline.advance(100)
    expect(statuses(one)).toEqual(['confirmed'])
    expect([...keys]).toEqual([sent.key])
    expect(messages(two.client)[0]?.key).toBe(sent.key)
    one.crash()
    two.crash()
    const later = start(w.tab(profile))
    await w.timeline.advance(100)
    expect(messages(later.client).map(({ key, body }) => [key, body])).toEqual([[sent.key, 'edited']])
  })

  it('is never missing and never twice in any list that is told (I7)', async () => {
    const w = newWorld({ latencyMs: 10 })
    const alice = start(w.tab(w.profile('alice')))
    const bob = start(w.tab(w.profile('bob')))
    await w.timeline.advance(100)
    const room = alice.client.room('general')
    const sent: string[] = []
    const faults: string[] = []
    const look = (): void => {
      const keys = room.timeline.get().items.map(({ key }) => key)
      if (new Set(keys).size < keys.length) faults.push('twice')
      for (const key of sent) if (!keys.includes(key)) faults.push('missing')
    }
    room.timeline.subscribe(look)
    for (const i of numbers(1, 30)) {
      sent.push(room.send(`a${i}`).key)
      look()
      bob.client.room('general').send(`b${i}`)
      if (i % 10 === 0) alice.link.drop()
      await w.timeline.advance(i * 7)
    }
    await w.timeline.advance(60_000)
    expect(faults).toEqual([])
    expect(new Set(statuses(alice))).toEqual(new Set(['confirmed']))
    expect(texts(alice.client)).toHaveLength(60)
  })
})

describe('a single message', () => {
  it('is told of its own changes, and not of those of others', async () => {
    const { p, items } = await watched(3)
    const readable = p.client.room('general').message('m2')
    let told = 0
    const stop = readable.subscribe(() => told++)
    expect(readable.get()).toBe(items()[1])
    p.server.send(p.event(4))
    await p.timeline.settle()
    expect(told).toBe(0)
    const target = { messageId: 'm2', seq: 2, stamp: items()[1]?.stamp ?? '' }
    p.server.send(p.event(5, { kind: 'edit', target, body: 'edited', version: 2 }))
    await p.timeline.settle()
    expect(told).toBe(1)
    expect(readable.get()).toMatchObject({ body: 'edited' })
    stop()
    stop()
    p.server.send(p.event(6, { kind: 'delete', target, version: 3 }))
    await p.timeline.settle()
    expect(told).toBe(1)
    expect(readable.get()).toMatchObject({ deleted: true })
  })

  it('is null until it is there, and is told when it comes', async () => {
    const { p } = await watched(0)
    const readable = p.client.room('general').message('m1')
    let told = 0
    readable.subscribe(() => told++)
    expect(readable.get()).toBeNull()
    p.server.send(p.event(1))
    await p.timeline.settle()
    expect([told, readable.get()?.body]).toEqual([1, 1])
  })
})
