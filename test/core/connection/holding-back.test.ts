import { describe, expect, it } from 'vitest'
import type { ClientFrame } from '../../../src/protocol/index.js'
import { createLine, message } from './line.js'

const HIGH = 64 * 1024
const LOW = 32 * 1024

describe('holding back', () => {
  it('S127: measures bytes, refuses durable frames above the high mark, drops ephemeral ones, lets control pass', async () => {
    const line = createLine()
    const socket = line.up()
    socket.bufferedAmount = HIGH - 1
    expect(line.connection.send([message('m1')], 'durable')).toBe(true)
    await line.timeline.settle()
    socket.bufferedAmount = HIGH
    expect(line.connection.send([message('m2')], 'durable')).toBe(false)
    expect(line.connection.send([{ type: 'ping', t: 1 }], 'ephemeral')).toBe(false)
    expect(line.connection.send([{ type: 'ping', t: 2 }], 'control')).toBe(true)
    await line.timeline.settle()
    expect(socket.frames.slice(1)).toEqual([message('m1'), { type: 'ping', t: 2 }])
  })

  it('S127: counts what this tick gathered too', () => {
    const line = createLine()
    line.up()
    const big = message('m1', 'x'.repeat(30_000))
    expect([1, 2, 3, 4].map(() => line.connection.send([big], 'durable'))).toEqual([true, true, true, false])
  })

  it('S124: tells once when a refused frame may come again, below the low mark and not before', async () => {
    const line = createLine()
    const socket = line.up()
    socket.bufferedAmount = HIGH
    for (let i = 0; i < 5; i++) expect(line.connection.send([message('m1')], 'durable')).toBe(false)
    socket.bufferedAmount = LOW + 1
    await line.timeline.advance(1_000)
    expect(line.told).toEqual(['welcome'])
    expect(line.connection.send([message('m1')], 'durable')).toBe(false)
    socket.bufferedAmount = LOW
    await line.timeline.advance(20)
    expect(line.told).toEqual(['welcome', 'room'])
    expect(line.connection.send([message('m1')], 'durable')).toBe(true)
    await line.timeline.advance(10_000)
    expect(line.told).toEqual(['welcome', 'room'])
  })

  it('finds room also while frames come in faster than it looks', async () => {
    const line = createLine()
    const socket = line.up()
    socket.bufferedAmount = HIGH
    line.connection.send([message('m1')], 'durable')
    socket.bufferedAmount = 0
    for (let i = 0; i < 10; i++) {
      await line.timeline.advance(5)
      socket.say({ type: 'ping', t: 1 })
    }
    expect(line.told).toContain('room')
  })

  it('S126: looks only while somebody waits for room, and never at a dead transport', async () => {
    const line = createLine()
    const socket = line.up()
    socket.bufferedAmount = HIGH
    line.connection.send([{ type: 'ping', t: 1 }], 'ephemeral')
    await line.timeline.advance(0)
    let looks = 0
    Object.defineProperty(socket, 'bufferedAmount', {
      get() {
        looks++
        return HIGH
      },
    })
    await line.timeline.advance(1_000)
    expect(looks).toBe(0)
    line.connection.send([message('m1')], 'durable')
    await line.timeline.advance(1_000)
    expect(looks).toBeGreaterThan(40)
    expect(line.timeline.pending).toBe(1)
    socket.close(1006)
    const before = looks
    await line.timeline.advance(200)
    expect(looks).toBe(before)
    line.connection.destroy()
    expect(line.timeline.pending).toBe(0)
  })

  it('S126: a transport that never drains is still found dead', async () => {
    const line = createLine()
    line.up().bufferedAmount = HIGH
    line.connection.send([message('m1')], 'durable')
    await line.timeline.advance(39_980)
    expect(line.state()).toBe('connected')
    await line.timeline.advance(40)
    expect(line.state()).toBe('waiting')
  })

  it('an owner that fills every bit of room at once does not make the heartbeat run fast', async () => {
    const line = createLine({ onRoom: () => line.connection.send([message('m1')], 'durable') })
    const socket = line.up()
    let reads = 0
    // Room whenever it is looked for, none when it is used.
    Object.defineProperty(socket, 'bufferedAmount', { get: () => (reads++ % 2 === 0 ? HIGH : 0) })
    line.connection.send([message('m1')], 'durable')
    await line.timeline.advance(34_000)
    expect(reads).toBeGreaterThan(3_000)
    expect(socket.frames.filter(({ type }) => type === 'ping')).toEqual([])
    await line.timeline.advance(2_000)
    expect(socket.frames.filter(({ type }) => type === 'ping')).toHaveLength(1)
  })

  it('a wait for room neither delays nor forgets the heartbeat', async () => {
    const line = createLine()
    const socket = line.up()
    const pings = () => socket.frames.filter(({ type }) => type === 'ping').length
    socket.bufferedAmount = HIGH
    await line.timeline.advance(30_000)
    line.connection.send([message('m1')], 'durable')
    await line.timeline.advance(4_900)
    expect(pings()).toBe(0)
    await line.timeline.advance(200)
    expect(pings()).toBe(1)
    socket.say({ type: 'ping', t: 1 })
    await line.timeline.advance(34_900)
    expect(pings()).toBe(1)
    line.clock.jump(60_000)
    await line.timeline.advance(20)
    expect(pings()).toBe(2)
  })

  it('an owner that ends everything when it is told of room leaves no timer', async () => {
    const line = createLine({ onRoom: () => line.connection.destroy() })
    const socket = line.up()
    socket.bufferedAmount = HIGH
    line.connection.send([message('m1')], 'durable')
    socket.bufferedAmount = 0
    await line.timeline.advance(20)
    expect([line.state(), line.timeline.pending]).toEqual(['destroyed', 0])
  })

  it('S125: a transport that throws costs the connection, not the ability to send', async () => {
    const line = createLine()
    const socket = line.up()
    socket.onSend = () => {
      throw new Error('InvalidStateError')
    }
    expect(line.connection.send([message('m1')], 'durable')).toBe(true)
    await line.timeline.settle()
    expect(line.told).toEqual(['welcome', 'down'])
    expect(line.connection.status.get().reason).toBe('send failed')
    await line.nextAttempt()
    const next = line.greet()
    expect(line.connection.send([message('m1')], 'durable')).toBe(true)
    await line.timeline.settle()
    expect(next.frames.at(-1)).toEqual(message('m1'))
  })

  it('S125: a body that cannot be printed throws to the caller and takes nothing with it', async () => {
    const line = createLine()
    const socket = line.up()
    const endless: Record<string, unknown> = {}
    endless['self'] = endless
    const bad: ClientFrame = { ...message('m2'), ...Object.fromEntries([['body', endless]]) }
    expect(() => line.connection.send([message('m1'), bad], 'durable')).toThrow(TypeError)
    expect(line.connection.send([message('m3')], 'durable')).toBe(true)
    await line.timeline.settle()
    expect(socket.frames.slice(1)).toEqual([message('m3')])
  })

  it('S128: an owner that sends again whenever it is told to ends, open or not', async () => {
    let rounds = 0
    const line = createLine({
      onRoom: () => retry(),
      onDown: () => retry(),
    })
    const retry = () => {
      rounds++
      line.connection.send([message('m1')], 'durable')
    }
    const socket = line.up()
    socket.bufferedAmount = HIGH
    retry()
    await line.timeline.advance(1_000)
    expect(rounds).toBe(1)
    socket.close(1006)
    expect(rounds).toBe(2)
  })
})
