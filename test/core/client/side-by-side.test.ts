import type { Operation } from 'tidings-server'
import { describe, expect, it } from 'vitest'
import { start, statuses } from './steps.js'
import { messages, newWorld, texts } from './world.js'

describe('failures and successes side by side', () => {
  it('S103: two messages of one millisecond are two, and the failure of one is not the failure of the other', async () => {
    const { timeline, ...w } = newWorld({
      screen: ({ body }) => (body === '"bad"' ? { code: 'content_rejected', message: 'No.' } : undefined),
    })
    const alice = start(w.tab(w.profile('alice')))
    await timeline.advance(100)
    const [bad, good] = ['bad', 'good'].map((text) => alice.client.room('general').send(text))
    expect(bad?.message.sentAt).toBe(good?.message.sentAt)
    expect(bad?.key).not.toBe(good?.key)
    await timeline.advance(100)
    expect(messages(alice.client).map(({ body, status }) => [body, status])).toEqual([
      ['bad', 'failed'],
      ['good', 'confirmed'],
    ])
  })

  it('S104, S105: a refused edit takes back itself alone, not what succeeded after it', async () => {
    const refused: Operation[] = []
    const { timeline, ...w } = newWorld({
      screen(operation) {
        if (operation.body !== '"bad edit"') return undefined
        refused.push(operation)
        return { code: 'content_rejected', message: 'No.' }
      },
    })
    const alice = start(w.tab(w.profile('alice')))
    const bob = start(w.tab(w.profile('bob')))
    await timeline.advance(100)
    const room = alice.client.room('general')
    const sent = room.send('text')
    await timeline.advance(100)
    const edit = room.edit(sent.key, 'bad edit')
    room.react(sent.key, '👍')
    bob.client.room('general').react(messages(bob.client)[0]?.key ?? '', '🎉')
    expect(texts(alice.client)).toEqual(['bad edit'])
    await timeline.advance(1_000)
    expect(refused).toHaveLength(1)
    await expect(edit.confirmed()).rejects.toMatchObject({ code: 'rejected' })
    expect(messages(alice.client)[0]).toMatchObject({
      body: 'text',
      edited: false,
      version: 1,
      status: 'failed',
    })
    expect(messages(alice.client)[0]?.reactions).toEqual([
      { emoji: '🎉', users: ['bob'] },
      { emoji: '👍', users: ['alice'] },
    ])
    expect(room.discard(sent.key)).toBe(true)
    await timeline.advance(100)
    expect(messages(alice.client)[0]).toMatchObject({ body: 'text', status: 'confirmed', error: null })
  })

  it('S108: a body with a key named __proto__ keeps it as a key, here and there', async () => {
    const { timeline, ...w } = newWorld()
    const alice = start(w.tab(w.profile('alice')))
    const bob = start(w.tab(w.profile('bob')))
    await timeline.advance(100)
    const body: unknown = JSON.parse('{"__proto__":{"admin":true},"text":"hello"}')
    alice.client.room('general').send(body as never)
    await timeline.advance(100)
    for (const { client } of [alice, bob]) {
      const seen = messages(client)[0]?.body
      expect(JSON.stringify(seen)).toBe('{"__proto__":{"admin":true},"text":"hello"}')
      expect(Object.getPrototypeOf(seen)).toBe(Object.prototype)
    }
    expect(Reflect.get({}, 'admin')).toBeUndefined()
  })

  it('S109: null is a body like any other, and sends under way do not disturb each other', async () => {
    const { timeline, ...w } = newWorld({ latencyMs: 20 })
    const alice = start(w.tab(w.profile('alice')))
    await timeline.advance(200)
    const room = alice.client.room('general')
    const first = room.send(null)
    await timeline.advance(10)
    const second = room.send(0)
    const confirmed = Promise.all([first.confirmed(), second.confirmed()])
    await timeline.advance(200)
    expect((await confirmed).map(({ body, status }) => [body, status])).toEqual([
      [null, 'confirmed'],
      [0, 'confirmed'],
    ])
    expect(messages(alice.client)[0]).toMatchObject({ body: null, deleted: false })
  })

  it('an answer waits with the message that was refused, and what concerns neither goes on', async () => {
    const { timeline, ...w } = newWorld({
      screen: ({ body }) => (body === '"bad"' ? { code: 'content_rejected', message: 'No.' } : undefined),
    })
    const alice = start(w.tab(w.profile('alice')))
    await timeline.advance(100)
    const room = alice.client.room('general')
    const bad = room.send('bad')
    room.send('reply', { replyTo: bad.key })
    room.send('something else')
    await timeline.advance(20_000)
    expect(statuses(alice)).toEqual(['failed', 'delayed', 'confirmed'])
  })
})
