import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { newPuppet, type PuppetWorld } from './puppet-world.js'
import { start, statuses } from './steps.js'
import { messages, newWorld, texts } from './world.js'

const welcomeTo = (user: string, p: PuppetWorld) => ({
  ...{ type: 'welcome' as const, session: 's', user, node: 'n', t: p.timeline.now() },
  ping: { interval: 25_000, timeout: 10_000 },
  limits: {
    ...{ frame: 65_536, body: 32_768, rooms: 64, page: 500, dedupeWindow: 604_800_000 },
    rate: { perSecond: 50, burst: 200 },
  },
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
