import { LIMITS } from '../limits.js'

/** How much goes into one write: a page is deaf while what was written is shown, and the disk is idle while a small write settles. */
export interface Pace {
  /** Entries of the next write. */
  entries(): number
  /** So many were shown in so long, ms of a clock that may jump. */
  took(entries: number, ms: number): void
}

export function createPace(): Pace {
  const { least, first, most, deafMs } = LIMITS.write
  let entries: number = first
  return {
    entries: () => entries,
    took(shown, ms) {
      // A small one says nothing of a large one.
      if (shown <= entries / 2) return
      if (ms > deafMs) entries = Math.max(least, entries / 2)
      else if (ms < deafMs / 2) entries = Math.min(most, entries * 2)
    },
  }
}
