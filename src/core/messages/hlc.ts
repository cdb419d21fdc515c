import {
  formatStamp,
  MAX_STAMP_COUNTER,
  MAX_STAMP_MS,
  NODE_LENGTH,
  parseStamp,
  STAMP_PATTERN,
} from '../../protocol/index.js'
import { TidingsError } from '../errors.js'
import type { Clock } from '../seams/clock.js'
import type { Random } from '../seams/random.js'

/** A hybrid logical clock: gives stamps that sort after everything its owner has seen, close to server time. */
export interface Hlc {
  /** A new stamp: one event, one tick. After every stamp given or observed before. */
  tick(): string
  /**
   * Takes note of a stamp, so that the next tick is after it. Only for stamps that the server has checked, and for what this profile
   * stored: there is no bound here, because a client that refuses far stamps puts its answers before what they answer.
   * Anything that is not a stamp is left alone.
   */
  observe(stamp: string): void
  /** The largest stamp given or observed: store it, observe it after a restart, and time never runs back. */
  largest(): string | undefined
}

/** What a clock is made of. */
export interface HlcParts {
  readonly clock: Clock
  /** 11 characters that no other clock of any tab or device has: `nodeName(random)`. */
  readonly node: string
  /** Server time minus local time, in ms; 0 until the server was heard. */
  readonly serverOffsetMs?: () => number
}

const NODE_PATTERN = /^[A-Za-z0-9_-]{11}$/

/** A name for a clock. A fresh one for every client instance: two tabs, or two copies of a profile, must never share one. */
export const nodeName = (random: Random): string => random.id().slice(0, NODE_LENGTH)

/** Throws a TidingsError `invalid_argument` when `node` cannot name a clock. */
export function createHlc({ clock, node, serverOffsetMs = () => 0 }: HlcParts): Hlc {
  if (!NODE_PATTERN.test(node))
    throw new TidingsError('invalid_argument', 'A clock needs a node of 11 characters A-Z a-z 0-9 _ -')
  // Numbers, because a tick counts; text is made once a tick.
  let ms = 0
  let counter = -1
  /** The largest stamp given or observed: text order is clock order. */
  let largest = ''

  /** Server time as well as it is known, as a whole number that fits a stamp whatever the device's clock says. */
  const wall = () => {
    const now = Math.floor(clock.now() + serverOffsetMs())
    return now > 0 ? Math.min(now, MAX_STAMP_MS - 1) : 0
  }

  return {
    tick() {
      const now = wall()
      if (now > ms) {
        ms = now
        counter = 0
      } else if (counter < MAX_STAMP_COUNTER) counter++
      else {
        ms++
        counter = 0
      }
      largest = formatStamp(ms, counter, node)
      return largest
    },
    observe(stamp) {
      if (stamp <= largest || !STAMP_PATTERN.test(stamp)) return
      const seen = parseStamp(stamp)
      // The last millisecond of all leaves no stamp that could follow it.
      if (seen.ms === MAX_STAMP_MS) return
      ms = seen.ms
      counter = seen.counter
      largest = stamp
    },
    largest: () => largest || undefined,
  }
}
