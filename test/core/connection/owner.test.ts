import { describe, expect, it } from 'vitest'
import { createLine, message, skip, welcome } from './line.js'

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
