import { describe, expect, it } from 'vitest'
import { createPlainConnection } from '../../../src/core/connection/plain.js'
import { createPuppetLifecycle } from '../../../src/testing/lifecycle.js'
import { createSeededRandom } from '../../../src/testing/seeded-random.js'
import { createTimeline } from '../../../src/testing/timeline.js'
import { createLine, createSockets, message, skip, welcome } from './line.js'

describe('the status', () => {
  it('is the same reference until it changed, and told once a change', async () => {
    const line = createLine()
    const seen: string[] = []
    line.connection.status.subscribe(() => {
      const { state, transport, reason } = line.connection.status.get()
      seen.push(`${state} ${transport} ${reason}`)
    })
    line.up()
    const connected = line.connection.status.get()
    expect(connected).toMatchObject({ lastInboundAt: line.clock.now(), nextRetryAt: null, error: null })
    line.last().say(skip(1))
    expect(line.connection.status.get()).toBe(connected)
    line.last().close(1006)
    expect(line.connection.status.get().nextRetryAt).toBeGreaterThan(line.clock.now())
    await line.nextAttempt()
    line.connection.disconnect()
    line.connection.disconnect()
    line.connection.destroy()
    expect(seen).toEqual([
      'connecting puppet connecting',
      'connected puppet null',
      'waiting null closed 1006',
      'connecting puppet closed 1006',
      'idle null disconnected',
      'destroyed null destroyed',
    ])
  })

  it('shows the time of the last frame to the second', async () => {
    const line = createLine()
    const socket = line.up()
    await line.timeline.advance(999)
    socket.say(skip(1))
    expect(line.connection.status.get().lastInboundAt).toBe(line.clock.now() - 999)
    await line.timeline.advance(1)
    socket.say(skip(2))
    expect(line.connection.status.get().lastInboundAt).toBe(line.clock.now())
  })
})

describe('resources', () => {
  it('there is at most one timer in every state, and none where nothing is waited for', async () => {
    const line = createLine({ token: () => 't' })
    const timers = () => line.timeline.pending
    expect(timers()).toBe(0)
    line.connection.connect()
    expect([line.state(), timers()]).toEqual(['connecting', 1])
    await line.timeline.settle()
    expect([line.state(), timers()]).toEqual(['connecting', 1])
    line.last().open()
    expect(timers()).toBe(1)
    const socket = line.greet()
    expect([line.state(), timers()]).toEqual(['connected', 1])
    socket.bufferedAmount = 100_000
    line.connection.send([message('m1')], 'durable')
    expect(timers()).toBe(1)
    line.connection.probe()
    expect(timers()).toBe(1)
    socket.say({ type: 'goaway', retryAfter: 9_000, reason: '' })
    expect(timers()).toBe(1)
    socket.close(4001)
    expect([line.state(), timers()]).toEqual(['waiting', 1])
    await line.timeline.advance(9_000)
    expect([line.state(), timers()]).toEqual(['connecting', 1])
    line.last().close(4503)
    expect([line.state(), timers()]).toEqual(['failed', 0])
    line.connection.disconnect()
    expect([line.state(), timers()]).toEqual(['idle', 0])
  })

  it('I16: destroy() leaves nothing, from every state, and is for ever', async () => {
    const ways: ((line: ReturnType<typeof createLine>) => void)[] = [
      () => {},
      (line) => line.connection.connect(),
      (line) => line.up(),
      (line) => line.up().close(),
      (line) => line.up().close(4503),
      (line) => line.connection.probe(),
    ]
    for (const way of ways) {
      const line = createLine()
      way(line)
      line.connection.destroy()
      line.connection.destroy()
      line.connection.connect()
      line.lifecycle.signal('online')
      expect(line.state()).toBe('destroyed')
      expect([line.timeline.pending, line.lifecycle.listeners]).toEqual([0, 0])
      await line.timeline.advance(3_600_000)
      expect(line.sockets.all.length).toBeLessThanOrEqual(1)
      expect(line.connection.send([message('m1')], 'durable')).toBe(false)
    }
    const open = createLine()
    open.up()
    open.connection.destroy()
    expect(open.last().closed).toBeDefined()
    expect(open.told).toEqual(['welcome', 'down'])
  })

  it('twenty rounds of connect and disconnect leave no listener, timer or transport', async () => {
    const line = createLine()
    for (let i = 0; i < 20; i++) {
      line.up()
      line.connection.disconnect()
    }
    await line.timeline.settle()
    expect([line.timeline.pending, line.lifecycle.listeners]).toEqual([0, 0])
    expect(line.sockets.all.every(({ closed }) => closed !== undefined)).toBe(true)
  })

  it('the trace names states and frames, and neither bodies nor tokens', async () => {
    const line = createLine({ token: () => 'secret-token' })
    line.connection.connect()
    await line.timeline.settle()
    line.greet()
    line.connection.send([message('m1', 'secret-body')], 'durable')
    line.last().close(1006)
    expect(line.trace).toEqual([
      'state fetching: connecting',
      'state opening: connecting',
      '> hello',
      '< welcome',
      'state connected',
      '> message general m1',
      'state waiting: closed 1006',
    ])
  })
})

describe('a connection on its own', () => {
  it('gives frames and events without outbox and sync, and is as quiet after destroy()', async () => {
    const timeline = createTimeline()
    const clock = timeline.clock()
    const sockets = createSockets(clock)
    const lifecycle = createPuppetLifecycle()
    const connection = createPlainConnection({
      url: 'wss://example.test',
      user: 'alice',
      device: 'd1',
      connect: sockets.connect,
      clock,
      random: createSeededRandom(3),
      lifecycle,
    })
    const told: string[] = []
    for (const event of ['welcome', 'frames', 'refused', 'down', 'room', 'error'] as const)
      connection.on(event, () => told.push(event))
    connection.on('frames', () => {
      throw new Error('a bug of the application')
    })
    expect(connection.send([message('m1')])).toBe(false)
    connection.connect()
    const socket = sockets.all[0]
    socket?.open()
    socket?.say(welcome())
    expect(connection.send([message('m1')])).toBe(true)
    socket?.say(skip(1))
    socket?.text('{')
    await timeline.settle()
    expect(socket?.frames.map(({ type }) => type)).toEqual(['hello', 'message'])
    socket?.close(1006)
    expect(told).toEqual(['welcome', 'frames', 'error', 'refused', 'down'])
    connection.destroy()
    expect([timeline.pending, lifecycle.listeners]).toEqual([0, 0])
  })
})
