import type { TimelineClock } from 'tidings/testing'

/** The clock of one tab, and what a browser may do to its timers. */
export interface TabClock {
  /** For the client. */
  readonly own: TimelineClock
  /** What the page is told: now, when it runs again, or never. */
  tell(fn: () => void): void
  /** Timers that wait. */
  readonly pending: number
  /** Nothing fires until `thaw`: what falls due meanwhile fires then. */
  freeze(): void
  thaw(): void
  /** Timers fire at multiples of so many ms only, as in a page that nobody looks at, until the returned function is called. */
  throttle(everyMs: number): () => void
  /** Nothing fires any more. */
  end(): void
}

export function createTabClock(clock: TimelineClock, elapsedMs: () => number): TabClock {
  let state: 'running' | 'frozen' | 'gone' = 'running'
  let everyMs = 0
  const waiting = new Set<object>()
  let due: (() => void)[] = []

  /** How long after its time a timer fires, that falls due now. */
  const behindMs = () => (everyMs > 0 ? (everyMs - (elapsedMs() % everyMs)) % everyMs : 0)

  function after(ms: number, fn: () => void): () => void {
    const timer = {}
    waiting.add(timer)
    let cancel = () => {}
    const run = () => {
      if (state === 'gone' || !waiting.has(timer)) return
      if (state === 'frozen') {
        due.push(run)
        return
      }
      waiting.delete(timer)
      fn()
    }
    const fallDue = () => {
      const ms = behindMs()
      if (ms > 0) cancel = clock.after(ms, run)
      else run()
    }
    cancel = clock.after(ms, fallDue)
    return () => {
      waiting.delete(timer)
      cancel()
    }
  }

  return {
    own: { ...clock, after },
    tell(fn) {
      if (state === 'frozen') due.push(fn)
      else if (state === 'running') fn()
    },
    get pending() {
      return waiting.size
    },
    freeze() {
      if (state === 'running') state = 'frozen'
    },
    thaw() {
      if (state !== 'frozen') return
      state = 'running'
      for (const fire of due.splice(0)) fire()
    },
    throttle(ms) {
      everyMs = ms
      return () => {
        everyMs = 0
      }
    },
    end() {
      state = 'gone'
      due = []
    },
  }
}
