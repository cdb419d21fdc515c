import type { Clock } from './seams.js'

/** How much is let through: `burst` at once, then `perSecond`. */
export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** A token bucket: `burst` at once, then `perSecond`. Lives and dies with its connection, so that none is left behind. */
export interface Bucket {
  /** Takes one. 0 when there was one, else the ms until there is. */
  take(): number
  /** How many were refused since the bucket was last full; a peer that backs off sees it forgotten. */
  readonly refused: number
}

export function createBucket({ perSecond, burst }: Rate, clock: Pick<Clock, 'now'>): Bucket {
  let level = burst
  let filledAt = clock.now()
  let refused = 0
  const fill = () => {
    const now = clock.now()
    // The wall clock may go back: that fills nothing and takes nothing.
    level = Math.min(burst, level + (Math.max(0, now - filledAt) * perSecond) / 1000)
    filledAt = now
    if (level >= burst) refused = 0
  }
  return {
    take() {
      fill()
      if (level >= 1) {
        level -= 1
        return 0
      }
      refused += 1
      return Math.ceil(((1 - level) * 1000) / perSecond)
    },
    get refused() {
      return refused
    },
  }
}
