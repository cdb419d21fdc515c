import { describe, expect, it } from 'vitest'
import { createTokenBucket } from '../../../src/core/messages/token-bucket.js'
import { createTimeline } from '../../../src/testing/timeline.js'

describe('a token bucket', () => {
  it('S121: gives a burst at once, then the steady rate, and never more than the burst after a rest', async () => {
    const timeline = createTimeline()
    const bucket = createTokenBucket(timeline.clock(), 10, 5)
    expect(bucket.take(8)).toBe(5)
    expect(bucket.take(1)).toBe(0)
    expect(bucket.waitMs()).toBe(100)
    await timeline.advance(99)
    expect(bucket.take(1)).toBe(0)
    await timeline.advance(1)
    expect(bucket.waitMs()).toBe(0)
    expect(bucket.take(9)).toBe(1)
    await timeline.advance(3_600_000)
    expect(bucket.take(100)).toBe(5)
  })

  it('names a wait after which there is one', async () => {
    const timeline = createTimeline()
    for (const rate of [3, 7, 0.3, 13]) {
      const bucket = createTokenBucket(timeline.clock(), rate, 1)
      bucket.take(1)
      await timeline.advance(bucket.waitMs())
      expect(bucket.take(1)).toBe(1)
    }
  })

  it('keeps the rate over a long time, whatever the steps', async () => {
    const timeline = createTimeline()
    const bucket = createTokenBucket(timeline.clock(), 50, 1)
    let taken = 0
    for (let i = 0; i < 1_000; i++) {
      taken += bucket.take(50)
      await timeline.advance(Math.max(1, bucket.waitMs()))
    }
    expect(taken).toBeGreaterThanOrEqual(999)
    expect(taken).toBeLessThanOrEqual(1_001)
  })

  it('neither gives nor takes when the wall clock is set back, and gives at most a burst when it is set forward', () => {
    const clock = createTimeline().clock()
    const bucket = createTokenBucket(clock, 10, 5)
    bucket.take(5)
    clock.jump(-3_600_000)
    expect(bucket.take(1)).toBe(0)
    expect(bucket.waitMs()).toBe(100)
    clock.jump(100)
    expect(bucket.take(1)).toBe(1)
    clock.jump(3_600_000)
    expect(bucket.take(100)).toBe(5)
  })

  it('without a rate gives everything; with a burst of none still lets one through', () => {
    const clock = createTimeline().clock()
    expect(createTokenBucket(clock, 0, 0).take(1_000)).toBe(1_000)
    expect(createTokenBucket(clock, 0, 0).waitMs()).toBe(0)
    expect(createTokenBucket(clock, 10, 0).take(2)).toBe(1)
  })
})
