/**
 * Stamps of the hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014) as fixed-width text:
 * 9 digits of milliseconds since the epoch and 4 digits of a counter, both in base 36, then 11 characters that name the node.
 * Text order (code units) is clock order, so a stamp serves as a storage key and needs no comparator of its own.
 */
export interface StampParts {
  /** Milliseconds since the epoch, an integer from 0 to `MAX_STAMP_MS`. */
  readonly ms: number
  /** Events within one millisecond, an integer from 0 to `MAX_STAMP_COUNTER`. */
  readonly counter: number
  /** 11 characters of `A-Z a-z 0-9 _ -`. */
  readonly node: string
}

/** Characters in a stamp. */
export const STAMP_LENGTH = 24
/** Characters in a node name. */
export const NODE_LENGTH = 11
/** The largest millisecond that fits nine base-36 digits (year 5188). */
export const MAX_STAMP_MS = 36 ** 9 - 1
/** The largest counter that fits four base-36 digits; past it, time moves by one millisecond. */
export const MAX_STAMP_COUNTER = 36 ** 4 - 1
/** What every stamp looks like. */
export const STAMP_PATTERN = /^[0-9a-z]{13}[A-Za-z0-9_-]{11}$/

/** Prints a stamp. The parts must be within their bounds; the caller's clock guarantees it. */
export const formatStamp = (ms: number, counter: number, node: string): string =>
  ms.toString(36).padStart(9, '0') + counter.toString(36).padStart(4, '0') + node

/** The wall milliseconds of a stamp. */
export const stampMs = (stamp: string): number => Number.parseInt(stamp.slice(0, 9), 36)

/** Takes a well-formed stamp apart. */
export const parseStamp = (stamp: string): StampParts => ({
  ms: stampMs(stamp),
  counter: Number.parseInt(stamp.slice(9, 13), 36),
  node: stamp.slice(13),
})

/** The smallest stamp of `node` that is after `stamp` (or at `ms`, when that is later). */
export function stampAfter(stamp: string | undefined, ms: number, node: string): string {
  if (stamp === undefined) return formatStamp(ms, 0, node)
  const last = parseStamp(stamp)
  if (ms > last.ms) return formatStamp(ms, 0, node)
  return last.counter < MAX_STAMP_COUNTER
    ? formatStamp(last.ms, last.counter + 1, node)
    : formatStamp(last.ms + 1, 0, node)
}

/** Code-unit order, the only order of text in tidings: `localeCompare` depends on the reader's language. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
