import { describe, expect, it } from 'vitest'
import type { TokenSource } from '../../../src/core/connection/contract.js'
import type { ClientFrame } from '../../../src/protocol/index.js'
import { createLine, message, skip } from './line.js'

const expiring = { type: 'error', code: 'token_expiring', message: '', retryable: true } as const
const unauthorised = { type: 'error', code: 'unauthorised', message: '', retryable: false } as const

/** A provider that gives t1, t2 … */
function counted(): { source: TokenSource; calls: () => number } {
  let calls = 0
  return { source: () => `t${++calls}`, calls: () => calls }
}

const authOf = (frames: readonly ClientFrame[]) => frames.flatMap((f) => (f.type === 'auth' ? [f] : []))

/** A line with a provider, welcomed. */
async function welcomed(token: TokenSource) {
  const line = createLine({ token })
  line.connection.connect()
  await line.timeline.settle()
  line.greet()
  return line
}

describe('the token', () => {
  it('is fetched before the socket opens and stands in hello, not in the url', async () => {
    let give: (token: string) => void = () => {}
    const line = createLine({ token: () => new Promise((resolve) => (give = resolve)) })
    line.connection.connect()
    await line.timeline.settle()
    expect(line.sockets.all).toHaveLength(0)
    expect(line.state()).toBe('connecting')
    give('secret')
    await line.timeline.settle()
    line.last().open()
    expect(line.last().url).toBe('wss://example.test')
    expect(line.last().frames[0]).toMatchObject({ type: 'hello', token: 'secret' })
    expect(line.trace.join('\n')).not.toContain('secret')
  })

  it.each<[string, TokenSource]>([
    [
      'throws',
      () => {
        throw new Error('no network')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no network'))],
    ['gives nothing', () => ''],
    ['gives far too much', () => 'x'.repeat(16 * 1024 + 1)],
    ['hangs', () => new Promise<string>(() => {})],
  ])('a provider that %s is told as token_failed and asked again after a wait', async (_, bad) => {
    let calls = 0
    const line = createLine({ token: () => (++calls <= 2 ? bad() : 'good') })
    line.connection.connect()
    await line.nextAttempt()
    expect(line.told.filter((told) => told === 'error token_failed')).toHaveLength(2)
    expect(line.errors[0]?.retry).toBe('later')
    expect(line.errors[0]?.cause).toBeDefined()
    line.greet()
    expect(line.state()).toBe('connected')
    expect(calls).toBe(3)
    expect(line.timeline.pending).toBe(1)
  })

  it('arriving after disconnect() opens nothing', async () => {
    let give: (token: string) => void = () => {}
    const line = createLine({ token: () => new Promise((resolve) => (give = resolve)) })
    line.connection.connect()
    await line.timeline.settle()
    line.connection.disconnect()
    give('late')
    await line.timeline.settle()
    expect(line.sockets.all).toHaveLength(0)
    expect(line.timeline.pending).toBe(0)
  })

  it('one that arrives after it was given up is not used', async () => {
    const gives: ((token: string) => void)[] = []
    const line = createLine({ token: () => new Promise((resolve) => gives.push(resolve)) })
    line.connection.connect()
    await line.timeline.advance(12_000)
    expect(gives).toHaveLength(2)
    gives[0]?.('old')
    await line.timeline.settle()
    expect(line.sockets.all).toHaveLength(0)
    gives[1]?.('new')
    await line.timeline.settle()
    line.last().open()
    expect(line.last().frames[0]).toMatchObject({ token: 'new' })
  })

  it('is renewed on the open connection, once, however often the server warns', async () => {
    const { source, calls } = counted()
    const line = await welcomed(source)
    line.last().say(expiring, expiring)
    line.last().say(expiring)
    await line.timeline.settle()
    const auths = authOf(line.last().frames)
    expect(auths).toMatchObject([{ token: 't2' }])
    line.last().say(expiring)
    await line.timeline.settle()
    expect(calls()).toBe(2)
    expect(authOf(line.last().frames)).toHaveLength(1)
    line.last().say({ type: 'ack', id: auths[0]?.id ?? '' }, skip(1))
    expect(line.frames).toEqual([skip(1)])
    expect(line.told).toEqual(['welcome', 'frames'])
    line.last().say(expiring)
    await line.timeline.settle()
    expect(authOf(line.last().frames)).toMatchObject([{ token: 't2' }, { token: 't3' }])
  })

  it('a failed renewal is told, and the connection goes on', async () => {
    let calls = 0
    const line = await welcomed(() => {
      if (++calls === 2) throw new Error('no')
      return 't'
    })
    line.last().say(expiring)
    await line.timeline.settle()
    expect(line.told).toEqual(['welcome', 'error token_failed'])
    expect(line.state()).toBe('connected')
    line.last().say(expiring)
    await line.timeline.settle()
    expect(authOf(line.last().frames)).toHaveLength(1)
  })

  it('a renewal that comes when the connection is over is not sent on the next', async () => {
    const gives: ((token: string) => void)[] = []
    const line = createLine({ token: () => new Promise((resolve) => gives.push(resolve)) })
    line.connection.connect()
    await line.timeline.settle()
    gives[0]?.('t1')
    await line.timeline.settle()
    line.greet().say(expiring)
    await line.timeline.settle()
    line.last().close(1006)
    await line.timeline.advance(1_000)
    // The attempt joins the request under way: the provider is not asked twice at once.
    expect(gives).toHaveLength(2)
    gives[1]?.('t2')
    await line.timeline.settle()
    line.greet()
    await line.timeline.settle()
    expect(line.last().frames).toMatchObject([{ type: 'hello', token: 't2' }])
  })

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

  it('is not asked for when a listener of the status disconnects first', async () => {
    const { source, calls } = counted()
    const line = createLine({ token: source })
    line.connection.status.subscribe(() => line.connection.disconnect())
    line.connection.connect()
    await line.timeline.settle()
    expect(calls()).toBe(0)
  })

  it('a failure shared by a renewal and the next attempt is told once', async () => {
    const fails: (() => void)[] = []
    let calls = 0
    const line = await welcomed(() => {
      if (++calls === 1) return 't1'
      return new Promise((_, reject) => fails.push(() => reject(new Error('no'))))
    })
    line.last().say(expiring)
    await line.timeline.settle()
    line.last().close(4009)
    await line.timeline.settle()
    fails[0]?.()
    await line.timeline.settle()
    expect(line.told).toEqual(['welcome', 'down', 'error token_failed'])
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

  it('S139: no data frame leaves before welcome', async () => {
    const line = createLine({ token: () => 't' })
    const send = () => line.connection.send([message('m1')], 'durable')
    expect(send()).toBe(false)
    line.connection.connect()
    expect(send()).toBe(false)
    await line.timeline.settle()
    expect(send()).toBe(false)
    line.last().open()
    expect(send()).toBe(false)
    await line.timeline.settle()
    expect(line.last().frames.map(({ type }) => type)).toEqual(['hello'])
  })
})
