import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { stored } from './outbox.js'
import { newPuppet } from './puppet-world.js'
import { HOUR } from './steps.js'
import { messages } from './world.js'

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
