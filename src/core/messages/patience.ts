import { retryDelayMs } from '../connection/backoff.js'
import type { Clock } from '../seams/clock.js'
import type { Random } from '../seams/random.js'

/** Waits before something that could not be given is asked for again: longer each time. */
export interface Patience {
  /** Calls back after the next wait. Returns its cancel. */
  wait(then: () => void): () => void
  /** It was given: the next wait is a first one. */
  rewarded(): void
}

export function createPatience({
  clock,
  random,
}: {
  readonly clock: Clock
  readonly random: Random
}): Patience {
  let refusals = 0
  return {
    wait: (then) => clock.after(retryDelayMs(refusals++, random.next()), then),
    rewarded() {
      refusals = 0
    },
  }
}
