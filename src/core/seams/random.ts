/**
 * Chance, as the core sees it.
 *
 * Laws: `id()` never repeats, over all devices and restarts: ids are idempotency keys, so they must come from a cryptographic source.
 */
export interface Random {
  /** From 0 up to but not including 1, for jitter. */
  next(): number
  /** 21 characters of `A-Z a-z 0-9 _ -`. */
  id(): string
}
