import { afterEach, describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { encodeFrames, formatStamp, type Json, WIRE } from '../../../src/protocol/index.js'
import { at, createPuppetWorld, type PuppetWorld } from './puppet-world.js'
import { numbers, start, statuses } from './steps.js'
import { createWorld, messages, texts, type World } from './world.js'

let world: World | undefined
let puppet: PuppetWorld | undefined
afterEach(async () => {
  await world?.end()
  await puppet?.end()
  world = undefined
  puppet = undefined
})

const newWorld = (...given: Parameters<typeof createWorld>): World => {
  world = createWorld(...given)
  return world
}
const newPuppet = (...given: Parameters<typeof createPuppetWorld>): PuppetWorld => {
  puppet = createPuppetWorld(...given)
  return puppet
}
const deep = (levels: number): Json => (levels === 0 ? 'end' : [deep(levels - 1)])

describe('a text from the server that cannot be read', () => {
  const broken = (p: PuppetWorld): Record<string, string> => ({
    'is not JSON': '{"type":"event"',
    'is nothing': '',
    'is a number': '7',
    'is null': 'null',
    'is an array of arrays': '[[[]]]',
    'nests 100,000 levels': '['.repeat(100_000) + ']'.repeat(100_000),
    'is larger than the wire allows': JSON.stringify({
      type: 'event',
      body: 'x'.repeat(WIRE.serverTextBytes),
    }),
    'holds more frames than an array may': JSON.stringify(
      numbers(0, WIRE.framesPerArray).map(() => ({ type: 'ping', t: 1 })),
    ),
    'has no type': '{"room":"general"}',
    'has a body that is too deep': JSON.stringify({ ...p.event(1), body: deep(WIRE.bodyDepth + 1) }),
    'has a seq that is a text': JSON.stringify({ ...p.event(1), seq: '1' }),
    'has a stamp that is none': JSON.stringify({ ...p.event(1), stamp: 'yesterday' }),
    'names a prototype': '{"type":"__proto__","room":"general"}',
  })

  it('throws nothing, is told as a typed error, and costs nothing of what comes after it', async () => {
    const p = newPuppet()
    await p.live()
    for (const [what, text] of Object.entries(broken(p))) {
      const before = p.errors.length
      expect(() => p.server.sendText(text), what).not.toThrow()
      await p.timeline.settle()
      const told = p.errors.slice(before).map(({ code }) => code)
      expect(told, what).toEqual(what === 'names a prototype' ? [] : ['bad_frame'])
      expect(p.client.connection.get().state, what).toBe('connected')
    }
    p.page(1, [p.entry(1)])
    await p.timeline.settle()
    // Frames were lost while the page was on its way: the room is read to the end once more.
    p.page(1, [])
    await p.timeline.settle()
    p.server.send(p.event(2))
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([1, 2])
    expect(p.server.refused).toEqual([])
  })

  it('costs its neighbours in the same text nothing', async () => {
    const p = newPuppet()
    await p.live()
    const good = [p.event(1), p.event(2)].map((frame) => encodeFrames([frame]))
    p.server.sendText(`[${good[0]},{"type":"presence_update","users":[]},7,${good[1]},null]`)
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([1, 2])
    // A type of a later version is no error.
    expect(p.codes()).toEqual(['bad_frame', 'bad_frame'])
  })

  it('and names a room has that room read again: the position does not stick', async () => {
    const p = newPuppet()
    await p.live()
    p.server.send(p.event(1))
    await p.timeline.settle()
    p.server.received.length = 0
    p.server.sendText(JSON.stringify({ ...p.event(2), stamp: 'none' }))
    await p.timeline.settle()
    expect(p.errors.at(-1)).toMatchObject({ code: 'bad_frame', room: 'general' })
    expect(p.framesOf('sync_request')).toMatchObject([{ room: 'general', cursor: at(1) }])
    p.page(3, [p.entry(2), p.entry(3)])
    p.server.send(p.event(4))
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([1, 2, 3, 4])
  })

  it('while its room is being read has it read once more', async () => {
    const p = newPuppet()
    p.client.room('general').open()
    await p.welcome()
    p.server.send(p.subscribed(1))
    await p.timeline.settle()
    p.server.sendText(JSON.stringify({ ...p.event(2), stamp: 'none' }))
    p.page(1, [p.entry(1)])
    await p.timeline.settle()
    expect(p.framesOf('sync_request').at(-1)).toMatchObject({ cursor: at(1) })
    p.page(2, [p.entry(2)])
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([1, 2])
  })
})

describe('an entry that cannot be read', () => {
  it('in a page is left out and told; the page, the position and the room go on', async () => {
    const p = newPuppet()
    p.client.room('general').open()
    await p.welcome()
    p.server.send(p.subscribed(4))
    await p.timeline.settle()
    const [one, two, three, four] = [1, 2, 3, 4].map((seq) => p.entry(seq))
    const { id, room } = p.framesOf('sync_request')[0] ?? {}
    const frame = {
      type: 'sync_response',
      id,
      room,
      prev: at(0),
      cursor: at(4),
      seq: 4,
      hasMore: false,
      head: 4,
    }
    const bad = [
      { ...two, from: 17 },
      { ...three, body: deep(40) },
    ]
    p.server.sendText(JSON.stringify({ ...frame, messages: [one, ...bad, four] }))
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([1, 4])
    expect(p.codes()).toEqual(['bad_entry', 'bad_entry'])
    p.server.send(p.event(5))
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([1, 4, 5])
    expect(p.framesOf('sync_request')).toHaveLength(1)
    await p.reload()
    p.client.room('general').open()
    await p.welcome()
    expect(p.framesOf('hello')).toMatchObject([{ rooms: [{ room: 'general', cursor: at(5) }] }])
  })

  it.each([
    ['on the bound, is shown', 0, [1, 2, 3]],
    ['1 ms beyond, is left out', 1, [1, 3]],
  ])(
    'stamped far ahead of its own time, %s, in an event and in a page alike',
    async (_name, beyond, expected) => {
      const ts = Date.UTC(2026, 0, 5, 9)
      const far = { stamp: formatStamp(ts + WIRE.stampQuarantineMs + beyond, 0, 'bobs-clock-'), ts }
      const live = createPuppetWorld()
      await live.live()
      for (const seq of [1, 2, 3]) live.server.send(live.event(seq, seq === 2 ? far : { ts }))
      await live.timeline.settle()
      const paged = createPuppetWorld()
      paged.client.room('general').open()
      await paged.welcome()
      await paged.catchUp(
        3,
        [1, 2, 3].map((seq) => paged.entry(seq, seq === 2 ? far : { ts })),
      )
      for (const p of [live, paged]) {
        expect(texts(p.client).toSorted()).toEqual(expected)
        expect(p.codes()).toEqual(beyond ? ['bad_entry'] : [])
        expect(p.client.room('general').timeline.get().status).toBe('live')
        // Nothing of it reaches the clock: what is written next sorts by its own time.
        p.server.send(p.event(4, { ts }))
        await p.timeline.settle()
        const sent = p.client.room('general').send('next')
        if (beyond) expect(sent.message.sentAt).toBeLessThan(ts + 1_000)
        await p.end()
      }
    },
  )
})

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
    p.page(0, [], { prev: at(0), cursor: at(0), room: 'other' })
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

describe('a listener that throws', () => {
  const boom = (): never => {
    throw new Error('boom')
  }

  it('I10: starves nobody: events, lists, single messages, states and arrivals reach the others', async () => {
    const p = newPuppet()
    const { client } = p
    const room = client.room('general')
    const told: string[] = []
    const readables = {
      connection: client.connection,
      storage: client.storage,
      outbox: client.outbox,
      sync: client.sync,
      rooms: client.rooms,
      timeline: room.timeline,
    }
    for (const [name, readable] of Object.entries(readables)) {
      readable.subscribe(boom)
      readable.subscribe(() => told.push(name))
    }
    room.arrivals(boom)
    room.arrivals((message) => told.push(`arrival ${message.body}`))
    for (const event of ['queued', 'confirmed', 'failed', 'error', 'reset'] as const) {
      client.on(event, boom)
      client.on(event, () => told.push(event))
    }
    await p.live()
    const sent = room.send('hello')
    room.message(sent.key).subscribe(boom)
    room.message(sent.key).subscribe(() => told.push('message'))
    await p.timeline.settle()
    const [frame] = p.framesOf('message')
    p.server.send(p.event(1, { from: 'alice', id: sent.key, stamp: frame?.stamp ?? '', body: 'hello' }))
    p.server.send(p.event(2))
    await p.timeline.settle()
    const refused = room.send('refused')
    await p.timeline.settle()
    p.server.send({ type: 'nack', id: refused.key, code: 'forbidden', message: 'No.', retryable: false })
    await p.timeline.settle()
    const expected = [
      ...Object.keys(readables),
      'message',
      'arrival hello',
      'arrival 2',
      'queued',
      'confirmed',
    ]
    expect(new Set(told)).toEqual(new Set([...expected, 'failed', 'error']))
    expect(texts(client)).toEqual(['hello', 2, 'refused'])
    expect(new Set(p.codes())).toEqual(new Set(['listener']))
    expect(p.errors[0]?.cause).toEqual(new Error('boom'))
  })

  it('S72: stops neither a page nor the position', async () => {
    const p = newPuppet()
    const room = p.client.room('general')
    room.timeline.subscribe(boom)
    room.arrivals(boom)
    await p.welcome()
    await p.catchUp(
      3,
      [1, 2, 3].map((seq) => p.entry(seq)),
    )
    p.server.send(p.event(4))
    await p.timeline.settle()
    expect(texts(p.client)).toEqual([1, 2, 3, 4])
    await p.reload()
    p.client.room('general').open()
    await p.welcome()
    expect(p.framesOf('hello')).toMatchObject([{ rooms: [{ cursor: at(4) }] }])
  })
})

describe('a token provider', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('no session')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no session'))],
    ['never answers', () => new Promise<string>(() => undefined)],
    ['gives nothing', () => undefined as unknown as string],
    ['gives an object', () => ({}) as unknown as string],
    ['gives nothing but air', () => ''],
  ])('that %s is told as a typed error and asked again; what was written waits', async (_name, broken) => {
    let good = false
    const p = newPuppet({ token: () => (good ? 'token' : broken()) })
    const room = p.client.room('general')
    room.open()
    p.client.connect()
    room.send('hello')
    await p.timeline.advance(12_000)
    expect(p.codes()).toContain('token_failed')
    expect(new Set(p.codes())).toEqual(new Set(['token_failed']))
    expect(p.server.attempts).toEqual([])
    expect(['waiting', 'connecting']).toContain(p.client.connection.get().state)
    good = true
    await p.timeline.advance(LIMITS.backoffCapMs + 10_000)
    await p.welcome()
    await p.catchUp()
    expect(p.framesOf('hello')).toMatchObject([{ token: 'token' }])
    expect(p.framesOf('message')).toMatchObject([{ body: 'hello' }])
  })
})

describe('a welcome to somebody else', () => {
  it('I18: is final: nothing is sent, nothing is read, nothing is lost', async () => {
    const p = newPuppet()
    const room = p.client.room('general')
    room.open()
    p.client.connect()
    room.send('secret')
    await p.timeline.settle()
    p.server.accept()
    p.server.send(welcomeTo('mallory', p), p.subscribed(1), p.event(1))
    await p.timeline.advance(120_000)
    expect(p.client.connection.get()).toMatchObject({
      state: 'failed',
      error: { code: 'wrong_user', retry: 'after-auth' },
    })
    expect(p.codes()).toEqual(['wrong_user'])
    expect(p.framesOf('message')).toEqual([])
    expect(p.server.attempts).toHaveLength(1)
    expect(p.server.open).toBe(0)
    expect(texts(p.client)).toEqual(['secret'])
    await p.welcome()
    await p.catchUp()
    expect(p.framesOf('message')).toMatchObject([{ body: 'secret' }])
  })
})

const welcomeTo = (user: string, p: PuppetWorld) => ({
  ...{ type: 'welcome' as const, session: 's', user, node: 'n', t: p.timeline.now() },
  ping: { interval: 25_000, timeout: 10_000 },
  limits: {
    ...{ frame: 65_536, body: 32_768, rooms: 64, page: 500, dedupeWindow: 604_800_000 },
    rate: { perSecond: 50, burst: 200 },
  },
})

describe('a room that the server does not open', () => {
  it('is shown as refused with the reason; what was written there fails visibly, and other rooms go on', async () => {
    const { timeline, ...w } = newWorld({
      authorize: ({ room }) => (room === 'secret' ? 'forbidden' : 'allow'),
    })
    const alice = w.tab(w.profile('alice'))
    const early = alice.client.room('secret').send('before anybody knew')
    const confirmed = early.confirmed()
    confirmed.catch(() => undefined)
    start(start(alice), 'secret')
    await timeline.advance(1_000)
    const secret = alice.client.room('secret')
    expect(secret.timeline.get()).toMatchObject({
      status: 'refused',
      error: { code: 'room_refused', serverCode: 'forbidden', room: 'secret' },
    })
    expect(statuses(alice, 'secret')).toEqual(['failed'])
    await expect(confirmed).rejects.toMatchObject({ code: 'rejected', serverCode: 'forbidden' })
    const late = secret.send('after everybody knew')
    alice.client.room('general').send('here')
    await timeline.advance(60_000)
    expect(statuses(alice, 'secret')).toEqual(['failed', 'failed'])
    expect(messages(alice.client, 'secret')[1]?.error).toMatchObject({
      code: 'rejected',
      serverCode: 'forbidden',
    })
    await expect(late.confirmed()).rejects.toMatchObject({ code: 'rejected' })
    expect(statuses(alice)).toEqual(['confirmed'])
    expect(alice.client.outbox.get()).toMatchObject({ pending: 0, failed: 2 })
  })

  it('and opens later takes what is retried then', async () => {
    let open = false
    const { timeline, ...w } = newWorld({ authorize: () => (open ? 'allow' : 'not_member') })
    const alice = start(w.tab(w.profile('alice')))
    await timeline.advance(100)
    const sent = alice.client.room('general').send('let me in')
    await timeline.advance(1_000)
    expect(statuses(alice)).toEqual(['failed'])
    open = true
    expect(alice.client.room('general').retry(sent.key)).toBe(true)
    await timeline.advance(1_000)
    expect(statuses(alice)).toEqual(['confirmed'])
    expect(alice.client.room('general').timeline.get()).toMatchObject({ status: 'live', error: null })
  })

  it('for a moment only is asked for again at the next connection, and nothing fails meanwhile', async () => {
    let away = true
    const { timeline, ...w } = newWorld({ authorize: () => (away ? 'unavailable' : 'allow') })
    const alice = start(w.tab(w.profile('alice')))
    alice.client.room('general').send('patience')
    await timeline.advance(1_000)
    expect(statuses(alice)).toEqual(['pending'])
    away = false
    alice.link.drop()
    await timeline.advance(10_000)
    expect(statuses(alice)).toEqual(['confirmed'])
  })
})
