import * as LIMITS from '../limits.js'

const within = (low: number, high: number, ms: number): number => Math.min(high, Math.max(low, ms))

/**
 * How long to wait before the next attempt, in whole ms: U(floor, min(cap, first · 2^failures)). The clamp comes before the dice: clamped
 * afterwards, every client of a long outage would wait exactly the cap and come back in the same instant.
 * `windowMs` widens the range after a drop that hit everybody: the first attempt is spread over all of it, the next ones over half, a third,
 * and so on, as those who were refused are fewer than the herd and the server may be idle before the window ends.
 * `chance` is from 0 up to but not including 1; 1 is the cap of this wait, where nobody else could come back in the same instant.
 */
export function retryDelayMs(failures: number, chance: number, windowMs = 0): number {
  const ceiling = Math.min(LIMITS.backoffCapMs, LIMITS.backoffFirstMs * 2 ** failures)
  const spread = Math.max(ceiling, Math.min(LIMITS.retryAfterCapMs, windowMs / (1 + failures)))
  return Math.round(LIMITS.backoffFloorMs + chance * (spread - LIMITS.backoffFloorMs))
}

/** A slot that the server gave to this client alone: kept as it is, within reason. */
export const slotMs = (askedMs: number): number =>
  within(LIMITS.backoffFloorMs, LIMITS.retryAfterCapMs, askedMs)

/** A wait that the server gave to everybody alike: never shorter, and up to a fifth longer, so that they do not come back together. */
export const directedDelayMs = (askedMs: number, chance: number): number =>
  Math.floor(slotMs(askedMs) * (1 + chance * LIMITS.retryAfterJitter))
