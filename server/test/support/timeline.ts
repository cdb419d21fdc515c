import type { Clock, Random } from '../../src/index.js'

/** Time that stands still until a test moves it. */
export interface Timeline extends Clock {
  /** Runs what is due within `ms`, with the microtasks between, and stops there. */
  advance(ms: number): Promise<void>
  /** The wall clock jumps; timers do not notice. */
  jump(ms: number): void
  readonly timers: number
}

interface Timer {
  readonly at: number
  readonly fn: () => void
}

const microtasks = async () => {
  for (let i = 0; i < 40; i++) await Promise.resolve()
}

export function createTimeline(start = Date.UTC(2026, 0, 1)): Timeline {
  let elapsed = 0
  let wall = start
  const timers = new Set<Timer>()
  const nextBefore = (end: number): Timer | undefined => {
    let next: Timer | undefined
    for (const timer of timers) if (timer.at <= end && (!next || timer.at < next.at)) next = timer
    return next
  }
  return {
    now: () => wall,
    after(ms, fn) {
      const timer = { at: elapsed + ms, fn }
      timers.add(timer)
      return () => {
        timers.delete(timer)
      }
    },
    async advance(ms) {
      const end = elapsed + ms
      await microtasks()
      for (let timer = nextBefore(end); timer; timer = nextBefore(end)) {
        timers.delete(timer)
        wall += timer.at - elapsed
        elapsed = timer.at
        timer.fn()
        await microtasks()
      }
      wall += end - elapsed
      elapsed = end
    },
    jump(ms) {
      wall += ms
    },
    get timers() {
      return timers.size
    },
  }
}

/** The same numbers and ids every time. */
export function createCounting(): Random {
  let count = 0
  return { next: () => 0.5, id: () => `id-${++count}` }
}
