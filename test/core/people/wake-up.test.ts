import { describe, expect, it } from 'vitest'
import { createWakeUp } from '../../../src/core/people/wake-up.js'
import { createTimeline } from '../../../src/testing/index.js'

const DAY_MS = 24 * 60 * 60_000

function begin() {
  const timeline = createTimeline()
  const clock = timeline.clock()
  let runs = 0
  const wakeUp = createWakeUp({ clock, now: clock.now, run: () => void runs++ })
  return { timeline, clock, wakeUp, runs: () => runs }
}

describe('a wake-up', () => {
  it('comes when its time has come, once, also in ten weeks, which is more than one timer takes', async () => {
    const { timeline, clock, wakeUp, runs } = begin()
    wakeUp.at(clock.now() + 70 * DAY_MS)
    await timeline.advance(70 * DAY_MS - 1)
    expect(runs()).toBe(0)
    await timeline.advance(1)
    expect(runs()).toBe(1)
    expect(timeline.pending).toBe(0)
  })

  it('replaces the one before, and null is none', async () => {
    const { timeline, clock, wakeUp, runs } = begin()
    wakeUp.at(clock.now() + 1_000)
    wakeUp.at(clock.now() + 5_000)
    await timeline.advance(4_999)
    expect(runs()).toBe(0)
    wakeUp.at(null)
    await timeline.advance(DAY_MS)
    expect(runs()).toBe(0)
    expect(timeline.pending).toBe(0)
  })

  it('goes by the clock of the moment: one that is set back an hour makes it wait, one that is set forward is noticed within an hour', async () => {
    const { timeline, clock, wakeUp, runs } = begin()
    wakeUp.at(clock.now() + 10_000)
    clock.jump(-3_600_000)
    await timeline.advance(3_609_999)
    expect(runs()).toBe(0)
    await timeline.advance(1)
    expect(runs()).toBe(1)
    wakeUp.at(clock.now() + DAY_MS)
    clock.jump(DAY_MS)
    await timeline.advance(3_600_000)
    expect(runs()).toBe(2)
  })
})
