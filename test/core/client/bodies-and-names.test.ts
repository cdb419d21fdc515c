import { describe, expect, it } from 'vitest'
import { type Json, WIRE } from '../../../src/protocol/index.js'
import { deep } from './deep.js'
import { newPuppet } from './puppet-world.js'
import { start, statuses } from './steps.js'
import { messages, newWorld, texts } from './world.js'

describe('a body', () => {
  const cycle: { self?: unknown } = {}
  cycle.self = cycle
  const wrong: Record<string, unknown> = {
    undefined: undefined,
    'a date': new Date(0),
    'a date inside': { at: new Date(0) },
    'not a number': Number.NaN,
    'infinity inside': [1, Number.POSITIVE_INFINITY],
    'a function': () => 'text',
    'a function inside': { text: () => 'text' },
    'a symbol': Symbol('text'),
    'a big number': 1n,
    'a map': new Map([['a', 1]]),
    'a set': new Set([1]),
    bytes: new Uint8Array(3),
    'an instance': new (class Text {
      text = 'text'
    })(),
    'undefined in a list': [undefined],
    'a hole in a list': Array(2),
    'a cycle': cycle,
    '17 levels': deep(17),
    '100,000 levels': JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)),
    'a getter that throws': {
      get text() {
        throw new Error('no')
      },
    },
    'a toJSON of its own': { toJSON: () => 'text' },
  }

  it('that JSON cannot carry is refused at once with a typed error, and nothing is shown, queued or sent', async () => {
    const p = newPuppet()
    await p.live()
    const room = p.client.room('general')
    for (const [what, body] of Object.entries(wrong))
      expect(() => room.send(body as Json), what).toThrow(
        expect.objectContaining({ name: 'TidingsError', code: 'invalid_body', retry: 'never' }),
      )
    await p.timeline.settle()
    expect(messages(p.client)).toEqual([])
    expect(p.client.outbox.get().pending).toBe(0)
    expect(p.framesOf('message')).toEqual([])
    expect(() => room.edit('nobody', new Date(0) as never)).not.toThrow()
    const sent = room.send('good')
    for (const bad of [new Date(0), undefined, Number.NaN])
      expect(() => room.edit(sent.key, bad as never)).toThrow(
        expect.objectContaining({ code: 'invalid_body' }),
      )
    expect(texts(p.client)).toEqual(['good'])
  })

  it('of more than 32 KiB is refused by its bytes, not its characters', async () => {
    const p = newPuppet()
    const room = p.client.room('general')
    expect(() => room.send('x'.repeat(40 * 1024))).toThrow(
      expect.objectContaining({ code: 'too_large', message: expect.stringContaining('32768') }),
    )
    const euros = '€'.repeat(Math.floor((WIRE.bodyBytes - 2) / 3))
    expect(() => room.send(`${euros}€`)).toThrow(expect.objectContaining({ code: 'too_large' }))
    expect(room.send(euros).message.status).toBe('pending')
    expect(messages(p.client)).toHaveLength(1)
  })

  it('of the greatest size and depth goes all the way', async () => {
    const { timeline, ...w } = newWorld()
    const alice = start(w.tab(w.profile('alice')))
    const bob = start(w.tab(w.profile('bob')))
    await timeline.advance(100)
    const large = '"\\\n€'.repeat(3_500)
    alice.client.room('general').send(large)
    alice.client.room('general').send(deep(WIRE.bodyDepth))
    await timeline.advance(1_000)
    expect(texts(bob.client)).toEqual([large, deep(WIRE.bodyDepth)])
    expect(statuses(alice)).toEqual(['confirmed', 'confirmed'])
  })

  it('loses fields that are undefined, and is not changed by what happens to the object later', async () => {
    const { timeline, ...w } = newWorld()
    const alice = start(w.tab(w.profile('alice')))
    await timeline.advance(100)
    const body: { text: string; maybe?: undefined; tags: string[] } = {
      text: 'before',
      maybe: undefined,
      tags: ['a'],
    }
    const sent = alice.client.room('general').send(body as unknown as Json)
    body.text = 'after'
    body.tags.push('b')
    expect(sent.message.body).toEqual({ text: 'before', tags: ['a'] })
    await timeline.advance(100)
    expect(texts(alice.client)).toEqual([{ text: 'before', tags: ['a'] }])
    expect(Object.keys(Object(texts(alice.client)[0]))).toEqual(['text', 'tags'])
  })
})

describe('a name', () => {
  it.each([
    ['nothing', ''],
    ['too long', 'x'.repeat(129)],
    ['a control character', 'a\nb'],
    ['half a character', 'a\ud800'],
    ['a number', 7],
    ['nobody', null],
    ['a list', ['general']],
  ])('of a room or a person that is %s is refused with a typed error', (_name, id) => {
    const { client } = newPuppet()
    const invalid = expect.objectContaining({ code: 'invalid_argument' })
    expect(() => client.room(id as string)).toThrow(invalid)
    expect(() => client.direct(id as string)).toThrow(invalid)
    expect(client.rooms.get()).toEqual([])
  })

  it('that looks like something else is a name like any other', async () => {
    const { timeline, ...w } = newWorld()
    const alice = w.tab(w.profile('alice'))
    const names = [
      '__proto__',
      'constructor',
      'a/b',
      'a%2Fb',
      '%',
      'r/general',
      'x'.repeat(128),
      '房间 🎉',
      'e0',
    ]
    for (const name of names) start(alice, name)
    await timeline.advance(1_000)
    for (const name of names) alice.client.room(name).send(name)
    await timeline.advance(2_000)
    for (const name of names) {
      expect(texts(alice.client, name)).toEqual([name])
      expect(statuses(alice, name)).toEqual(['confirmed'])
    }
  })
})

describe('a reference to a message that is not there', () => {
  it('is told to who asks, and throws nothing', async () => {
    const p = newPuppet()
    await p.live()
    const room = p.client.room('general')
    for (const change of [
      room.edit('x', 1),
      room.remove('x'),
      room.react('x', '👍'),
      room.unreact('x', '👍'),
    ]) {
      await expect(change.queued()).rejects.toMatchObject({ code: 'not_found', room: 'general' })
      await expect(change.confirmed()).rejects.toMatchObject({ code: 'not_found' })
    }
    expect(room.retry('x')).toBe(false)
    expect(room.discard('x')).toBe(false)
    expect(room.message('x').get()).toBeNull()
    expect(await room.fillGap({ type: 'gap', key: 'gap_1', after: 1, before: 2 })).toBe(false)
    expect(await room.loadOlder()).toBe(false)
    expect(p.client.outbox.get().pending).toBe(0)
  })
})
