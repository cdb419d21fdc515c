import { webcrypto } from 'node:crypto'
import type { Operation } from 'tidings-server'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createCryptoRandom } from '../../../src/adapters/crypto-random.js'
import { LIMITS } from '../../../src/core/limits.js'
import { readGroup } from '../../../src/core/messages/outbox-records.js'
import type { ClientFrames } from '../../../src/protocol/index.js'
import { createPuppetWorld, type PuppetWorld } from './puppet-world.js'
import { numbers, start, statuses } from './steps.js'
import { createWorld, messages, type Profile, type Tab, texts, URL, type World } from './world.js'

const HOUR = 60 * 60_000
let world: World | undefined
let puppet: PuppetWorld | undefined
afterEach(async () => {
  await world?.end()
  await puppet?.end()
  world = undefined
  puppet = undefined
  vi.unstubAllGlobals()
})

const newWorld = (...given: Parameters<typeof createWorld>): World => {
  world = createWorld(...given)
  return world
}
const newPuppet = (...given: Parameters<typeof createPuppetWorld>): PuppetWorld => {
  puppet = createPuppetWorld(...given)
  return puppet
}

/** Ids of the operations that a profile's outbox holds on disk. */
const stored = ({ disk }: Pick<Profile, 'disk'>): readonly unknown[] =>
  disk
    .names()
    .filter((name) => name.startsWith('tidings.outbox.'))
    .flatMap((name) => disk.entries(name))
    .flatMap(([key, value]) => (key.startsWith('e/') ? readGroup(value).entries : []))
    .map(({ id }) => id)

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

describe('a message on its way', () => {
  it('S81: is never shown as sent before its acknowledgement, and is sent again until there is one', async () => {
    let deaf = true
    const heard: string[] = []
    const { timeline, ...w } = newWorld({
      screen: ({ id }) => void heard.push(id),
      outgoing: ({ type }) => (deaf && (type === 'ack' || type === 'event') ? 'drop' : 'pass'),
    })
    const alice = start(w.tab(w.profile('alice')))
    await timeline.advance(100)
    const sent = alice.client.room('general').send('hello')
    const shown = new Set<string>()
    for (let i = 0; i < 40; i++) {
      await timeline.advance(1_000)
      for (const status of statuses(alice)) shown.add(status)
    }
    expect(shown).toEqual(new Set(['pending', 'delayed']))
    expect(heard.length).toBeGreaterThanOrEqual(3)
    expect(new Set(heard)).toEqual(new Set([sent.key]))
    deaf = false
    await timeline.advance(11_000)
    expect(statuses(alice)).toEqual(['confirmed'])
    expect(alice.client.outbox.get().failed).toBe(0)
  })

  it('S86: whose answer does not come is sent again on the same connection, as the same operation', async () => {
    const p = newPuppet()
    await p.live()
    const sent = p.client.room('general').send('hello')
    await p.timeline.advance(LIMITS.ackTimeoutMs - 1)
    expect(p.framesOf('message')).toHaveLength(1)
    await p.timeline.advance(2)
    const [first, second] = p.framesOf('message')
    expect(second).toEqual({ ...first, attempt: 2 })
    expect(first).toMatchObject({ id: sent.key, body: 'hello', attempt: 1 })
    // The silence is a reason to look whether the connection lives.
    expect(p.framesOf('ping')).toHaveLength(1)
    expect(p.server.attempts).toHaveLength(1)
  })

  it('S89: keeps its id, stamp and content over lost connections, a reload, a refusal and a retry', async () => {
    const p = newPuppet()
    const frames: ClientFrames['message'][] = []
    const again = async (): Promise<void> => {
      await p.welcome()
      await p.catchUp()
      frames.push(...p.framesOf('message'))
      p.server.received.length = 0
    }
    const sent = p.client.room('general').send({ text: 'hello' })
    await again()
    p.server.drop()
    await again()
    await p.reload()
    await again()
    p.server.send({ type: 'nack', id: sent.key, code: 'forbidden', message: 'No.', retryable: false })
    await p.timeline.settle()
    expect(p.client.room('general').retry(sent.key)).toBe(true)
    await p.timeline.advance(10)
    frames.push(...p.framesOf('message'))
    expect(frames.map(({ attempt }) => attempt > 1)).toEqual([false, true, true, true])
    const identity = frames.map(({ id, stamp, body, room }) => ({ id, stamp, body, room }))
    expect(new Set(identity.map((one) => JSON.stringify(one))).size).toBe(1)
    expect(identity[0]).toMatchObject({ id: sent.key, body: { text: 'hello' } })
    // The first attempt's time is kept: it tells a server how old a repeat is.
    expect(new Set(frames.map((frame) => frame.at)).size).toBe(1)
  })

  it.each([
    ['the acknowledgement first', ['ack', 'event']],
    ['the echo first', ['event', 'ack']],
    ['the acknowledgement twice', ['ack', 'ack', 'event', 'ack']],
    ['the echo twice', ['event', 'event', 'ack']],
  ])('S107: is one message with one confirmation, whichever way it is told: %s', async (_name, order) => {
    const p = newPuppet()
    await p.live()
    const confirmed: unknown[] = []
    const arrived: unknown[] = []
    p.client.on('confirmed', (told) => confirmed.push(told))
    p.client.room('general').arrivals((message) => arrived.push(message.id))
    const sent = p.client.room('general').send('hello')
    await p.timeline.settle()
    const [frame] = p.framesOf('message')
    const { stamp = '' } = frame ?? {}
    const ts = p.timeline.now()
    for (const type of order) {
      if (type === 'ack')
        p.server.send({ type, id: sent.key, room: 'general', messageId: 'm1', seq: 1, stamp, ts, version: 1 })
      else p.server.send(p.event(1, { from: 'alice', id: sent.key, stamp, body: 'hello' }))
      await p.timeline.settle()
      expect(messages(p.client)).toHaveLength(1)
      expect(messages(p.client)[0]).toMatchObject({ key: sent.key, id: 'm1', status: 'confirmed' })
    }
    expect(confirmed).toEqual([{ room: 'general', key: sent.key, id: 'm1' }])
    expect(arrived).toEqual(['m1'])
    expect(p.errors).toEqual([])
  })

  it('S85: keeps its place however often the lane is woken, over lost connections and two tabs', async () => {
    const { timeline, ...w } = newWorld({ latencyMs: 15, limits: { rate: null } })
    const profile = w.profile('alice')
    const tabs = [start(w.tab(profile)), start(w.tab(profile))]
    await timeline.advance(200)
    for (const i of numbers(1, 30)) {
      for (const [t, tab] of tabs.entries()) tab.client.room('general').send(`${t}:${i}`)
      if (i % 7 === 0) tabs[0]?.link.drop()
      if (i % 11 === 0) tabs[1]?.link.drop()
      tabs[i % 2]?.lifecycle.signal('online', 'visible')
      tabs[i % 2]?.client.connect()
      await timeline.advance(i % 5)
    }
    await timeline.advance(90_000)
    const bob = start(w.tab(w.profile('bob')))
    await timeline.advance(1_000)
    const log = messages(bob.client).toSorted((a, b) => (a.seq ?? 0) - (b.seq ?? 0))
    for (const t of [0, 1])
      expect(log.map(({ body }) => String(body)).filter((body) => body.startsWith(`${t}:`))).toEqual(
        numbers(1, 30).map((i) => `${t}:${i}`),
      )
    // The two tabs' messages of one moment may be shown in another order than they were taken, but everybody shows the same.
    for (const tab of tabs) expect(texts(tab.client)).toEqual(texts(bob.client))
  })

  it('S93: of a person with two tabs goes out once, from whichever tab it was written', async () => {
    const heard: string[] = []
    const senders = new Set<string>()
    const { timeline, ...w } = newWorld({
      latencyMs: 5,
      screen: ({ id }) => void heard.push(id),
      outgoing({ type }, { session }) {
        if (type === 'ack') senders.add(session)
        return 'pass'
      },
    })
    const profile = w.profile('alice')
    const tabs = [start(w.tab(profile)), start(w.tab(profile)), start(w.tab(profile))]
    await timeline.advance(200)
    const keys = tabs.flatMap((tab, t) =>
      numbers(1, 5).map((i) => tab.client.room('general').send(`${t}:${i}`).key),
    )
    await timeline.advance(30_000)
    expect(heard.toSorted()).toEqual(keys.toSorted())
    expect(senders.size).toBe(1)
    for (const tab of tabs) expect(new Set(statuses(tab))).toEqual(new Set(['confirmed']))
  })

  it('S93: of a person with two tabs is heard of by the one that sends also when no tab hears of the others', async () => {
    const { timeline, ...w } = newWorld({ latencyMs: 5 })
    const profile = w.profile('alice')
    profile.disk.deafen(true)
    const [one, two] = [start(w.tab(profile)), start(w.tab(profile))]
    await timeline.advance(200)
    one.client.room('general').send('from one')
    two.client.room('general').send('from two')
    // The one that holds the lock comes first, for as long as it may be only slow.
    await timeline.advance(LIMITS.stealAfterMs - 1_000)
    expect(texts(one.client)).toEqual(['from one'])
    await timeline.advance(2_000)
    expect(statuses(one)).toEqual(['confirmed', 'confirmed'])
    expect(statuses(two)).toEqual(['confirmed', 'confirmed'])
  })
})

describe('an answer of the server', () => {
  async function answered(nack: { code: string; retryable: boolean; retryAfter?: number }) {
    const p = newPuppet()
    await p.live()
    const sent = p.client.room('general').send('hello')
    await p.timeline.settle()
    const refuse = async (): Promise<void> => {
      p.server.received.length = 0
      p.server.send({ type: 'nack', id: sent.key, message: '', ...nack })
      await p.timeline.settle()
    }
    await refuse()
    return { p, sent, refuse }
  }

  it.each([
    ['conflict', 'conflict'],
    ['not_found', 'not_found'],
    ['too_large', 'too_large'],
    ['forbidden', 'rejected'],
    ['content_rejected', 'rejected'],
    ['a_code_of_next_year', 'rejected'],
  ])(
    'S82, S87, S110: that refuses for good (%s) is a failure of its class (%s), seen until the person decides',
    async (code, expected) => {
      const { p, sent } = await answered({ code, retryable: false })
      const failed = messages(p.client)[0]
      expect(failed).toMatchObject({ status: 'failed', key: sent.key, body: 'hello' })
      expect(failed?.error).toMatchObject({ code: expected, serverCode: code, operation: sent.key })
      expect(failed?.error?.message).not.toBe('')
      await expect(sent.confirmed()).rejects.toMatchObject({ code: expected })
      await p.timeline.advance(10 * HOUR)
      await p.reload()
      await p.welcome()
      expect(messages(p.client).map(({ status }) => status)).toEqual(['failed'])
      expect(p.client.outbox.get()).toMatchObject({ pending: 0, failed: 1 })
      expect(p.client.room('general').discard(sent.key)).toBe(true)
      await p.timeline.settle()
      expect(messages(p.client)).toEqual([])
      expect(p.client.outbox.get()).toMatchObject({ failed: 0 })
      expect(stored(p)).toEqual([])
    },
  )

  it('S87: that says when to come back is obeyed to the millisecond', async () => {
    const { p } = await answered({ code: 'rate_limited', retryable: true, retryAfter: 7_000 })
    await p.timeline.advance(6_999)
    expect(p.framesOf('message')).toHaveLength(0)
    await p.timeline.advance(1)
    expect(p.framesOf('message')).toHaveLength(1)
  })

  it('S87: that only says "not now" is asked again after a pause that grows', async () => {
    const { p, refuse } = await answered({ code: 'unavailable', retryable: true })
    const waits: number[] = []
    for (let i = 0; i < 6; i++) {
      const from = p.timeline.now()
      while (p.framesOf('message').length === 0) await p.timeline.advance(50)
      waits.push(p.timeline.now() - from)
      await refuse()
    }
    for (const [i, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(250)
      expect(wait).toBeLessThanOrEqual(Math.min(30_000, 1_000 * 2 ** i) + 50)
    }
    expect(Math.max(...waits.slice(3))).toBeGreaterThan(Math.max(...waits.slice(0, 2)))
  })

  it('S87: that says it was not looked at yet costs no attempt, nor does a lost connection', async () => {
    const { p, refuse } = await answered({ code: 'not_ready', retryable: true, retryAfter: 10 })
    for (let i = 0; i < 20; i++) {
      await p.timeline.advance(10)
      await refuse()
    }
    expect(messages(p.client).map(({ status }) => status)).toEqual(['pending'])
    for (let i = 0; i < 20; i++) {
      p.server.drop()
      await p.welcome()
      await p.catchUp()
    }
    expect(messages(p.client).map(({ status }) => status)).toEqual(['delayed'])
    expect(p.client.outbox.get()).toMatchObject({ pending: 1, failed: 0 })
  })

  it('"not now" eight times is a failure that can be seen; a retry begins to count anew', async () => {
    const { p, sent, refuse } = await answered({ code: 'unavailable', retryable: true, retryAfter: 10 })
    const status = () => messages(p.client)[0]?.status
    for (let i = 2; i < LIMITS.poisonAfter; i++) {
      await p.timeline.advance(10)
      await refuse()
    }
    expect(status()).toBe('pending')
    await p.timeline.advance(10)
    await refuse()
    expect(status()).toBe('failed')
    expect(p.client.room('general').retry(sent.key)).toBe(true)
    await p.timeline.settle()
    await refuse()
    expect(status()).toBe('pending')
    await p.timeline.advance(10)
    expect(p.framesOf('message')).toHaveLength(1)
  })

  it('that nobody can tell any more makes the message unknown, until the person sends it as new or drops it', async () => {
    const { p, sent } = await answered({ code: 'dedupe_expired', retryable: false })
    expect(messages(p.client)[0]).toMatchObject({ status: 'unknown', error: null })
    await p.timeline.advance(60_000)
    await p.reload()
    await p.welcome()
    await p.catchUp()
    await p.timeline.advance(20_000)
    expect(p.framesOf('message')).toEqual([])
    expect(messages(p.client)[0]?.status).toBe('unknown')
    expect(p.client.room('general').retry(sent.key)).toBe(true)
    await p.timeline.settle()
    // Sent as a repeat it would be answered the same way for ever.
    expect(p.framesOf('message')).toMatchObject([{ id: sent.key, attempt: 1 }])
    p.server.send({ type: 'nack', id: sent.key, code: 'dedupe_expired', message: '', retryable: false })
    await p.timeline.settle()
    expect(p.client.room('general').discard(sent.key)).toBe(true)
    expect(messages(p.client)).toEqual([])
  })

  it('that comes after another verdict changes nothing but for the better: an acknowledgement wins, a refusal does not', async () => {
    const p = newPuppet()
    await p.live()
    const [one, two] = ['one', 'two'].map((text) => p.client.room('general').send(text))
    await p.timeline.settle()
    const stamps = p.framesOf('message').map(({ stamp }) => stamp)
    const verdict = (i: number, key = '') => ({
      ack: {
        ...{ type: 'ack' as const, id: key, room: 'general', messageId: `m${i}`, seq: i },
        ...{ stamp: stamps[i - 1] ?? '', ts: p.timeline.now() },
      },
      nack: { type: 'nack' as const, id: key, code: 'forbidden', message: 'No.', retryable: false },
    })
    const first = verdict(1, one?.key)
    const second = verdict(2, two?.key)
    p.server.send(first.ack, second.nack, first.nack, second.ack)
    await p.timeline.settle()
    expect(messages(p.client).map(({ id, status, error }) => [id, status, error])).toEqual([
      ['m1', 'confirmed', null],
      ['m2', 'confirmed', null],
    ])
    expect(p.client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
  })

  it('to something that this client never asked is left alone', async () => {
    const p = newPuppet()
    await p.live()
    p.client.room('general').send('hello')
    await p.timeline.settle()
    const { stamp } = p.event(1)
    p.server.send(
      { type: 'ack', id: 'nobody', room: 'general', messageId: 'm1', seq: 1, stamp, ts: 1 },
      { type: 'nack', id: 'nobody', code: 'forbidden', message: 'No.', retryable: false },
    )
    await p.timeline.settle()
    expect(messages(p.client).map(({ status }) => status)).toEqual(['pending'])
    expect(p.errors).toEqual([])
  })
})

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

describe('the limits of the outbox', () => {
  it('S94: at 1,000 entries the next is refused aloud, kept in sight, and goes out on retry when there is room', {
    timeout: 30_000,
  }, async () => {
    const { timeline, ...w } = newWorld({ limits: { rate: null } })
    const alice = w.tab(w.profile('alice'))
    alice.link.refuse(true)
    start(alice)
    await timeline.advance(10)
    const room = alice.client.room('general')
    for (const i of numbers(1, LIMITS.outboxEntries)) room.send(i)
    const over = room.send('one too many')
    expect(over.message).toMatchObject({ status: 'failed', body: 'one too many' })
    await expect(over.queued()).rejects.toMatchObject({ code: 'outbox_full', retry: 'later' })
    await expect(over.confirmed()).rejects.toMatchObject({ code: 'outbox_full' })
    await timeline.advance(100)
    expect(alice.client.outbox.get()).toMatchObject({ pending: LIMITS.outboxEntries, failed: 1 })
    expect(messages(alice.client)).toHaveLength(LIMITS.outboxEntries + 1)
    expect(messages(alice.client).at(-1)?.error).toMatchObject({ code: 'outbox_full' })
    // While it is full a retry is refused the same way: nothing grows beyond the limit.
    room.retry(over.key)
    await timeline.advance(10)
    expect(alice.client.outbox.get()).toMatchObject({ pending: LIMITS.outboxEntries, failed: 1 })
    alice.link.refuse(false)
    await timeline.advance(60_000)
    expect(alice.client.outbox.get()).toMatchObject({ pending: 0, failed: 1 })
    expect(room.retry(over.key)).toBe(true)
    await timeline.advance(1_000)
    expect(messages(alice.client).find(({ key }) => key === over.key)?.status).toBe('confirmed')
    // The list shows the newest of them; the log holds every one, once.
    expect(messages(alice.client).at(-1)?.seq).toBe(LIMITS.outboxEntries + 1)
    expect(alice.client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
  })

  it('S94: so it is at 5 MiB, also for an edit, and after a reload', { timeout: 30_000 }, async () => {
    const { timeline, ...w } = newWorld()
    const profile = w.profile('alice')
    const first = w.tab(profile)
    first.link.refuse(true)
    start(first)
    await timeline.advance(10)
    const body = 'x'.repeat(32_000)
    const count = Math.floor(LIMITS.outboxBytes / (body.length + 2))
    for (let i = 0; i < count; i++) first.client.room('general').send(body)
    await timeline.advance(100)
    first.crash()
    const second = w.tab(profile)
    second.link.refuse(true)
    start(second)
    await timeline.advance(100)
    const room = second.client.room('general')
    expect(second.client.outbox.get()).toMatchObject({ pending: count, bytes: count * (body.length + 2) })
    await expect(room.send(body).queued()).rejects.toMatchObject({ code: 'outbox_full' })
    // What takes the place of what waits needs room only for what it is longer by.
    const longer = messages(second.client).map(({ key }) => room.edit(key, 'y'.repeat(32_700)).queued())
    const refused = (await Promise.allSettled(longer)).filter(({ status }) => status === 'rejected')
    const { bytes, pending } = second.client.outbox.get()
    expect(refused.length).toBeGreaterThan(count / 2)
    expect(refused[0]).toMatchObject({ reason: { code: 'outbox_full' } })
    expect(refused.length).toBeLessThan(count)
    expect(pending).toBe(count)
    expect(bytes).toBeLessThanOrEqual(LIMITS.outboxBytes)
    expect(room.send('short').message.status).toBe('pending')
  })

  it('a message that waited for 7 days is not sent unasked; a retry sends it', async () => {
    const { timeline, ...w } = newWorld()
    const alice = start(w.tab(w.profile('alice')))
    await timeline.advance(100)
    alice.client.disconnect()
    const room = alice.client.room('general')
    const old = room.send('old')
    await timeline.advance(LIMITS.expireAfterMs - 1_000)
    room.send('newer')
    await timeline.advance(1_000)
    alice.client.connect()
    await timeline.advance(1_000)
    expect(messages(alice.client).map(({ body, status }) => [body, status])).toEqual([
      ['old', 'failed'],
      ['newer', 'confirmed'],
    ])
    expect(messages(alice.client)[0]?.error).toMatchObject({ code: 'expired', retry: 'later' })
    expect(room.retry(old.key)).toBe(true)
    await timeline.advance(1_000)
    expect(statuses(alice)).toEqual(['confirmed', 'confirmed'])
  })

  it('one that may have arrived 7 days ago becomes unknown; a retry sends it, and it is still one message', async () => {
    let deaf = false
    const { timeline, ...w } = newWorld({ outgoing: () => (deaf ? 'drop' : 'pass') })
    const profile = w.profile('alice')
    const alice = start(w.tab(profile))
    await timeline.advance(100)
    const committed = w.log.append
    let arrives = false
    Object.assign(w.log, {
      append: (operations: readonly Operation[]) =>
        arrives ? committed(operations) : new Promise(() => undefined),
    })
    deaf = true
    const sent = alice.client.room('general').send('perhaps')
    await timeline.advance(100)
    alice.client.disconnect()
    await timeline.advance(LIMITS.expireAfterMs + 1_000)
    deaf = false
    arrives = true
    alice.client.connect()
    await timeline.advance(5_000)
    expect(statuses(alice)).toEqual(['unknown'])
    expect(alice.client.outbox.get()).toMatchObject({ pending: 1, failed: 0 })
    expect(alice.client.room('general').retry(sent.key)).toBe(true)
    await timeline.advance(5_000)
    expect(statuses(alice)).toEqual(['confirmed'])
    expect(messages(alice.client)).toHaveLength(1)
  })
})

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

describe('ids', () => {
  it('S92: are made where there is no randomUUID, as on plain http', () => {
    const { getRandomValues } = globalThis.crypto
    vi.stubGlobal('crypto', {
      getRandomValues: (into: Uint8Array<ArrayBuffer>) => getRandomValues.call(webcrypto, into),
    })
    const random = createCryptoRandom()
    const ids = new Set(numbers(1, 1_000).map(() => random.id()))
    expect(ids.size).toBe(1_000)
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{21}$/)
  })
})

describe('the end of a client', () => {
  let heal = (): void => undefined
  afterEach(() => {
    heal = () => undefined
  })
  const settle = async (w: World): Promise<void> => {
    await w.end()
    expect(w.timeline.pending).toBe(0)
    expect(w.network.open).toBe(0)
  }

  it.each([
    ['that was never connected', async () => undefined],
    [
      'that connects',
      async (w: World, tab: Tab) => {
        tab.client.connect()
        await w.timeline.settle()
      },
    ],
    [
      'that waits for the next attempt',
      async (w: World, tab: Tab) => {
        tab.link.refuse(true)
        start(tab)
        await w.timeline.advance(5_000)
      },
    ],
    [
      'that is live, looked at, listened to, and has something on its way',
      async (w: World, tab: Tab) => {
        const room = start(tab).client.room('general')
        room.timeline.subscribe(() => undefined)
        room.arrivals(() => undefined)
        tab.client.outbox.subscribe(() => undefined)
        tab.client.connection.subscribe(() => undefined)
        await w.timeline.advance(100)
        // Also a server that does not answer cannot keep a client from its end.
        heal = tab.link.blackHole()
        room.send('on its way')
        room.message('nothing').subscribe(() => undefined)
        void room.loadOlder()
        await w.timeline.advance(100)
      },
    ],
    [
      'that lost its last reader this very moment',
      async (w: World, tab: Tab) => {
        const close = tab.client.room('general').open()
        tab.client.connect()
        await w.timeline.advance(100)
        close()
      },
    ],
    [
      'that is catching up',
      async (w: World, tab: Tab) => {
        const bob = start(w.tab(w.profile('bob')))
        await w.timeline.advance(100)
        for (const i of numbers(1, 50)) bob.client.room('general').send(i)
        await w.timeline.advance(2_000)
        tab.link.latency(50)
        start(tab)
        await w.timeline.advance(175)
      },
    ],
    [
      'whose disk is full',
      async (w: World, tab: Tab, profile: Profile) => {
        profile.disk.quota(0)
        start(tab)
        tab.client.room('general').send('kept in the page')
        await w.timeline.advance(5_000)
      },
    ],
  ] as const)('S91, I16: %s leaves no timer, listener, lock, store or connection', async (_name, prepare) => {
    const w = newWorld()
    const profile = w.profile('alice')
    const tab = w.tab(profile)
    await prepare(w, tab, profile)
    const ended = tab.client.destroy()
    heal()
    await w.timeline.advance(100)
    await ended
    expect(tab.lifecycle.listeners).toBe(0)
    expect(tab.link.open).toBe(0)
    expect(profile.disk.openStores).toBe(0)
    let granted = 0
    profile.locks.context().request(`tidings.drain.alice@${encodeURIComponent(URL)}`, () => granted++)
    await w.timeline.settle()
    expect(granted).toBe(1)
    await settle(w)
    expect(() => tab.client.connect()).toThrow(expect.objectContaining({ code: 'destroyed' }))
    expect(() => tab.client.room('general')).toThrow(expect.objectContaining({ code: 'destroyed' }))
    await tab.client.destroy()
  })

  it('tells who waits, and keeps what was written in its last moment', async () => {
    const w = newWorld()
    const profile = w.profile('alice')
    const tab = w.tab(profile)
    tab.link.refuse(true)
    start(tab)
    await w.timeline.advance(100)
    const room = tab.client.room('general')
    const early = room.send('early')
    const confirmed = early.confirmed()
    confirmed.catch(() => undefined)
    await early.queued()
    const late = room.send('in the last moment')
    const ended = tab.client.destroy()
    await w.timeline.advance(1)
    await ended
    await expect(confirmed).rejects.toMatchObject({ code: 'destroyed' })
    expect(stored(profile)).toEqual([early.key, late.key])
  })
})
