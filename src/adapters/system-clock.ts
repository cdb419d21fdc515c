import type { Clock } from '../core/seams/clock.js'

/** Longer timers fire at once in most engines: their delay is a signed 32-bit number. Long waits are made of shorter ones. */
const LONGEST_MS = 2 ** 30

// Wall time may jump; elapsed time must not. Where there is no monotone clock, wall time has to do.
const elapsedMs = (): number => (typeof performance === 'undefined' ? Date.now() : performance.now())

/** The platform's clock and timers. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    after(ms, fn) {
      const dueMs = elapsedMs() + Math.max(0, ms)
      let timer = setTimeout(look, wait())
      function wait(): number {
        return Math.min(LONGEST_MS, Math.max(0, Math.ceil(dueMs - elapsedMs())))
      }
      function look(): void {
        // Timers may fire a little early, and long ones fire in between.
        if (elapsedMs() < dueMs) timer = setTimeout(look, wait())
        else fn()
      }
      return () => clearTimeout(timer)
    },
  }
}
