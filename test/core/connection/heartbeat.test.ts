import { describe, expect, it } from 'vitest'
import type { LifecycleSignal } from '../../../src/core/seams/lifecycle.js'
import { createTimeline } from '../../../src/testing/timeline.js'
import { createLine, message, skip } from './line.js'

const pings = (frames: readonly { readonly type: string }[]) =>
  frames.filter(({ type }) => type === 'ping').length

describe('the heartbeat', () => {
  it('S134: a server that falls silent is asked after 35 s and left 5 s later', async () => {
    const line = createLine()
    const socket = line.up()
    await line.timeline.advance(34_999)
    expect(pings(socket.frames)).toBe(0)
    await line.timeline.advance(1)
    expect(pings(socket.frames)).toBe(1)
    await line.timeline.advance(4_999)
    expect(line.state()).toBe('connected')
    await line.timeline.advance(1)
    expect(line.state()).toBe('waiting')
    expect(socket.closed).toEqual({ code: 4003 })
    expect(line.connection.status.get().reason).toBe('no answer')
    expect(line.told).toEqual(['welcome', 'down'])
  })

  it('takes its length from welcome', async () => {
    const line = createLine()
    const socket = line.up({ ping: { interval: 5_000, timeout: 3_000 } })
    await line.timeline.advance(8_000)
    expect(pings(socket.frames)).toBe(1)
  })

  it('takes any frame as a sign of life, also one that cannot be read', async () => {
    const line = createLine()
    const socket = line.up()
    for (const say of [
      () => socket.say(skip(1)),
      () => socket.text('{'),
      () => socket.say({ type: 'ping', t: 1 }),
    ]) {
      await line.timeline.advance(34_000)
      say()
    }
    expect(pings(socket.frames)).toBe(0)
    await line.timeline.advance(35_000)
    expect(pings(socket.frames)).toBe(1)
    socket.say(skip(2))
    await line.timeline.advance(34_999)
    expect(line.state()).toBe('connected')
    expect(pings(socket.frames)).toBe(1)
  })

  it('answers a ping with its t', async () => {
    const line = createLine()
    const socket = line.up()
    socket.say({ type: 'ping', t: 1234 })
    await line.timeline.settle()
    expect(socket.frames.at(-1)).toEqual({ type: 'pong', t: 1234 })
    expect(line.told).toEqual(['welcome'])
  })

  it('never lives on nonsense intervals', async () => {
    const line = createLine()
    const socket = line.up({ ping: { interval: 0, timeout: 0 } })
    await line.timeline.advance(4_999)
    expect(pings(socket.frames)).toBe(0)
    const patient = createLine()
    patient.up({ ping: { interval: Number.MAX_SAFE_INTEGER, timeout: 0 } })
    await patient.timeline.advance(3_600_000)
    expect(pings(patient.last().frames)).toBe(1)
  })
})

describe('a page that did not run', () => {
  it('probes when the heartbeat timer comes late, and keeps a server that answers', async () => {
    const line = createLine()
    const socket = line.up()
    line.clock.jump(60_000)
    await line.timeline.advance(35_000)
    expect(pings(socket.frames)).toBe(1)
    socket.say({ type: 'pong', t: 0 })
    await line.timeline.advance(30_000)
    expect(line.state()).toBe('connected')
  })

  it('asks once more when the probe timer itself comes late, and not for ever', async () => {
    const line = createLine()
    const socket = line.up()
    line.connection.probe()
    line.clock.jump(60_000)
    await line.timeline.advance(5_000)
    expect(line.state()).toBe('connected')
    expect(pings(socket.frames)).toBe(2)
    line.clock.jump(60_000)
    await line.timeline.advance(5_000)
    expect(line.state()).toBe('waiting')
  })

  it('notices by the wall clock on the next frame in either direction', async () => {
    for (const jump of [3_600_000, -3_600_000]) {
      const sending = createLine()
      sending.up()
      sending.clock.jump(jump)
      sending.connection.send([message('m1')], 'durable')
      await sending.timeline.settle()
      expect(pings(sending.last().frames)).toBe(1)

      const receiving = createLine()
      receiving.up()
      receiving.clock.jump(jump)
      receiving.last().say(skip(1))
      await receiving.timeline.settle()
      expect(pings(receiving.last().frames)).toBe(1)
    }
  })

  it('is not alarmed by the small corrections of a clock', async () => {
    const line = createLine()
    const socket = line.up()
    for (let i = 0; i < 100; i++) {
      line.clock.jump(i % 2 === 0 ? 900 : -900)
      await line.timeline.advance(1_000)
      socket.say(skip(i))
      line.connection.send([message(`m${i}`)], 'durable')
    }
    expect(pings(socket.frames)).toBe(0)
  })
})

describe('wake signals', () => {
  const wakes: readonly LifecycleSignal[] = ['visible', 'online', 'offline', 'resume', 'pageshow']

  it.each(wakes)('S140: %s makes an open connection prove itself within 5 s', async (signal) => {
    const line = createLine()
    const socket = line.up()
    line.lifecycle.signal(signal)
    await line.timeline.settle()
    expect(pings(socket.frames)).toBe(1)
    await line.timeline.advance(5_000)
    expect(line.state()).toBe('waiting')
    expect(socket.closed).toEqual({ code: 4003 })
  })

  it('S140: several signals at once are one probe', async () => {
    const line = createLine()
    const socket = line.up()
    line.lifecycle.signal(...wakes, ...wakes)
    await line.timeline.settle()
    expect(pings(socket.frames)).toBe(1)
  })

  it('signals that say nothing about the network change nothing', async () => {
    const line = createLine()
    const socket = line.up()
    line.lifecycle.signal('hidden', 'freeze', 'pagehide', 'active')
    await line.timeline.settle()
    expect(pings(socket.frames)).toBe(0)
  })

  /** A line whose ninth attempt failed, so that the next is many seconds away. */
  async function farAway() {
    const line = createLine()
    line.connection.connect()
    for (let i = 0; i < 8; i++) {
      line.last().close()
      await line.nextAttempt()
    }
    line.last().close()
    return line
  }

  it.each(['visible', 'online', 'resume', 'pageshow'] as const)(
    'S140: %s shortens a wait, never below the floor',
    async (signal) => {
      const line = await farAway()
      line.lifecycle.signal(signal)
      const ms = await line.nextAttempt()
      expect(ms).toBeGreaterThanOrEqual(250)
      expect(ms).toBeLessThanOrEqual(1_000)
    },
  )

  it('offline starts no attempt and shortens nothing', async () => {
    const line = await farAway()
    const dueAt = line.connection.status.get().nextRetryAt
    line.lifecycle.signal('offline')
    expect(line.connection.status.get().nextRetryAt).toBe(dueAt)
  })

  it('L3: a network that flaps ten times a second costs at most one attempt an event and never more than four a second', async () => {
    const line = createLine({}, createTimeline({ turns: 1 }))
    line.connection.connect()
    let refused = 0
    for (let i = 0; i < 600; i++) {
      if (line.state() === 'connecting') {
        line.last().close()
        refused++
      }
      line.lifecycle.signal(i % 2 === 0 ? 'offline' : 'online')
      await line.timeline.advance(100)
    }
    expect(refused).toBeGreaterThan(10)
    expect(line.sockets.all.length).toBeLessThanOrEqual(60 * 4)
    for (const [i, at] of line.sockets.times.entries())
      expect(at - (line.sockets.times[i - 1] ?? 0)).toBeGreaterThanOrEqual(250)
  })

  it('L3: a signal keeps the backoff counter', async () => {
    const line = await farAway()
    line.lifecycle.signal('online')
    await line.nextAttempt()
    let longest = 0
    for (let i = 0; i < 10; i++) {
      line.last().close()
      longest = Math.max(longest, (await line.nextAttempt()) ?? 0)
    }
    expect(longest).toBeGreaterThan(10_000)
  })

  it('wakes a wait that slept through: the wall clock says over, the timer does not', async () => {
    const line = await farAway()
    line.clock.jump(3_600_000)
    line.lifecycle.signal('visible')
    expect(await line.nextAttempt()).toBeLessThanOrEqual(1_000)
  })
})

describe('measuring', () => {
  it('takes the server time from welcome, then from pongs, corrected by half the round trip', async () => {
    const line = createLine()
    expect(line.connection.serverOffsetMs()).toBe(0)
    const socket = line.up({ t: line.clock.now() + 5_000 })
    expect(line.connection.serverOffsetMs()).toBe(5_000)
    line.connection.probe()
    await line.timeline.settle()
    const ping = socket.frames.at(-1)
    await line.timeline.advance(80)
    socket.say({ type: 'pong', t: ping?.type === 'ping' ? ping.t : 0, now: line.clock.now() + 6_960 })
    expect(line.connection.status.get().rttMs).toBe(80)
    expect(line.connection.serverOffsetMs()).toBe(7_000)
  })

  it('believes no round trip over which the wall clock jumped', async () => {
    const line = createLine()
    const socket = line.up()
    line.connection.probe()
    await line.timeline.settle()
    const ping = socket.frames.at(-1)
    line.clock.jump(-3_600_000)
    socket.say({ type: 'pong', t: ping?.type === 'ping' ? ping.t : 0, now: line.clock.now() + 100 })
    expect(line.connection.status.get().rttMs).toBeNull()
    expect(line.connection.serverOffsetMs()).toBe(100)
  })

  it('ignores a pong that nobody asked for', () => {
    const line = createLine()
    line.up({ t: line.clock.now() }).say({ type: 'pong', t: 17, now: 99 })
    expect(line.connection.serverOffsetMs()).toBe(0)
  })
})
