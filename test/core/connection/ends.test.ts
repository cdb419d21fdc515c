import { describe, expect, it } from 'vitest'
import type { TidingsErrorCode } from '../../../src/core/errors.js'
import { createSeededRandom } from '../../../src/testing/seeded-random.js'
import { createLine, message, skip, welcome } from './line.js'

const goaway = (retryAfter: number) => ({ type: 'goaway', retryAfter, reason: 'drain' }) as const

describe('close codes', () => {
  const finals: readonly (readonly [number, TidingsErrorCode])[] = [
    [4500, 'connection_refused'],
    [4503, 'connection_refused'],
    [4506, 'unsupported_version'],
    [4509, 'connection_refused'],
    [4510, 'connection_refused'],
    [4501, 'unauthorised'],
    [4777, 'connection_refused'],
  ]

  it.each(finals)(
    '%i is final: nothing waits, nothing wakes it, connect() tries again',
    async (code, error) => {
      for (const welcomed of [true, false]) {
        const line = createLine()
        if (welcomed) line.up()
        else line.connection.connect()
        line.last().close(code, '{"retryAfter":1}')
        expect(line.connection.status.get()).toMatchObject({ state: 'failed', error: { code: error } })
        expect(line.errors.map((told) => told.code)).toEqual([error])
        expect([line.timeline.pending, line.lifecycle.listeners]).toEqual([0, 0])
        line.lifecycle.signal('online', 'visible')
        await line.timeline.advance(86_400_000)
        expect(line.sockets.all).toHaveLength(1)
        line.connection.connect()
        expect(line.state()).toBe('connecting')
        line.greet()
        expect(line.connection.status.get()).toMatchObject({ state: 'connected', error: null })
      }
    },
  )

  it.each([
    1000, 1001, 1006, 1008, 1009, 1011, 1012, 1013, 3000, 4001, 4002, 4004, 4005, 4006, 4007, 4400, 5000,
  ])('S132: %i is not: it comes back after a wait', async (code) => {
    const line = createLine()
    line.up().close(code)
    expect(line.state()).toBe('waiting')
    expect(line.connection.status.get().reason).toBe(`closed ${code}`)
    expect(await line.nextAttempt()).toBeGreaterThanOrEqual(250)
  })

  it('a close reason that asks for a wait gets it, and up to a fifth more', async () => {
    const line = createLine()
    line.up().close(4006, '{"retryAfter":60000}')
    const ms = await line.nextAttempt(100_000)
    expect(ms).toBeGreaterThanOrEqual(60_000)
    expect(ms).toBeLessThanOrEqual(72_000)
  })

  it.each([
    '',
    'bye',
    '{',
    'null',
    '[]',
    '"x"',
    '{"retryAfter":"9"}',
    '{"retryAfter":-1}',
    '{"retryAfter":null}',
  ])('a close reason of %j says nothing', async (reason) => {
    const line = createLine()
    line.up().close(1012, reason)
    expect(await line.nextAttempt()).toBeLessThanOrEqual(1_000)
  })

  it('an error that asks for a wait counts when it is the last word, and not when it is not', async () => {
    const error = {
      type: 'error',
      code: 'rate_limited',
      message: '',
      retryable: true,
      retryAfter: 20_000,
    } as const
    const line = createLine()
    const socket = line.up()
    socket.say(error)
    expect(line.frames).toEqual([error])
    socket.close(4006)
    expect(await line.nextAttempt()).toBeGreaterThanOrEqual(20_000)
    const early = line.last()
    early.open()
    early.say(error)
    early.close(4006)
    expect(await line.nextAttempt()).toBeGreaterThanOrEqual(20_000)
    const other = line.greet()
    other.say(error)
    other.say(skip(1))
    other.close(1006)
    expect(await line.nextAttempt()).toBeLessThan(10_000)
    const third = line.greet()
    third.say({ ...error, re: 'subscribe-1' })
    third.close(1006)
    expect(await line.nextAttempt()).toBeLessThan(20_000)
  })

  it('wake signals do not shorten a wait that the server asked for', async () => {
    const line = createLine()
    line.up().close(4006, '{"retryAfter":30000}')
    line.lifecycle.signal('online', 'visible')
    line.connection.connect()
    expect(await line.nextAttempt()).toBeGreaterThanOrEqual(30_000)
  })
})

describe('a refused hello', () => {
  it.each([
    ['unsupported', 'unsupported_version'],
    ['forbidden', 'connection_refused'],
  ] as const)('error %s before welcome is final', (code, expected) => {
    const line = createLine()
    line.connection.connect()
    line.last().open()
    line.last().say({ type: 'error', code, message: 'no', retryable: false })
    expect(line.connection.status.get()).toMatchObject({ state: 'failed', error: { code: expected } })
    expect(line.last().closed).toBeDefined()
  })

  it('a slot instead of a welcome is kept', async () => {
    const line = createLine()
    line.connection.connect()
    line.last().open()
    line.last().say(goaway(7_000))
    expect(await line.nextAttempt()).toBe(7_000)
  })

  it('a greeting that cannot be read is reported and tried again', async () => {
    const line = createLine()
    line.connection.connect()
    line.last().open()
    line.last().text('{"type":"welcome","user":1}')
    expect(line.told).toEqual(['error bad_frame'])
    expect(line.errors[0]?.message).toContain('welcome')
    expect(line.state()).toBe('waiting')
    await line.nextAttempt()
    line.greet()
    expect(line.state()).toBe('connected')
  })

  it('frames of other kinds before welcome are neither read nor an error', () => {
    const line = createLine()
    line.connection.connect()
    line.last().open()
    line.last().say(skip(1))
    line.last().text('{"type":"news"}')
    line.last().say(welcome(), skip(2))
    expect(line.told).toEqual(['welcome', 'frames'])
    expect(line.frames).toEqual([skip(2)])
  })

  it('I18: a welcome for somebody else is final, and nothing behind it is read or answered', async () => {
    const line = createLine()
    line.connection.connect()
    line.last().open()
    line.last().say(welcome({ user: 'bob' }), skip(1), { type: 'ping', t: 1 })
    await line.timeline.settle()
    expect(line.connection.status.get()).toMatchObject({ state: 'failed', error: { code: 'wrong_user' } })
    expect(line.told).toEqual(['error wrong_user'])
    expect(line.last().frames.map(({ type }) => type)).toEqual(['hello'])
    expect(line.last().closed).toBeDefined()
    expect(line.timeline.pending).toBe(0)
  })
})

describe('goaway', () => {
  it('is obeyed to the millisecond, whenever the server closes', async () => {
    for (const closesAfter of [0, 3_000, undefined]) {
      const line = createLine()
      const socket = line.up({ reconnectWindow: 60_000 })
      const from = line.clock.now()
      socket.say(goaway(8_000))
      if (closesAfter !== undefined) {
        await line.timeline.advance(closesAfter)
        socket.close(4001, '{"retryAfter":99999}')
        expect(line.connection.status.get()).toMatchObject({ state: 'waiting', nextRetryAt: from + 8_000 })
      }
      await line.timeline.advance(from + 7_999 - line.clock.now())
      expect(line.sockets.all).toHaveLength(1)
      await line.timeline.advance(1)
      expect(line.sockets.all).toHaveLength(2)
      expect(socket.closed !== undefined || closesAfter !== undefined).toBe(true)
      expect(line.told).toEqual(['welcome', 'down'])
    }
  })

  it('lets what is in flight finish on the old transport', async () => {
    const line = createLine()
    const socket = line.up()
    socket.say(goaway(5_000))
    expect(line.state()).toBe('connected')
    expect(line.connection.send([message('m1')], 'durable')).toBe(true)
    await line.timeline.settle()
    expect(socket.frames.at(-1)).toEqual(message('m1'))
    socket.say({ type: 'ack', id: 'm1' })
    expect(line.frames).toEqual([{ type: 'ack', id: 'm1' }])
  })

  it('is not changed by frames that come meanwhile, nor by a jump of the wall clock', async () => {
    const line = createLine()
    const socket = line.up()
    socket.say(goaway(8_000))
    await line.timeline.advance(3_000)
    socket.say(skip(1))
    line.clock.jump(-3_600_000)
    await line.timeline.advance(2_000)
    socket.say({ type: 'ping', t: 1 })
    socket.close(4001)
    await line.timeline.advance(8_000)
    expect(line.sockets.all).toHaveLength(2)
    const other = createLine()
    other.up().say(goaway(8_000))
    await other.timeline.advance(3_000)
    other.last().say(skip(1))
    await other.timeline.advance(5_000)
    expect(other.sockets.all).toHaveLength(2)
  })

  it('is not changed by wake signals, probes or silence', async () => {
    const line = createLine()
    const socket = line.up()
    socket.say(goaway(50_000))
    line.lifecycle.signal('visible')
    line.connection.probe()
    await line.timeline.advance(49_999)
    expect(line.state()).toBe('connected')
    await line.timeline.advance(1)
    expect(line.sockets.all).toHaveLength(2)
  })

  it('costs no attempt: after a drain the waits start from the first', async () => {
    const line = createLine({ random: { ...createSeededRandom(1), next: () => 0.99 } })
    line.up()
    for (let i = 0; i < 6; i++) {
      line.last().say(goaway(1_000))
      await line.timeline.advance(1_000)
      line.greet()
    }
    line.last().close()
    expect(await line.nextAttempt()).toBeLessThanOrEqual(1_000)
  })

  it('disconnect() cancels the slot', async () => {
    const line = createLine()
    line.up().say(goaway(5_000))
    line.connection.disconnect()
    await line.timeline.advance(60_000)
    expect(line.sockets.all).toHaveLength(1)
  })
})
