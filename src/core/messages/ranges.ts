import type { Gap } from '../message.js'
import type { StoredRange } from './record.js'

/** A place in a room's log: `seq` is for comparing, `cursor` for asking the server. */
export interface Position {
  readonly seq: number
  readonly cursor: string
}

/** A stretch of a log: the positions `after` < seq <= `upTo`. */
export type Span = Pick<StoredRange, 'after' | 'upTo'>

/** Where a replica stands: the end of its newest range. */
export function positionOf(ranges: readonly StoredRange[]): Position | undefined {
  const newest = ranges.at(-1)
  return newest && { seq: newest.upTo, cursor: newest.cursor }
}

/** The stretch that holds a position. */
export const rangeAt = <S extends Span>(ranges: readonly S[], seq: number): S | undefined =>
  ranges.find((range) => seq > range.after && seq <= range.upTo)

/** Adds a stretch and joins it with those that it meets or overlaps. Lowest first; an empty one adds nothing. */
export function cover(spans: readonly Span[], added: Span): readonly Span[] {
  if (added.upTo <= added.after) return spans
  const apart = spans.filter((span) => span.upTo < added.after || span.after > added.upTo)
  const met = spans.filter((span) => !apart.includes(span))
  const after = Math.min(added.after, ...met.map((span) => span.after))
  const upTo = Math.max(added.upTo, ...met.map((span) => span.upTo))
  return [...apart, { after, upTo }].sort((a, b) => a.after - b.after)
}

/** What of some stretches lies within another. */
export const clip = (spans: readonly Span[], within: Span): readonly Span[] =>
  spans
    .map(({ after, upTo }) => ({ after: Math.max(after, within.after), upTo: Math.min(upTo, within.upTo) }))
    .filter(({ after, upTo }) => after < upTo)

/** The range on which something that begins at a position stands: it holds the position, or ends right before it. It may be empty. */
export const rangeBelow = (ranges: readonly StoredRange[], from: number): StoredRange | undefined =>
  ranges.find((range) => from > range.after && from <= range.upTo + 1)

/**
 * The range that a window stands on which begins at a position. Memory may reach lower than the disk, where another tab began anew after
 * the store was emptied: then it is the first one above, unless the window begins with the room.
 */
export const rangeOf = (ranges: readonly StoredRange[], from: number): StoredRange | undefined =>
  rangeBelow(ranges, from) ?? (from > 1 ? ranges.find(({ after }) => after >= from) : undefined)

/** What is missing from a position on between stretches, lowest first. */
export const gapsBetween = (spans: readonly Span[], from: number): readonly Gap[] =>
  spans.flatMap(({ after }, i) => {
    const below = spans[i - 1]?.upTo ?? from - 1
    return after > below
      ? [{ type: 'gap' as const, key: `gap_${after}`, after: below, before: after + 1 }]
      : []
  })

/** A range without what lies beyond a position. */
export const endAt = (range: StoredRange, end: Position): StoredRange =>
  range.upTo > end.seq ? { ...range, upTo: end.seq, cursor: end.cursor } : range

/** The newest range grows to `end`; the first one begins at the start of the log. */
export function grow(ranges: readonly StoredRange[], end: Position): readonly StoredRange[] {
  const newest = ranges.at(-1)
  if (!newest) return [{ after: 0, afterCursor: null, upTo: end.seq, cursor: end.cursor }]
  return [...ranges.slice(0, -1), { ...newest, upTo: end.seq, cursor: end.cursor }]
}

/** Adds a range and joins it with those that it meets or overlaps. Oldest first. */
export function join(ranges: readonly StoredRange[], added: StoredRange): readonly StoredRange[] {
  const apart = ranges.filter((range) => range.upTo < added.after || range.after > added.upTo)
  const met = ranges.filter((range) => range.upTo >= added.after && range.after <= added.upTo)
  const lowest = met.reduce((low, range) => (range.after < low.after ? range : low), added)
  const highest = met.reduce((high, range) => (range.upTo > high.upTo ? range : high), added)
  const joined: StoredRange = {
    after: lowest.after,
    afterCursor: lowest.afterCursor,
    upTo: highest.upTo,
    cursor: highest.cursor,
  }
  return [...apart, joined].sort((a, b) => a.after - b.after)
}

/** What is left of the ranges when nothing behind `end` counts any more. Null: nothing does. */
export function cutBack(ranges: readonly StoredRange[], end: Position | null): readonly StoredRange[] {
  if (!end) return []
  return ranges.filter((range) => range.after < end.seq).map((range) => endAt(range, end))
}

const EDGES = 16
const EDGE_STEP = 16

/**
 * Remembers a position for the day the server does not know ours any more. Newest ones lie close together, older ones ever further
 * apart, so that a short lost tail costs little and a long one is still found.
 */
export function remember(edges: readonly Position[], end: Position): readonly Position[] {
  const last = edges.at(-1)
  if (last && end.seq < last.seq + EDGE_STEP) return edges
  const all = [...edges, end]
  return all.length <= EDGES ? all : withoutLeast(all, end.seq)
}

/** Leaves out the one that is missed least: its neighbours lie closest together, for how far back they are. */
function withoutLeast(edges: readonly Position[], head: number): readonly Position[] {
  const costs = edges.slice(1, -1).map((_, i) => {
    const [before = 0, , after = 0] = edges.slice(i, i + 3).map((edge) => edge.seq)
    return (after - before) / (head - before)
  })
  const least = costs.indexOf(Math.min(...costs)) + 1
  return edges.filter((_, i) => i !== least)
}
