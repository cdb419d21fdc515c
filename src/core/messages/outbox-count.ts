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

interface Counted {
  readonly status: OutboxStatus
  /** When the next pending message turns into a delayed one, server time; null when none does. */
  readonly dueAt: number | null
}

/** One look at each: this runs with every tick in which something is sent. */
function countAll(all: readonly Entry[], now: number): Counted {
  const status = { pending: 0, failed: 0, oldestAt: Number.POSITIVE_INFINITY, bytes: 0 }
  let dueAt = Number.POSITIVE_INFINITY
  for (const entry of all) {
    const { state, createdAt, bytes } = entry
    if (state === 'failed') status.failed += 1
    if (state !== 'queued' && state !== 'unknown') continue
    status.pending += 1
    status.bytes += bytes
    if (createdAt < status.oldestAt) status.oldestAt = createdAt
    const due = waitsSince(entry) + LIMITS.delayedAfterMs
    if (state === 'queued' && due > now && due < dueAt) dueAt = due
  }
  const known = (at: number): number | null => (at === Number.POSITIVE_INFINITY ? null : at)
  return { status: { ...status, oldestAt: known(status.oldestAt) }, dueAt: known(dueAt) }
}

export function createOutboxCount(parts: OutboxCountParts): OutboxCount {
  const status: Cell<OutboxStatus> = createCell(countAll([], 0).status, parts.onThrow)
  const soon = perTick<void>(count)
  let stopped = false
  let uncounted = { entries: 0, bytes: 0 }
  let delay: { readonly dueAt: number; readonly cancel: () => void } | undefined

  function count(): void {
    if (stopped) return
    uncounted = { entries: 0, bytes: 0 }
    const now = parts.serverNow()
    const { status: next, dueAt } = countAll(parts.waiting(), now)
    if (FIELDS.some((field) => next[field] !== status.get()[field])) status.set(next)
    awaitDelay(dueAt, now)
  }

  function awaitDelay(dueAt: number | null, now: number): void {
    if (delay?.dueAt === dueAt) return
    delay?.cancel()
    delay = dueAt === null ? undefined : { dueAt, cancel: parts.clock.after(dueAt - now, tellDelayed) }
  }

  function tellDelayed(): void {
    delay = undefined
    const pending = parts.waiting().filter((entry) => entry.state === 'queued')
    for (const room of new Set(pending.map((entry) => entry.room))) parts.onDelayed(room)
    soon()
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
      delay?.cancel()
    },
  }
}
