import { describe, expect, it } from 'vitest'
import { createLine } from './line.js'
import { authOf, counted, expiring, welcomed } from './tokens.js'

const unauthorised = { type: 'error', code: 'unauthorised', message: '', retryable: false } as const

describe('the token', () => {
  it('4009 fetches a fresh one and comes back at once', async () => {
    const { source } = counted()
    const line = await welcomed(source)
    line.connection.settled()
    await line.timeline.advance(5_000)
    line.last().close(4009)
    await line.timeline.settle()
    expect(line.sockets.all).toHaveLength(2)
    line.last().open()
    expect(line.last().frames[0]).toMatchObject({ token: 't2' })
  })

  it('a server that answers every token with 4009 is not hammered', async () => {
    const { source } = counted()
    const line = await welcomed(source)
    const from = line.timeline.now()
    for (let i = 0; i < 20; i++) {
      line.last().close(4009)
      await line.nextAttempt()
      line.greet()
    }
    expect(line.timeline.now() - from).toBeGreaterThan(60_000)
  })

  it('two fresh ones refused in a row are final; connect() tries again', async () => {
    for (const refuse of ['close', 'error'] as const) {
      const { source } = counted()
      const line = createLine({ token: source })
      line.connection.connect()
      for (let i = 0; i < 2; i++) {
        await line.timeline.settle()
        expect(line.state()).toBe('connecting')
        const socket = line.last()
        socket.open()
        // A server says both; together they are one refusal.
        if (refuse === 'error') socket.say(unauthorised)
        socket.close(4501)
        await line.timeline.advance(1_000)
      }
      expect(line.connection.status.get()).toMatchObject({ state: 'failed', error: { code: 'unauthorised' } })
      expect(line.errors[0]?.retry).toBe('after-auth')
      expect(line.sockets.all).toHaveLength(2)
      line.connection.connect()
      await line.timeline.settle()
      line.greet()
      expect(line.state()).toBe('connected')
    }
  })

  it('refusals with a welcome between them are not in a row', async () => {
    const { source } = counted()
    const line = await welcomed(source)
    for (let i = 0; i < 5; i++) {
      line.last().close(4501)
      expect(line.state()).toBe('waiting')
      await line.nextAttempt()
      line.greet()
    }
    expect(line.state()).toBe('connected')
  })

  it('a refused renewal is tried with another one; the second refusal is final', async () => {
    const { source } = counted()
    const line = await welcomed(source)
    const socket = line.last()
    socket.say(expiring)
    for (let i = 0; i < 2; i++) {
      await line.timeline.settle()
      const auth = authOf(socket.frames).at(-1)
      socket.say({ ...unauthorised, re: auth?.id ?? '' })
    }
    expect(line.state()).toBe('failed')
    expect(authOf(socket.frames)).toMatchObject([{ token: 't2' }, { token: 't3' }])
    expect(line.told).toEqual(['welcome', 'down', 'error unauthorised'])
  })

  it('an accepted renewal between two refusals makes them two stories', async () => {
    const { source } = counted()
    const line = await welcomed(source)
    const socket = line.last()
    const answer = async (ok: boolean) => {
      await line.timeline.settle()
      const re = authOf(socket.frames).at(-1)?.id ?? ''
      socket.say(ok ? { type: 'ack', id: re } : { ...unauthorised, re })
    }
    socket.say(expiring)
    await answer(false)
    await answer(true)
    socket.say(expiring)
    await answer(false)
    expect(line.state()).toBe('connected')
    await answer(true)
    expect(line.errors).toEqual([])
  })

  it('connect() after a final refusal forgets what was counted', async () => {
    const { source } = counted()
    const line = createLine({ token: source })
    const refuse = async () => {
      await line.timeline.settle()
      line.last().close(4501)
    }
    line.connection.connect()
    await refuse()
    await line.timeline.advance(1_000)
    await refuse()
    expect(line.state()).toBe('failed')
    line.connection.connect()
    await refuse()
    expect(line.state()).toBe('waiting')
    expect((line.connection.status.get().nextRetryAt ?? 0) - line.clock.now()).toBeLessThanOrEqual(1_000)
  })

  it('unauthorised without a request on an open connection fetches a fresh one', async () => {
    const { source } = counted()
    const line = await welcomed(source)
    line.last().say(unauthorised)
    expect(line.told).toEqual(['welcome', 'down'])
    await line.timeline.advance(1_000)
    line.last().open()
    expect(line.last().frames[0]).toMatchObject({ token: 't2' })
  })

  it('errors about other requests are not taken for the token', async () => {
    const line = await welcomed(() => 't')
    line.last().say({ ...unauthorised, re: 'subscribe-1' })
    expect(line.state()).toBe('connected')
    expect(line.frames).toEqual([{ ...unauthorised, re: 'subscribe-1' }])
  })
})
