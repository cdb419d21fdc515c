import type { OutboxStatus } from '../api.js'
import { type Cell, createCell, type OnThrow } from '../emitter.js'
import { LIMITS } from '../limits.js'
import { perTick } from '../per-tick.js'
import type { Clock } from '../seams/clock.js'
import type { Readable } from '../seams/readable.js'
import { type Entry, waitsSince } from './entry.js'

export interface OutboxCountParts {
  readonly clock: Clock
  readonly serverNow: () => number
  /** Everything that is not covered, over all rooms. */
  readonly waiting: () => readonly Entry[]
  /** A room's pending messages may be delayed now. */
  readonly onDelayed: (room: string) => void
  readonly onThrow: OnThrow
}

/** What waits, counted once a tick, and the moment at which pending turns into delayed. */
export interface OutboxCount {
  readonly status: Readable<OutboxStatus>
  /** Something changed. */
  soon(): void
  /** An entry came in; counts at once towards the limits. */
  added(bytes: number): void
  /** Whether one more of this size would exceed a limit. */
  isFull(bytes: number): boolean
  stop(): void
}

const FIELDS: readonly (keyof OutboxStatus)[] = ['pending', 'failed', 'oldestAt', 'bytes']

function statusOf(all: readonly Entry[]): OutboxStatus {
  const pending = all.filter((entry) => entry.state === 'queued' || entry.state === 'unknown')
  return {
    pending: pending.length,
    failed: all.filter((entry) => entry.state === 'failed').length,
    oldestAt: pending.reduce<number | null>(
      (at, { createdAt }) => Math.min(at ?? createdAt, createdAt),
      null,
    ),
    bytes: pending.reduce((sum, entry) => sum + entry.bytes, 0),
  }
}

export function createOutboxCount(parts: OutboxCountParts): OutboxCount {
  const status: Cell<OutboxStatus> = createCell(statusOf([]), parts.onThrow)
  const soon = perTick<void>(count)
  let stopped = false
  let uncounted = { entries: 0, bytes: 0 }
  let cancelDelay: (() => void) | undefined

  function count(): void {
    if (stopped) return
    uncounted = { entries: 0, bytes: 0 }
    const all = parts.waiting()
    const next = statusOf(all)
    if (FIELDS.some((field) => next[field] !== status.get()[field])) status.set(next)
    awaitDelay(all.filter((entry) => entry.state === 'queued'))
  }

  function awaitDelay(pending: readonly Entry[]): void {
    cancelDelay?.()
    const now = parts.serverNow()
    const dues = pending
      .map((entry) => waitsSince(entry) + LIMITS.delayedAfterMs - now)
      .filter((due) => due > 0)
    const tell = (): void => {
      for (const room of new Set(pending.map((entry) => entry.room))) parts.onDelayed(room)
      soon()
    }
    cancelDelay = dues.length > 0 ? parts.clock.after(Math.min(...dues), tell) : undefined
  }

  return {
    status,
    soon,
    added(bytes) {
      uncounted.entries += 1
      uncounted.bytes += bytes
      soon()
    },
    isFull: (bytes) =>
      status.get().pending + uncounted.entries >= LIMITS.outboxEntries ||
      status.get().bytes + uncounted.bytes + bytes > LIMITS.outboxBytes,
    stop() {
      stopped = true
      cancelDelay?.()
    },
  }
}
