import { describe, expect, it } from 'vitest'
import { createPlainConnection } from '../../../src/core/connection/plain.js'
import { createPuppetLifecycle } from '../../../src/testing/lifecycle.js'
import { createSeededRandom } from '../../../src/testing/seeded-random.js'
import { createTimeline } from '../../../src/testing/timeline.js'
import { createLine, createSockets, message, skip, welcome } from './line.js'

describe('what comes in', () => {
  it('S136: no text throws, and none stops the next', () => {
    const line = createLine()
    const socket = line.up()
    const bad = [
      '',
      '{',
      'null',
      '1',
      '[]',
      '[[]]',
      '{"type":1}',
      '{"type":"event"}',
      '{"type":"news"}',
      '['.repeat(5_000),
    ]
    for (const text of bad) socket.text(text)
    socket.text(`[{"type":"skip"},${JSON.stringify(skip(1))}]`)
    expect(line.frames).toEqual([skip(1)])
    expect(line.told).toContain('refused not_json')
    expect(line.told).toContain('refused unknown_type')
    expect(line.told).toContain('refused invalid')
    expect(line.state()).toBe('connected')
    expect(line.errors).toEqual([])
  })

  it('is told in order, the frames of one text together, the own ones left out', () => {
    const line = createLine()
    line.up().say(skip(1), { type: 'ping', t: 1 }, skip(2), welcome(), skip(3))
    expect(line.told).toEqual(['welcome', 'frames'])
    expect(line.frames).toEqual([skip(1), skip(2), skip(3)])
  })

  it('welcome is told before the frames that came with it', () => {
    const line = createLine()
    line.connection.connect()
    line.last().open()
    line.last().say(welcome(), skip(1))
    expect(line.told).toEqual(['welcome', 'frames'])
  })

  it('an owner that throws is told so and harms nothing', async () => {
    const fail = () => {
      throw new Error('a bug of the owner')
    }
    const line = createLine({ rooms: fail, onWelcome: fail, onFrames: fail, onDown: fail, onRoom: fail })
    const stop = line.connection.status.subscribe(fail)
    const socket = line.up()
    socket.say(skip(1), { type: 'goaway', retryAfter: 1_000, reason: '' })
    expect(await line.nextAttempt()).toBe(1_000)
    expect(line.errors.length).toBeGreaterThan(4)
    for (const error of line.errors) expect(error.code).toBe('listener')
    stop()
  })

  it('an error listener that throws harms nothing either', () => {
    const line = createLine({
      onError() {
        throw new Error('a bug of the owner')
      },
    })
    line.up().close(4503)
    expect(line.state()).toBe('failed')
  })
})

describe('an owner that acts while it is told', () => {
  it('may disconnect in onWelcome: nothing more is told', () => {
    const line = createLine({ onWelcome: () => line.connection.disconnect() })
    line.connection.connect()
    line.last().open()
    line.last().say(welcome(), skip(1))
    expect(line.told).toEqual(['down'])
    expect(line.state()).toBe('idle')
    expect(line.timeline.pending).toBe(0)
  })

  it('may destroy in onFrames: the rest of the text is not acted upon', async () => {
    const line = createLine({ onFrames: () => line.connection.destroy() })
    line.up().say(skip(1), { type: 'goaway', retryAfter: 1_000, reason: '' })
    await line.timeline.advance(60_000)
    expect(line.sockets.all).toHaveLength(1)
    expect(line.timeline.pending).toBe(0)
  })

  it('may send in onWelcome', async () => {
    const line = createLine({
      onWelcome: () => expect(line.connection.send([message('m1')], 'durable')).toBe(true),
    })
    const socket = line.up()
    await line.timeline.settle()
    expect(socket.frames.at(-1)).toEqual(message('m1'))
    expect(line.errors).toEqual([])
  })

  it('may begin anew whenever the status changes: no text of the old transport greets for the next', async () => {
    const line = createLine()
    const socket = line.up()
    await line.timeline.advance(2_000)
    const stop = line.connection.status.subscribe(() => {
      stop()
      line.connection.disconnect()
      line.connection.connect()
    })
    socket.say(welcome(), skip(1))
    expect(line.sockets.all).toHaveLength(2)
    expect(line.state()).toBe('connecting')
    expect(line.told).toEqual(['welcome', 'frames', 'down'])
  })

  it('may disconnect when the status changes, at every change', async () => {
    for (const at of ['connecting', 'connected', 'waiting'] as const) {
      const line = createLine({ token: () => 't' })
      line.connection.status.subscribe(() => {
        if (line.state() === at) line.connection.disconnect()
      })
      line.connection.connect()
      await line.timeline.settle()
      if (line.sockets.all.length > 0) {
        line.greet()
        line.last().close()
      }
      await line.timeline.advance(120_000)
      expect(line.state()).toBe('idle')
      expect(line.timeline.pending).toBe(0)
      expect(line.lifecycle.listeners).toBe(0)
    }
  })
})

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
