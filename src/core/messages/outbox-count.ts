import type { OutboxStatus } from '../api.js'
import type { OnThrow } from '../emitter.js'
import { LIMITS } from '../limits.js'
import { perTick } from '../per-tick.js'
import type { Clock } from '../seams/clock.js'
import type { Readable } from '../seams/readable.js'
import { createView } from '../view.js'
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

/** What waits, and the moment at which pending turns into delayed. Sums are kept with each change; all entries are looked at on demand. */
export interface OutboxCount {
  readonly status: Readable<OutboxStatus>
  /** An entry became another; undefined where it comes in or goes. */
  changed(before: Entry | undefined, after: Entry | undefined): void
  /** Whether one more of this size would exceed a limit. */
  isFull(bytes: number): boolean
  stop(): void
}

const FIELDS: readonly (keyof OutboxStatus)[] = ['pending', 'failed', 'oldestAt', 'bytes']

const isPending = ({ state }: Entry): boolean => state === 'queued' || state === 'unknown'

/** When a pending message is shown as delayed, server time. */
const dueOf = (entry: Entry): number => waitsSince(entry) + LIMITS.delayedAfterMs

export function createOutboxCount(parts: OutboxCountParts): OutboxCount {
  const sums = { pending: 0, failed: 0, bytes: 0 }
  const status = createView<OutboxStatus>((last) => {
    const next = { ...sums, oldestAt: oldestAt() }
    return last && FIELDS.every((field) => next[field] === last[field]) ? last : next
  }, parts.onThrow)
  let stopped = false
  let delay: { readonly dueAt: number; readonly cancel: () => void } | undefined
  const soon = perTick<void>(awaitDelay)

  function oldestAt(): number | null {
    if (sums.pending === 0) return null
    const times = parts.waiting().map((entry) => (isPending(entry) ? entry.createdAt : Number.MAX_VALUE))
    return times.reduce((oldest, at) => (at < oldest ? at : oldest))
  }

  function add(entry: Entry, sign: 1 | -1): void {
    if (entry.state === 'failed') sums.failed += sign
    if (!isPending(entry)) return
    sums.pending += sign
    sums.bytes += sign * entry.bytes
  }

  function cancelDelay(): void {
    delay?.cancel()
    delay = undefined
  }

  /** One that is set comes first, whatever was settled since: what is due is looked up when it fires. */
  function awaitDelay(): void {
    if (stopped || delay) return
    const now = parts.serverNow()
    let dueAt = Number.MAX_VALUE
    for (const entry of parts.waiting())
      if (entry.state === 'queued' && dueOf(entry) > now) dueAt = Math.min(dueAt, dueOf(entry))
    if (dueAt < Number.MAX_VALUE) delay = { dueAt, cancel: parts.clock.after(dueAt - now, tellDelayed) }
  }

  function tellDelayed(): void {
    delay = undefined
    const pending = parts.waiting().filter((entry) => entry.state === 'queued')
    for (const room of new Set(pending.map((entry) => entry.room))) parts.onDelayed(room)
    soon()
  }

  return {
    status,
    changed(before, after) {
      if (before) add(before, -1)
      if (after) add(after, 1)
      // Server time may have been set back since: then this one comes before the one that is awaited.
      if (after?.state === 'queued' && delay && dueOf(after) < delay.dueAt) cancelDelay()
      status.touch()
      if (!delay && sums.pending > 0) soon()
    },
    isFull: (bytes) => sums.pending >= LIMITS.outboxEntries || sums.bytes + bytes > LIMITS.outboxBytes,
    stop() {
      stopped = true
      cancelDelay()
    },
  }
}
