import type { Blocks } from './blocks.js'
import { blockOf, type StoredRange } from './record.js'
import type { Row } from './rows.js'

/** What a room's record says of its blocks. */
interface Standing {
  readonly ranges: readonly StoredRange[]
  readonly peak: string
}

/** A room's newest block as this context wrote it, and how the room stood then. */
export interface Tail {
  readonly standing: Standing
  readonly number: number
  readonly rows: readonly Row[]
}

/** What goes on in a room goes into its newest block, which need not be read again as long as nobody else wrote. */
export interface Tails {
  /** The tail that holds these blocks, if there is one. Forgets it: who writes keeps what became of it. */
  take(room: string, numbers: readonly number[]): Tail | undefined
  keep(room: string, standing: Standing, written: Blocks): void
  drop(room: string): void
}

/** Whether what a block holds is known: it is the tail, or behind it, where the room has not been yet. */
const isHeld = ({ number: held, standing }: Tail, number: number): boolean =>
  number === held || (number > held && blockOf(standing.ranges.at(-1)?.upTo ?? 0) <= held)

/** Rooms that are talked in at the same time. */
const ROOMS = 32

export function createTails(): Tails {
  const tails = new Map<string, Tail>()
  return {
    take(room, numbers) {
      const tail = tails.get(room)
      tails.delete(room)
      return tail && numbers.every((number) => isHeld(tail, number)) ? tail : undefined
    },
    keep(room, standing, written) {
      const number = Math.max(...written.keys())
      const rows = written.get(number)
      if (!rows) return
      tails.set(room, { standing, number, rows })
      const oldest = tails.keys().next()
      if (tails.size > ROOMS && !oldest.done) tails.delete(oldest.value)
    },
    drop(room) {
      tails.delete(room)
    },
  }
}

/** Every write moves a range or the peak: where these are as they were, the blocks hold what they held up to the position. */
export const isUntouched = ({ standing }: Tail, now: Standing): boolean =>
  standing.peak === now.peak &&
  standing.ranges.length === now.ranges.length &&
  standing.ranges.every((range, i) => {
    const { after, upTo, cursor } = now.ranges[i] ?? {}
    return range.after === after && range.upTo === upTo && range.cursor === cursor
  })
