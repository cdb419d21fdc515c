import { describe, expect, it } from 'vitest'
import { createMemoryPresence } from '../../src/index.js'
import { presenceLaws } from '../presence-laws/index.js'
import { createTimeline } from '../support/timeline.js'

describe('presence in memory', () => {
  presenceLaws((clock) => createMemoryPresence({ clock }))

  it('S27: remembers a bounded number of those who are gone, and forgets those gone the longest', async () => {
    const clock = createTimeline()
    const presence = createMemoryPresence({ clock, remembered: 10, graceMs: 0 })
    for (let i = 0; i < 100; i++) {
      presence.enter(`s${i}`, `user-${i}`)
      await clock.advance(1)
      presence.leave(`s${i}`, clock.now())
    }
    const seen = await presence.online({ since: 0 })
    expect(seen.map(({ userId }) => userId)).toEqual(Array.from({ length: 10 }, (_, i) => `user-${90 + i}`))
    // Who was forgotten comes back with a version above all earlier ones.
    presence.enter('again', 'user-0')
    const [entry] = await presence.of(['user-0'])
    expect(entry?.ver).toBeGreaterThan(Math.max(...seen.map(({ ver }) => ver)))
  })
})
