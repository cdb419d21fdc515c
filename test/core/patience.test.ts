import { describe, expect, it } from 'vitest'
import { within } from '../../src/core/patience.js'
import type { Clock } from '../../src/core/seams/clock.js'
import { createTimeline } from '../../src/testing/index.js'

/** A page that stands still runs a timer as soon as it goes on, however long that was, and only then what was answered meanwhile. */
function createSleepyPage() {
  let timer: (() => void) | undefined
  const clock: Clock = {
    now: () => 0,
    after(_ms, fn) {
      timer = fn
      return () => {
        timer = undefined
      }
    },
  }
  return { clock, goOn: () => timer?.(), isWaiting: () => timer !== undefined }
}

describe('waiting for the storage', () => {
  it('ends after its time, and tells when the answer comes all the same', async () => {
    const timeline = createTimeline()
    let answer: (value: string) => void = () => undefined
    const told: string[] = []
    const promise = new Promise<string>((resolve) => {
      answer = resolve
    })
    const waiting = within(
      timeline.clock(),
      3_000,
      promise,
      (late) => void late.then(() => told.push('late')),
    )
    waiting.catch(() => told.push('given up'))
    await timeline.advance(2_999)
    expect(told).toEqual([])
    await timeline.advance(1)
    expect(told).toEqual(['given up'])
    await expect(waiting).rejects.toMatchObject({ code: 'timeout' })
    answer('here')
    await timeline.settle()
    expect(told).toEqual(['given up', 'late'])
    expect(timeline.pending).toBe(0)
  })

  it('is not over because the page stood still: what was answered meanwhile counts', async () => {
    const { clock, goOn, isWaiting } = createSleepyPage()
    let answer: (value: string) => void = () => undefined
    const waiting = within(
      clock,
      3_000,
      new Promise<string>((resolve) => {
        answer = resolve
      }),
    )
    goOn()
    answer('here')
    expect(await waiting).toBe('here')
    expect(isWaiting()).toBe(false)
  })
})
