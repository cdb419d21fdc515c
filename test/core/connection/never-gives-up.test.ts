import { describe, expect, it } from 'vitest'
import { createSeededRandom } from '../../../src/testing/seeded-random.js'
import { createTimeline } from '../../../src/testing/timeline.js'
import { createLine } from './line.js'

describe('reconnecting', () => {
  it('S130: never gives up, over two virtual days of refusals', async () => {
    const line = createLine({}, createTimeline({ turns: 1 }))
    line.connection.connect()
    let attempts = 0
    for (const end = line.timeline.now() + 2 * 86_400_000; line.timeline.now() < end; attempts++) {
      line.last().close(1006)
      expect(line.state()).toBe('waiting')
      expect(line.timeline.pending).toBe(1)
      expect(await line.nextAttempt()).toBeLessThanOrEqual(30_000)
    }
    expect(attempts).toBeGreaterThan(5_600)
    line.connection.destroy()
    expect(line.timeline.pending).toBe(0)
  }, 60_000)
})

describe('a herd', () => {
  /** The times of the next attempts of a thousand clients whose connections all end now, in ms. */
  async function herd(reconnectWindow: number | undefined, prepare: 'offline' | undefined) {
    const timeline = createTimeline({ turns: 1 })
    const lines = Array.from({ length: 1_000 }, (_, seed) =>
      createLine({ random: createSeededRandom(seed) }, timeline),
    )
    for (const line of lines) {
      line.up(reconnectWindow === undefined ? {} : { reconnectWindow })
      line.connection.settled()
    }
    await timeline.advance(6_000)
    const from = timeline.now()
    for (const line of lines) {
      if (prepare) line.lifecycle.signal(prepare)
      line.last().close(1006)
    }
    const waits = lines.map((line) => (line.connection.status.get().nextRetryAt ?? 0) - from)
    for (const line of lines) line.connection.destroy()
    expect(timeline.pending).toBe(0)
    return waits
  }

  const peak = (waits: readonly number[], bucketMs: number) => {
    const buckets = new Map<number, number>()
    for (const ms of waits) {
      const bucket = Math.floor(ms / bucketMs)
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1)
    }
    return Math.max(...buckets.values())
  }

  it('L3: a thousand clients come back over the whole window that the server named', async () => {
    const waits = await herd(60_000, undefined)
    expect(Math.max(...waits)).toBeLessThanOrEqual(60_000)
    expect(Math.max(...waits)).toBeGreaterThan(58_000)
    // 60 buckets of a second would hold 17 each.
    expect(peak(waits, 1_000)).toBeLessThan(40)
  })

  it('L3: without a window the first retries still spread evenly over the first second', async () => {
    const waits = await herd(undefined, undefined)
    expect(Math.max(...waits)).toBeLessThanOrEqual(1_000)
    expect(peak(waits, 75)).toBeLessThan(160)
  })

  it('keeps to a part of the window while the server is away, and no longer', async () => {
    const line = createLine({ random: { ...createSeededRandom(1), next: () => 0.99 } })
    const waitMs = () => (line.connection.status.get().nextRetryAt ?? 0) - line.clock.now()
    line.up({ reconnectWindow: 60_000 })
    line.connection.settled()
    await line.timeline.advance(6_000)
    for (const part of [1, 2, 3]) {
      line.last().close(1006)
      expect(waitMs() * part).toBeGreaterThan(59_000)
      expect(waitMs() * part).toBeLessThanOrEqual(60_000)
      await line.nextAttempt(60_000)
    }
    line.greet()
    line.connection.settled()
    await line.timeline.advance(6_000)
    line.last().close(1006)
    expect(waitMs()).toBeLessThanOrEqual(1_000)
  })

  it('a client that lost its own network does not wait for the window', async () => {
    const waits = await herd(60_000, 'offline')
    expect(Math.max(...waits)).toBeLessThanOrEqual(1_000)
  })

  it('finds out alone by a probe after waking, and does not wait for the window; by silence it does', async () => {
    for (const wakes of [true, false]) {
      const line = createLine({ random: { ...createSeededRandom(1), next: () => 0.99 } })
      line.up({ reconnectWindow: 60_000 })
      line.connection.settled()
      await line.timeline.advance(30_000)
      if (wakes) line.lifecycle.signal('visible')
      await line.timeline.advance(wakes ? 5_000 : 10_000)
      expect(line.connection.status.get().reason).toBe('no answer')
      const waitMs = (line.connection.status.get().nextRetryAt ?? 0) - line.clock.now()
      if (wakes) expect(waitMs).toBeLessThanOrEqual(1_000)
      else expect(waitMs).toBeGreaterThan(50_000)
    }
  })

  it('an offline signal is over with the next welcome, also where online is never told', async () => {
    const line = createLine({ random: { ...createSeededRandom(1), next: () => 0.99 } })
    line.up()
    line.lifecycle.signal('offline')
    line.last().close()
    await line.nextAttempt()
    line.greet({ reconnectWindow: 60_000 })
    line.connection.settled()
    await line.timeline.advance(6_000)
    line.last().close()
    expect((line.connection.status.get().nextRetryAt ?? 0) - line.clock.now()).toBeGreaterThan(50_000)
  })
})
