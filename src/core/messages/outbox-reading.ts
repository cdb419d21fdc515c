import { retryDelayMs } from '../connection/backoff.js'
import { TidingsError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Clock } from '../seams/clock.js'
import type { Row } from './outbox-records.js'

export interface OutboxReadingParts {
  readonly clock: Clock
  /** Everything that the disk holds. */
  readonly all: () => Promise<readonly Row[]>
  readonly onFound: (rows: readonly Row[]) => void
  readonly onError: (error: TidingsError) => void
}

/** What another tab wrote is there, also where it cannot be read now: the disk is looked at until it answers, however long that takes. */
export interface OutboxReading {
  /** Never rejects. */
  read(rows: () => Promise<readonly Row[]>): Promise<void>
  /** The same, for those who want to know when it fails. */
  attempt(rows: () => Promise<readonly Row[]>): Promise<void>
  /** What these records hold is known from elsewhere: a look that began before may have seen what they held until then. */
  passed(keys: Iterable<string>): void
  /** Looks at all of it, soon: the last look failed. */
  later(): void
  stop(): void
}

export function createOutboxReading(parts: OutboxReadingParts): OutboxReading {
  const { clock, all, onFound, onError } = parts
  /** Looks under way, with the records that were passed since each began. */
  const looks = new Set<Set<string>>()
  /** A look that is due because the last one failed, and how many have failed. */
  let cancel: (() => void) | undefined
  let failures = 0
  let stopped = false

  async function attempt(rows: () => Promise<readonly Row[]>): Promise<void> {
    const since = new Set<string>()
    looks.add(since)
    try {
      let found: readonly Row[]
      let tries = LIMITS.lookTries
      do {
        since.clear()
        found = await rows()
      } while (found.some(([key]) => since.has(key)) && --tries > 0)
      cancel?.()
      cancel = undefined
      failures = 0
      onFound(found.filter(([key]) => !since.has(key)))
    } finally {
      looks.delete(since)
    }
  }

  async function read(rows: () => Promise<readonly Row[]>): Promise<void> {
    try {
      await attempt(rows)
    } catch (cause) {
      if (stopped) return
      if (!cancel) {
        const message =
          'What another tab queued could not be read; it sends it itself, and reading is tried again.'
        onError(new TidingsError('storage', message, { cause }))
      }
      later()
    }
  }

  function later(): void {
    cancel?.()
    cancel = clock.after(retryDelayMs(failures++, 1), () => void read(all))
  }

  return {
    read,
    attempt,
    later,
    passed(keys) {
      for (const since of looks) for (const key of keys) since.add(key)
    },
    stop() {
      stopped = true
      cancel?.()
    },
  }
}
