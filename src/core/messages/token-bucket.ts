import type { Clock } from '../seams/clock.js'

/** How much may be sent now, at a steady rate with bursts. */
export interface TokenBucket {
  /** Takes up to `wanted` tokens; tells how many there were. */
  take(wanted: number): number
  /** Milliseconds until the next token. */
  waitMs(): number
}

/** `perSecond` 0 means no limit. */
export function createTokenBucket(clock: Clock, perSecond: number, burst: number): TokenBucket {
  if (perSecond === 0) return { take: (wanted) => wanted, waitMs: () => 0 }
  let tokens = Math.max(1, burst)
  let countedAt = clock.now()
  const refill = (): void => {
    const now = clock.now()
    // A wall clock that was set back gives nothing, and costs nothing either.
    tokens = Math.min(Math.max(1, burst), tokens + (Math.max(0, now - countedAt) / 1_000) * perSecond)
    countedAt = now
  }
  return {
    take(wanted) {
      refill()
      const taken = Math.min(wanted, Math.floor(tokens))
      tokens -= taken
      return taken
    },
    waitMs() {
      refill()
      return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1_000)
    },
  }
}
