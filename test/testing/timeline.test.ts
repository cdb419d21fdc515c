import { describe, expect, it } from 'vitest'
import { createTimeline } from '../../src/testing/timeline.js'

describe('the timeline', () => {
  it('runs due timers in the order of time, then of making', async () => {
    const timeline = createTimeline()
    const clock = timeline.clock()
    const ran: string[] = []
    clock.after(30, () => ran.push('30'))
    clock.after(10, () => ran.push('10 first'))
    clock.after(10, () => ran.push('10 second'))
    clock.after(31, () => ran.push('31'))
    await timeline.advance(30)
    expect(ran).toEqual(['10 first', '10 second', '30'])
    expect(timeline.pending).toBe(1)
  })

  it('shows each timer its own moment, also to those it makes', async () => {
    const timeline = createTimeline({ startMs: 1000 })
    const clock = timeline.clock()
    const seen: number[] = []
    clock.after(10, () => {
      seen.push(clock.now())
      clock.after(5, () => seen.push(clock.now()))
      clock.after(100, () => seen.push(clock.now()))
    })
    await timeline.advance(50)
    expect(seen).toEqual([1010, 1015])
    expect(timeline.now()).toBe(1050)
  })

  it('lets promise chains run out between two timers', async () => {
    const timeline = createTimeline()
    const clock = timeline.clock()
    const ran: string[] = []
    clock.after(1, () => {
      void (async () => {
        for (let i = 0; i < 200; i++) await Promise.resolve()
        ran.push('chain')
      })()
    })
    clock.after(2, () => ran.push('timer'))
    await timeline.advance(2)
    expect(ran).toEqual(['chain', 'timer'])
  })

  it('never calls inside after, and settles what is due without moving time', async () => {
    const timeline = createTimeline()
    const clock = timeline.clock()
    let ran = 0
    clock.after(0, () => ran++)
    clock.after(-5, () => ran++)
    clock.after(1, () => ran++)
    expect(ran).toBe(0)
    const before = timeline.now()
    await timeline.settle()
    expect(ran).toBe(2)
    expect(timeline.now()).toBe(before)
  })

  it('cancels, twice without harm, and from inside a timer of the same moment', async () => {
    const timeline = createTimeline()
    const clock = timeline.clock()
    let ran = 0
    const cancel = clock.after(5, () => ran++)
    cancel()
    cancel()
    const later: (() => void)[] = []
    clock.after(7, () => later[0]?.())
    later.push(clock.after(7, () => ran++))
    await timeline.advance(10)
    expect(ran).toBe(0)
    expect(timeline.pending).toBe(0)
  })

  it('lets wall clocks differ and jump while elapsed time is shared', async () => {
    const timeline = createTimeline({ startMs: 1000 })
    const ahead = timeline.clock(500)
    const jumping = timeline.clock()
    let ran = 0
    jumping.after(100, () => ran++)
    jumping.jump(-900)
    expect([ahead.now(), jumping.now()]).toEqual([1500, 100])
    await timeline.advance(99)
    expect(ran).toBe(0)
    await timeline.advance(1)
    expect(ran).toBe(1)
    expect([ahead.now(), jumping.now()]).toEqual([1600, 200])
  })

  it('rejects with what a timer throws, at its moment, and goes on afterwards', async () => {
    const timeline = createTimeline({ startMs: 0 })
    const clock = timeline.clock()
    clock.after(5, () => {
      throw new Error('from the timer')
    })
    let ran = 0
    clock.after(6, () => ran++)
    await expect(timeline.advance(10)).rejects.toThrow('from the timer')
    expect([timeline.now(), ran]).toEqual([5, 0])
    await timeline.advance(10)
    expect([timeline.now(), ran]).toEqual([15, 1])
  })

  it('serves calls one after the other', async () => {
    const timeline = createTimeline({ startMs: 0 })
    const seen: number[] = []
    timeline.clock().after(10, () => {
      seen.push(timeline.now())
      void timeline.advance(10).then(() => seen.push(timeline.now()))
    })
    await timeline.advance(15)
    await timeline.settle()
    expect(seen).toEqual([10, 25])
  })

  it('says so when time cannot pass', async () => {
    const timeline = createTimeline({ turns: 0 })
    const clock = timeline.clock()
    const again = (): void => {
      clock.after(0, again)
    }
    again()
    await expect(timeline.advance(1)).rejects.toThrow('time stands still')
  })
})
