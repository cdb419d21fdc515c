import type { ClientFrame, ServerFrames } from '../../protocol/index.js'
import type { TidingsError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Gap } from '../message.js'
import type { Clock } from '../seams/clock.js'
import type { Random } from '../seams/random.js'
import type { Keeper } from './keeper.js'
import { rangeOfPage, readable } from './page.js'
import type { Position } from './ranges.js'

export interface BackfillParts {
  readonly room: string
  readonly keeper: Keeper
  readonly clock: Clock
  readonly random: Random
  readonly send: (frame: ClientFrame) => boolean
  readonly onError: (error: TidingsError) => void
}

/** Pages below what a replica holds: they never move its position. */
export interface Backfill {
  /** Loads one page below a gap, or below the window (null). False when there is nothing or it cannot be had now. */
  fetch(gap: Gap | null): Promise<boolean>
  /** Takes the page if it answers one of these requests. */
  take(page: ServerFrames['sync_response']): boolean
  /** The connection is over: nothing will be answered. */
  down(): void
}

export function createBackfill(parts: BackfillParts): Backfill {
  const { room, keeper } = parts
  /** Who waits for which page. Null: none came. */
  type Answer = (page: ServerFrames['sync_response'] | null) => void
  const answers = new Map<string, Answer>()

  /**
   * Takes a page at once, before the frames that came with it: a live operation on one of its messages must find the message there,
   * since the page shows it as it was before.
   */
  async function place(upper: Position, page: ServerFrames['sync_response'] | null): Promise<boolean> {
    if (!page) return false
    const covered = rangeOfPage(page, upper)
    // A page that covers nothing, or reaches above what was asked, would only claim what is not there.
    if (covered.after >= covered.upTo && page.hasMore) return false
    await keeper.insert(covered, readable(room, page.messages, parts.onError))
    return true
  }

  return {
    fetch(gap) {
      const range = gap ? keeper.ranges().find((held) => held.after === gap.before - 1) : keeper.lowest()
      const cursor = range?.afterCursor
      if (!range || !cursor) return Promise.resolve(false)
      const upper = { seq: range.after, cursor }
      const id = parts.random.id()
      return new Promise((resolve, reject) => {
        const cancel = parts.clock.after(LIMITS.pageTimeoutMs, () => answer(null))
        const answer: Answer = (page) => {
          cancel()
          answers.delete(id)
          place(upper, page).then(resolve, reject)
        }
        answers.set(id, answer)
        const limit = LIMITS.windowMessages
        if (!parts.send({ type: 'sync_request', id, room, cursor, dir: 'backward', limit })) answer(null)
      })
    },
    take(page) {
      const answer = answers.get(page.id)
      answer?.(page)
      return answer !== undefined
    },
    down() {
      for (const answer of [...answers.values()]) answer(null)
    },
  }
}
