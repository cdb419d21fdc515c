import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { directedDelayMs, retryDelayMs } from '../../../src/core/connection/backoff.js'
import * as LIMITS from '../../../src/core/limits.js'
import { createSeededRandom } from '../../../src/testing/seeded-random.js'
import { createLine } from './line.js'

const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

describe('the wait before an attempt', () => {
  it('lies between the floor and the doubled, clamped ceiling, whatever the dice say', () => {
    fc.assert(
      fc.property(fc.nat(5_000), chance, (failures, dice) => {
        const ms = retryDelayMs(failures, dice)
        expect(ms).toBeGreaterThanOrEqual(250)
        expect(ms).toBeLessThanOrEqual(Math.min(30_000, 1_000 * 2 ** failures))
      }),
    )
  })

  it('S131: waits are spread after the clamp too: no bucket of 250 ms holds more than 3 % at the cap', () => {
    const random = createSeededRandom(7)
    const buckets = new Map<number, number>()
    for (let i = 0; i < 10_000; i++) {
      const bucket = Math.floor(retryDelayMs(9, random.next()) / 250)
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1)
    }
    expect(Math.max(...buckets.values())).toBeLessThan(300)
  })

  it('keeps what a server asked for, and adds up to a fifth', () => {
    fc.assert(
      fc.property(fc.integer({ min: 250, max: 3_600_000 }), chance, (asked, dice) => {
        const ms = directedDelayMs(asked, dice)
        expect(ms).toBeGreaterThanOrEqual(asked)
        expect(ms).toBeLessThanOrEqual(asked * 1.2)
      }),
    )
    expect(directedDelayMs(10_000, 0.5)).toBe(11_000)
  })

  it('is never silenced for ever by a wrong number', () => {
    expect(directedDelayMs(Number.MAX_SAFE_INTEGER, 0)).toBe(LIMITS.retryAfterCapMs)
    expect(retryDelayMs(0, 0.999, Number.MAX_SAFE_INTEGER)).toBeLessThanOrEqual(LIMITS.retryAfterCapMs)
  })
})

describe('reconnecting', () => {
  it('S132: a server that welcomes and closes is not a success: the waits grow to the cap', async () => {
    const line = createLine()
    line.connection.connect()
    const waits: number[] = []
    for (let i = 0; i < 40; i++) {
      line.greet()
      line.connection.settled()
      await line.timeline.advance(4_000)
      line.last().close(1008)
      waits.push((await line.nextAttempt()) ?? 0)
    }
    const late = waits.slice(10)
    expect(late.reduce((sum, ms) => sum + ms, 0) / late.length).toBeGreaterThan(10_000)
  })

  it('S132: open for long without a first page is not a success either', async () => {
    const line = createLine({ random: { ...createSeededRandom(1), next: () => 0.99 } })
    line.connection.connect()
    for (let i = 0; i < 8; i++) {
      line.greet()
      await line.timeline.advance(6_000)
      line.last().close()
      if (i < 7) await line.nextAttempt()
    }
    expect(await line.nextAttempt()).toBeGreaterThan(20_000)
  })

  it('starts from the first wait again after five seconds open with the first page applied', async () => {
    const line = createLine({ random: { ...createSeededRandom(1), next: () => 0.99 } })
    line.connection.connect()
    for (let i = 0; i < 8; i++) {
      line.last().close()
      await line.nextAttempt()
    }
    line.greet()
    line.connection.settled()
    await line.timeline.advance(5_000)
    line.last().close()
    expect(await line.nextAttempt()).toBeLessThanOrEqual(1_000)
  })

  it('S129: disconnect() during a wait cancels it, and no wake signal undoes that', async () => {
    const line = createLine()
    line.up().close()
    expect(line.state()).toBe('waiting')
    line.connection.disconnect()
    expect(line.timeline.pending).toBe(0)
    line.lifecycle.signal('online', 'visible', 'resume', 'pageshow', 'offline', 'active')
    await line.timeline.advance(3_600_000)
    expect(line.sockets.all).toHaveLength(1)
    expect(line.state()).toBe('idle')
    expect(line.connection.status.get().reason).toBe('disconnected')
    expect(line.lifecycle.listeners).toBe(0)
    line.connection.connect()
    expect(line.sockets.all).toHaveLength(2)
  })

  it('S133: nothing is opened, timed or listened to before connect()', async () => {
    const line = createLine()
    await line.timeline.advance(60_000)
    line.lifecycle.signal('online', 'visible')
    expect([line.sockets.all.length, line.timeline.pending, line.lifecycle.listeners]).toEqual([0, 0, 0])
    expect(line.connection.status.get()).toMatchObject({ state: 'idle', transport: null })
  })

  it('S133: an attempt without welcome is over after ten seconds, open or not', async () => {
    for (const opens of [false, true]) {
      const line = createLine()
      line.connection.connect()
      if (opens) line.last().open()
      await line.timeline.advance(9_999)
      expect(line.state()).toBe('connecting')
      await line.timeline.advance(1)
      expect(line.state()).toBe('waiting')
      expect(line.connection.status.get().reason).toBe('timed out')
      expect(line.last().closed).toBeDefined()
    }
  })

  it('S135, I17: an abandoned transport is closed and never heard again', async () => {
    const line = createLine()
    line.connection.connect()
    const old = line.last()
    await line.timeline.advance(10_000)
    await line.nextAttempt()
    const current = line.greet()
    expect(old.closed).toBeDefined()
    const before = [...line.told]
    old.open()
    old.text('[{"type":"welcome"}]')
    old.say({ type: 'goaway', retryAfter: 500, reason: '' })
    old.close(4501)
    expect(line.told).toEqual(before)
    expect(line.state()).toBe('connected')
    expect(old.frames).toEqual([])
    expect(current.closed).toBeUndefined()
  })

  it('S135: connect() again opens no second transport', () => {
    const line = createLine()
    line.connection.connect()
    line.connection.connect()
    line.greet()
    line.connection.connect()
    expect(line.sockets.all).toHaveLength(1)
  })

  it('S138: every hello names the rooms as they stand at that moment', async () => {
    let cursor = 0
    const line = createLine({ rooms: () => [{ room: 'general', cursor: `c${++cursor}` }] })
    line.up().close()
    await line.nextAttempt()
    line.greet()
    const hellos = line.sockets.all.map(({ frames }) => frames[0])
    expect(hellos).toEqual([
      { type: 'hello', v: 1, device: 'd1', rooms: [{ room: 'general', cursor: 'c1' }] },
      { type: 'hello', v: 1, device: 'd1', rooms: [{ room: 'general', cursor: 'c2' }] },
    ])
  })

  it('S138: rooms that do not fit into hello are asked for right after welcome', async () => {
    const rooms = Array.from({ length: 150 }, (_, i) => ({ room: `r${i}` }))
    const line = createLine({ rooms: () => rooms })
    const socket = line.up()
    await line.timeline.settle()
    const asked = socket.frames.flatMap((frame) =>
      frame.type === 'hello' || frame.type === 'subscribe' ? (frame.rooms ?? []) : [],
    )
    expect(asked).toEqual(rooms)
    for (const frame of socket.frames)
      if (frame.type === 'subscribe') expect(frame.rooms.length).toBeLessThanOrEqual(64)
  })

  it('S138: a hello with the longest names and token stays within a text message', () => {
    const rooms = Array.from({ length: 64 }, (_, i) => ({
      room: `${i}`.padEnd(128, '語'),
      cursor: '語'.repeat(128),
      pages: 8,
    }))
    const line = createLine({ rooms: () => rooms })
    const socket = line.up()
    for (const text of socket.texts) expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(65_536)
  })

  it('onDown is told once per welcomed connection, and never for an attempt', async () => {
    const line = createLine()
    line.connection.connect()
    line.last().close()
    await line.nextAttempt()
    line.greet().close()
    await line.nextAttempt()
    line.greet()
    line.connection.disconnect()
    line.connection.destroy()
    expect(line.told).toEqual(['welcome', 'down', 'welcome', 'down'])
  })
})
