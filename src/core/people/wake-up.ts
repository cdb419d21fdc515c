import { presenceLookMs } from '../limits.js'
import type { Clock } from '../seams/clock.js'

/** Runs something when a time has come, however far off it is and however clocks jump meanwhile. At most one timer. */
export interface WakeUp {
  /** The next time, ms since the epoch; null for none. Replaces the one before. */
  at(time: number | null): void
}

export function createWakeUp(parts: {
  readonly clock: Clock
  /** The clock that says whether the time has come. */
  readonly now: () => number
  readonly run: () => void
}): WakeUp {
  const { clock, now, run } = parts
  let cancel: (() => void) | undefined

  function at(time: number | null): void {
    cancel?.()
    cancel = undefined
    if (time === null) return
    const leftMs = Math.max(0, time - now())
    cancel = clock.after(Math.min(leftMs, presenceLookMs), () => {
      cancel = undefined
      if (time > now()) at(time)
      else run()
    })
  }
  return { at }
}
