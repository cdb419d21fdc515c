import { describe, expect, it } from 'vitest'
import type { TokenSource } from '../../../src/core/connection/contract.js'
import { createLine, message, skip } from './line.js'
import { authOf, counted, expiring, welcomed } from './tokens.js'

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
