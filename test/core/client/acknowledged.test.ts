import { describe, expect, it } from 'vitest'
import { stored } from './outbox.js'
import { newPuppet } from './puppet-world.js'
import { HOUR, numbers, start } from './steps.js'
import { messages, newWorld, texts } from './world.js'

describe('what was acknowledged', () => {
  it('S83: leaves the counts at once, is kept for 24 h, and is forgotten once the log covers it', async () => {
    const { timeline, ...w } = newWorld()
    const profile = w.profile('alice')
    const first = start(w.tab(profile))
    await timeline.advance(100)
    const keys = numbers(1, 3).map((i) => first.client.room('general').send(i).key)
    await timeline.advance(100)
    expect(first.client.outbox.get()).toEqual({ pending: 0, failed: 0, oldestAt: null, bytes: 0 })
    expect(stored(profile)).toEqual(keys)
    first.client.disconnect()
    await timeline.advance(23 * HOUR)
    expect(stored(profile)).toEqual(keys)
    await timeline.advance(2 * HOUR)
    expect(stored(profile)).toEqual([])
    first.crash()
    const last = start(w.tab(profile))
    await timeline.advance(100)
    expect(texts(last.client)).toEqual([1, 2, 3])
    expect(messages(last.client).map(({ key }) => key)).toEqual(keys)
  })

  it('S83: is kept for as long as the log does not cover it', async () => {
    const p = newPuppet()
    await p.live()
    const sent = p.client.room('general').send('hello')
    await p.timeline.settle()
    const [frame] = p.framesOf('message')
    const { stamp = '' } = frame ?? {}
    p.server.send({ type: 'ack', id: sent.key, messageId: 'm1', seq: 1, stamp, ts: p.timeline.now() })
    await p.timeline.settle()
    p.client.disconnect()
    await p.timeline.advance(30 * HOUR)
    await p.reload()
    p.client.connect()
    await p.timeline.settle()
    expect(stored(p)).toEqual([sent.key])
    expect(messages(p.client)).toMatchObject([{ key: sent.key, id: 'm1', status: 'confirmed' }])
  })

  it('S83: does not have its room followed for ever: a reload asks for rooms that are open or have something to send', async () => {
    const p = newPuppet()
    await p.live()
    const sent = p.client.room('general').send('hello')
    await p.timeline.settle()
    const [frame] = p.framesOf('message')
    p.server.send(p.event(1, { from: 'alice', id: sent.key, stamp: frame?.stamp ?? '', body: 'hello' }))
    await p.timeline.settle()
    expect(messages(p.client).map(({ status }) => status)).toEqual(['confirmed'])
    await p.reload()
    await p.welcome()
    expect(p.framesOf('hello')).toMatchObject([{ rooms: [] }])
    expect(p.framesOf('subscribe')).toEqual([])
  })

  it('S83: does not keep its room followed once nobody looks at it', async () => {
    const p = newPuppet()
    const close = p.client.room('general').open()
    await p.welcome()
    await p.catchUp()
    const sent = p.client.room('general').send('hello')
    await p.timeline.settle()
    close()
    await p.timeline.advance(2_000)
    // There is something to send: whoever looks or not.
    expect(p.framesOf('unsubscribe')).toEqual([])
    const stamp = p.framesOf('message')[0]?.stamp ?? ''
    p.server.send(p.event(1, { from: 'alice', id: sent.key, stamp, body: 'hello' }))
    await p.timeline.settle()
    p.client.room('general').open()()
    await p.timeline.advance(2_000)
    expect(p.framesOf('unsubscribe')).toEqual([{ type: 'unsubscribe', rooms: ['general'] }])
  })

  it('S90: is found by its first key and its temporary id after a reload: reply, edit and reaction reach it', async () => {
    const { timeline, ...w } = newWorld()
    const profile = w.profile('alice')
    const first = start(w.tab(profile))
    await timeline.advance(100)
    const sent = first.client.room('general').send('hello')
    const temporary = sent.message.id
    expect(temporary).toBe(`tmp_${sent.key}`)
    await timeline.advance(100)
    const id = messages(first.client)[0]?.id ?? ''
    expect(id).not.toBe(temporary)
    first.crash()
    const second = start(w.tab(profile))
    await timeline.advance(100)
    const room = second.client.room('general')
    room.edit(temporary, 'hello, edited')
    room.react(sent.key, '👍')
    room.send('by key', { replyTo: sent.key })
    room.send('by temporary id', { replyTo: temporary })
    room.send('by id', { replyTo: id })
    for (const reference of [temporary, sent.key, id])
      expect(room.message(reference).get()).toMatchObject({ key: sent.key, id, body: 'hello, edited' })
    await timeline.advance(1_000)
    expect(messages(second.client).map(({ body, replyTo, status }) => [body, replyTo, status])).toEqual([
      ['hello, edited', null, 'confirmed'],
      ['by key', id, 'confirmed'],
      ['by temporary id', id, 'confirmed'],
      ['by id', id, 'confirmed'],
    ])
    expect(messages(second.client)[0]?.reactions).toEqual([{ emoji: '👍', users: ['alice'] }])
  })

  it('S90: can be answered by its temporary id when it lies above what is loaded', async () => {
    const { timeline, ...w } = newWorld({ limits: { rate: null } })
    const profile = w.profile('alice')
    const first = start(w.tab(profile))
    await timeline.advance(100)
    const sent = first.client.room('general').send('long ago')
    await timeline.advance(100)
    const id = messages(first.client)[0]?.id
    for (const i of numbers(1, 300)) first.client.room('general').send(i)
    await timeline.advance(5_000)
    first.crash()
    const second = start(w.tab(profile))
    await timeline.advance(100)
    expect(texts(second.client)).not.toContain('long ago')
    second.client.room('general').send('answer', { replyTo: sent.message.id })
    await timeline.advance(1_000)
    expect(messages(second.client).at(-1)).toMatchObject({ body: 'answer', replyTo: id, status: 'confirmed' })
  })
})
