import { compareText } from '../../protocol/index.js'
import { TidingsError } from '../errors.js'

/*
 * Vector clocks (Fidge, "Timestamps in Message-Passing Systems That Preserve the Partial Ordering", 1988; Mattern, "Virtual Time and
 * Global States of Distributed Systems", 1989): a count of events for each node, which tells of two versions whether one has seen the
 * other. For what an application replicates by itself: drafts that are merged on two devices, files, documents.
 *
 * Messages do not need them. Their order is that of the hybrid logical clock, which is total and of fixed size, and whether two edits
 * knew of each other is told by the version that each was based on. So vector clocks never travel in a frame of tidings.
 *
 * When something happens on a node:  clock = increment(clock, node)
 * When a version of another comes:   clock = merge(clock, theirs), and increment it if taking it over is an event of one's own
 */

/**
 * How many events of each node were seen. Plain JSON, to be stored and sent as it is; a node that is missing counts 0. Values given out
 * are frozen, hold no zeros and list their nodes in one order, so equal clocks are equal text.
 */
export type VectorClock = Readonly<Record<string, number>>

/** What one clock is to another: `before` (the other has seen all of it, and more), `after`, `equal`, or `concurrent` (neither knew the other). */
export type Causality = 'before' | 'after' | 'concurrent' | 'equal'

const refuse = (message: string): never => {
  throw new TidingsError('invalid_argument', message)
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

/** Own fields only, each of them a count: whatever a node is called, nothing inherited is taken for one. */
function countsOf(clock: VectorClock): ReadonlyMap<string, number> {
  if (typeof clock !== 'object' || clock === null || Array.isArray(clock))
    return refuse('A vector clock is an object of counts by node, such as { alice: 2, bob: 1 }.')
  const counts = new Map<string, number>()
  for (const [node, count] of Object.entries(clock)) {
    if (!isCount(count)) refuse(`A vector clock counts whole numbers from 0 on; node "${node}" has none.`)
    if (count > 0) counts.set(node, count)
  }
  return counts
}

/** `fromEntries` defines its fields: a node called `__proto__` is a field like others. */
const clockOf = (counts: ReadonlyMap<string, number>): VectorClock =>
  Object.freeze(Object.fromEntries([...counts].sort(([a], [b]) => compareText(a, b))))

/**
 * How many events of a node a clock has seen, 0 if none. Safe for any name, where `clock[node]` finds what every object inherits.
 * Throws a TidingsError `invalid_argument` for what is not a vector clock.
 */
export const count = (clock: VectorClock, node: string): number => countsOf(clock).get(node) ?? 0

/**
 * The clock after one more event on a node. The given clock stays as it is. Any text may name a node, but no two that write may share
 * one: use an id of the installation, not of the user. Throws a TidingsError `invalid_argument` for what is not a vector clock, a name
 * that is no text, and past 2^53 - 1 events.
 */
export function increment(clock: VectorClock, node: string): VectorClock {
  if (typeof node !== 'string') return refuse('The node of a vector clock is named by a text.')
  const counts = new Map(countsOf(clock))
  const next = (counts.get(node) ?? 0) + 1
  if (!isCount(next)) refuse(`Node "${node}" has counted as far as numbers are exact.`)
  return clockOf(counts.set(node, next))
}

/**
 * The earliest clock that has seen all that either has: what a node holds once it took over a version of another. The given clocks stay
 * as they are. Throws a TidingsError `invalid_argument` for what is not a vector clock.
 */
export function merge(a: VectorClock, b: VectorClock): VectorClock {
  const counts = new Map(countsOf(a))
  for (const [node, seen] of countsOf(b)) counts.set(node, Math.max(seen, counts.get(node) ?? 0))
  return clockOf(counts)
}

/**
 * What `a` is to `b`. Only `concurrent` is a conflict; of the others the later one holds all of the earlier.
 * Throws a TidingsError `invalid_argument` for what is not a vector clock.
 */
export function compare(a: VectorClock, b: VectorClock): Causality {
  const [left, right] = [countsOf(a), countsOf(b)]
  const exceeds = (one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>) =>
    [...one].some(([node, seen]) => seen > (other.get(node) ?? 0))
  const ahead = exceeds(left, right)
  const behind = exceeds(right, left)
  if (ahead) return behind ? 'concurrent' : 'after'
  return behind ? 'before' : 'equal'
}

/**
 * The clock without nodes that will never write again: a clock grows by one count for each node that ever wrote, and only the application
 * knows which are gone. It is exact where every clock that is still compared has seen the same of the nodes left out, so: wait until
 * everybody has seen their last event, and leave them out everywhere. Otherwise a comparison can say `before` or `equal` where it
 * was `concurrent`, and one of two versions would be thrown away unseen. The given clock stays as it is.
 * Throws a TidingsError `invalid_argument` for what is not a vector clock.
 */
export function prune(clock: VectorClock, retired: Iterable<string>): VectorClock {
  const counts = new Map(countsOf(clock))
  for (const node of retired) counts.delete(node)
  return clockOf(counts)
}
