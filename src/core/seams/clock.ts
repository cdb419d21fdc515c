/**
 * Time, as the core sees it. Two clients in one test may have two clocks that disagree about `now()`.
 *
 * Laws: `after` calls `fn` once, never before `ms` have elapsed, possibly much later (hidden tab, sleep), and never after its cancel
 * was called; it never calls `fn` inside `after` itself.
 */
export interface Clock {
  /** Wall time in milliseconds since the epoch. May jump either way. */
  now(): number
  /** Calls `fn` when `ms` milliseconds have elapsed; jumps of the wall clock do not matter. Returns its cancel, safe to call twice. */
  after(ms: number, fn: () => void): () => void
}
