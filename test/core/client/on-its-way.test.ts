import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import type { ClientFrames } from '../../../src/protocol/index.js'
import { newPuppet } from './puppet-world.js'
import { numbers, start, statuses } from './steps.js'
import { messages, newWorld, texts } from './world.js'

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
