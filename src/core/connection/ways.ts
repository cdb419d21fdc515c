import * as LIMITS from '../limits.js'
import type { Clock } from '../seams/clock.js'

/** Which of several ways to a server is taken, by what became of the attempts. The first is the best. Remembers; owns no timer. */
export interface Ways {
  /** The way of the next attempt. */
  take(): number
  /** Something came: the way works. */
  heard(): void
  /** The attempt ended before anything came. */
  failed(): void
  /** Nothing came for too long: the way is left at once. */
  silent(): void
  /** Ms until the best way is worth a trial again. */
  returnsInMs(): number
  /** The trial failed: the next comes later. */
  stillBlocked(): void
  /** The best way is open again: the next attempt takes it. */
  opened(): void
}

/** Ways by their numbers, from 0 up to `count`. */
export function createWays(count: number, clock: Pick<Clock, 'now'>): Ways {
  let at = 0
  let failures = 0
  /** Whether something came over the way since it was chosen. */
  let works = false
  let waitMs = LIMITS.wayReturnFirstMs
  let dueAt = 0

  function choose(way: number): void {
    at = way
    failures = 0
    works = false
  }

  function postpone(): void {
    dueAt = clock.now() + waitMs
    waitMs = Math.min(LIMITS.wayReturnCapMs, 2 * waitMs)
  }

  function leave(): void {
    if (at === 0) postpone()
    choose((at + 1) % count)
  }

  // A clock that was set back must not make the wait longer than any.
  const returnsInMs = (): number => Math.min(LIMITS.wayReturnCapMs, Math.max(0, dueAt - clock.now()))

  return {
    take() {
      if (at !== 0 && returnsInMs() === 0) choose(0)
      return at
    },
    heard() {
      failures = 0
      works = true
      if (at === 0) waitMs = LIMITS.wayReturnFirstMs
    },
    failed() {
      failures += 1
      // A lesser way that fails as well says that the server or the network is away, and that no way was blocked.
      if (failures >= (at === 0 || works ? LIMITS.wayFailures : 1)) leave()
    },
    silent: leave,
    returnsInMs,
    stillBlocked: postpone,
    opened: () => choose(0),
  }
}
