import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { start, statuses } from './steps.js'
import { messages, newWorld } from './world.js'

describe('a message without a network', () => {
  it('S80: waits, and leaves when the network is back, without anybody asking', async () => {
    const { timeline, ...w } = newWorld()
    const alice = w.tab(w.profile('alice'))
    alice.link.refuse(true)
    start(alice)
    await timeline.advance(100)
    alice.client.room('general').send('hello')
    await timeline.advance(60_000)
    expect(statuses(alice)).toEqual(['delayed'])
    alice.link.refuse(false)
    await timeline.advance(LIMITS.backoffCapMs + 1_000)
    expect(statuses(alice)).toEqual(['confirmed'])
  })

  it('S106: is shown as delayed while disconnected, not as pending for ever', async () => {
    const { timeline, ...w } = newWorld()
    const alice = start(w.tab(w.profile('alice')))
    await timeline.advance(100)
    alice.link.drop()
    alice.link.refuse(true)
    await timeline.advance(100)
    alice.client.room('general').send('hello')
    expect(statuses(alice)).toEqual(['pending'])
    await timeline.advance(LIMITS.delayedAfterMs + 10)
    expect(statuses(alice)).toEqual(['delayed'])
    expect(alice.client.outbox.get()).toMatchObject({ pending: 1, failed: 0 })
  })

  it('S84: survives a reload with everything that belongs to it: reply, edit, reaction, a failure and what hangs on it', async () => {
    const { timeline, ...w } = newWorld({
      screen: ({ body }) => (body === '"bad"' ? { code: 'content_rejected', message: 'No.' } : undefined),
    })
    const profile = w.profile('alice')
    const first = start(w.tab(profile))
    await timeline.advance(100)
    const bad = first.client.room('general').send('bad')
    await timeline.advance(100)
    first.link.refuse(true)
    first.link.drop()
    await timeline.advance(100)
    const room = first.client.room('general')
    const one = room.send('one')
    room.send('reply', { replyTo: one.key })
    room.edit(one.key, 'one, edited')
    room.react(one.key, '👍')
    room.send('answer to the bad one', { replyTo: bad.key })
    const before = messages(first.client)
    await timeline.advance(100)
    first.crash()

    const second = w.tab(profile)
    second.link.refuse(true)
    start(second)
    await timeline.advance(100)
    expect(messages(second.client)).toEqual(before)
    expect(before.map(({ body, status }) => [body, status])).toEqual([
      ['bad', 'failed'],
      ['one, edited', 'pending'],
      ['reply', 'pending'],
      ['answer to the bad one', 'pending'],
    ])
    expect(messages(second.client)[0]?.error).toMatchObject({
      code: 'rejected',
      serverCode: 'content_rejected',
    })
    second.link.refuse(false)
    await timeline.advance(40_000)
    // What answers a failed message waits for the verdict of its author.
    expect(statuses(second)).toEqual(['failed', 'confirmed', 'confirmed', 'delayed'])
  })

  it('S88: is not held back by a platform that says it is offline, nor called sent by one that says it is online', async () => {
    const { timeline, ...w } = newWorld()
    const alice = start(w.tab(w.profile('alice')))
    await timeline.advance(100)
    alice.lifecycle.signal('offline')
    alice.client.room('general').send('through')
    await timeline.advance(100)
    expect(statuses(alice)).toEqual(['confirmed'])
    alice.link.drop()
    alice.link.refuse(true)
    alice.lifecycle.signal('online')
    alice.client.room('general').send('not through')
    await timeline.advance(20_000)
    expect(statuses(alice)).toEqual(['confirmed', 'delayed'])
  })
})
