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
  /** Looks at all of it, soon: the last look failed. */
  later(): void
  stop(): void
}

export function createOutboxReading({ clock, all, onFound, onError }: OutboxReadingParts): OutboxReading {
  /** A look that is due because the last one failed, and how many have failed. */
  let cancel: (() => void) | undefined
  let failures = 0
  let stopped = false

  async function read(rows: () => Promise<readonly Row[]>): Promise<void> {
    try {
      const found = await rows()
      cancel?.()
      cancel = undefined
      failures = 0
      onFound(found)
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
    const waitMs = Math.min(LIMITS.backoffCapMs, LIMITS.backoffFirstMs * 2 ** failures++)
    cancel = clock.after(waitMs, () => void read(all))
  }

  return {
    read,
    later,
    stop() {
      stopped = true
      cancel?.()
    },
  }
}
