import { describe, expect, it } from 'vitest'
import { stored } from './outbox.js'
import { start, statuses } from './steps.js'
import { messages, newWorld, texts } from './world.js'

describe('what the person decides', () => {
  it('discard drops what was never sent and what failed, not what may be on its way', async () => {
    const { timeline, ...w } = newWorld()
    const profile = w.profile('alice')
    const alice = start(w.tab(profile))
    await timeline.advance(100)
    alice.client.disconnect()
    const room = alice.client.room('general')
    const sent = room.send('never mind')
    const confirmed = sent.confirmed()
    confirmed.catch(() => undefined)
    await timeline.advance(100)
    expect(stored(profile)).toEqual([sent.key])
    expect(room.discard(sent.key)).toBe(true)
    await expect(confirmed).rejects.toMatchObject({ code: 'discarded' })
    await timeline.advance(100)
    expect(stored(profile)).toEqual([])
    expect(room.discard(sent.key)).toBe(false)
    expect(room.retry(sent.key)).toBe(false)
    alice.client.connect()
    await timeline.advance(200)
    alice.link.blackHole()
    const onItsWay = room.send('on its way')
    await timeline.advance(100)
    expect(room.discard(onItsWay.key)).toBe(false)
    expect(texts(alice.client)).toEqual(['on its way'])
  })

  it('a failed reply goes out after its retried parent, in the order they were written', async () => {
    let strict = true
    const { timeline, ...w } = newWorld({
      screen: ({ body }) =>
        strict && body === '"parent"' ? { code: 'content_rejected', message: 'No.' } : undefined,
    })
    const alice = start(w.tab(w.profile('alice')))
    await timeline.advance(100)
    const room = alice.client.room('general')
    const parent = room.send('parent')
    await timeline.advance(100)
    room.send('reply', { replyTo: parent.key })
    room.edit(parent.key, 'parent, edited')
    await timeline.advance(1_000)
    expect(statuses(alice)).toEqual(['failed', 'pending'])
    strict = false
    room.retry(parent.key)
    await timeline.advance(1_000)
    expect(messages(alice.client).map(({ body, seq, status }) => [body, seq, status])).toEqual([
      ['parent, edited', 1, 'confirmed'],
      ['reply', 2, 'confirmed'],
    ])
    expect(messages(alice.client)[1]?.replyTo).toBe(messages(alice.client)[0]?.id)
  })
})
