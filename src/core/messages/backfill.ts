import type { ClientFrame, ServerFrames } from '../../protocol/index.js'
import type { TidingsError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Gap } from '../message.js'
import type { Clock } from '../seams/clock.js'
import type { Random } from '../seams/random.js'
import type { Keeper } from './keeper.js'
import { rangeOfPage, readable } from './page.js'

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
  type Answer = (page: ServerFrames['sync_response'] | null) => void
  const answers = new Map<string, Answer>()

  function ask(cursor: string): Promise<ServerFrames['sync_response'] | null> {
    const id = parts.random.id()
    return new Promise((resolve) => {
      const cancel = parts.clock.after(LIMITS.pageTimeoutMs, () => answer(null))
      const answer: Answer = (page) => {
        cancel()
        answers.delete(id)
        resolve(page)
      }
      answers.set(id, answer)
      const limit = LIMITS.windowMessages
      if (!parts.send({ type: 'sync_request', id, room, cursor, dir: 'backward', limit })) answer(null)
    })
  }

  return {
    async fetch(gap) {
      const range = gap ? keeper.ranges().find((held) => held.after === gap.before - 1) : keeper.lowest()
      if (!range?.afterCursor) return false
      const page = await ask(range.afterCursor)
      if (!page) return false
      const covered = rangeOfPage(page, { seq: range.after, cursor: range.afterCursor })
      // A page that covers nothing, or reaches above what was asked, would only claim what is not there.
      if (covered.after >= covered.upTo && page.hasMore) return false
      await keeper.insert(covered, readable(room, page.messages, parts.onError))
      return true
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
