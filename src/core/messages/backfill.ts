import type { ClientFrame, LogEntry, ServerFrames } from '../../protocol/index.js'
import type { TidingsError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Clock } from '../seams/clock.js'
import type { Random } from '../seams/random.js'
import type { Keeper } from './keeper.js'
import { isWithinReach, rangeOfPage, readable } from './page.js'
import type { StoredRange } from './record.js'

export interface BackfillParts {
  readonly room: string
  readonly keeper: Keeper
  readonly clock: Clock
  readonly random: Random
  readonly send: (frame: ClientFrame) => boolean
  readonly onError: (error: TidingsError) => void
}

/** A place in a room's log as the server is asked for it: the first of these that is there. */
export type Place = NonNullable<Extract<ClientFrame, { type: 'sync_request' }>['around']>

/** What came of asking for a place: the entries around it, now held; or why there are none. */
export type Surroundings = { readonly entries: readonly LogEntry[] } | 'offline' | 'not_found' | 'storage'

/** Pages of what a replica has passed over: they never move its position. */
export interface Backfill {
  /** Loads the page that ends where a range begins. False when there is nothing or it cannot be had now. */
  below(range: StoredRange): Promise<boolean>
  /** Loads the page that begins where a range ends. */
  above(range: StoredRange): Promise<boolean>
  /** Loads what lies around a place. */
  around(place: Place): Promise<Surroundings>
  /** Takes the page if it answers one of these requests. */
  take(page: ServerFrames['sync_response']): boolean
  /** Takes an error that answers one of these requests. */
  refuse(error: ServerFrames['error']): boolean
  /** The connection is over: nothing will be answered. */
  down(): void
}

type Page = ServerFrames['sync_response']

export function createBackfill(parts: BackfillParts): Backfill {
  const { room, keeper } = parts
  /** Who waits for which page; or for the code of an error, or for nothing that came. */
  type Answer = (page: Page | string | null) => void
  const answers = new Map<string, Answer>()

  /**
   * Asks, and takes the page at once, before the frames that came with it: a live operation on one of its messages must find the message
   * there, since the page shows it as it was before.
   */
  async function ask<T>(
    details: Partial<Extract<ClientFrame, { type: 'sync_request' }>>,
    place: (page: Page | string | null) => Promise<T | 'stale'> | T,
  ): Promise<T | 'stale'> {
    let answer = await askOnce(details, place)
    for (let i = 1; answer === 'stale' && i < LIMITS.stuckPages; i++) answer = await askOnce(details, place)
    return answer
  }

  function askOnce<T>(
    details: Partial<Extract<ClientFrame, { type: 'sync_request' }>>,
    place: (page: Page | string | null) => Promise<T> | T,
  ): Promise<T> {
    const id = parts.random.id()
    return new Promise((resolve, reject) => {
      const cancel = parts.clock.after(LIMITS.pageTimeoutMs, () => answer(null))
      const answer: Answer = (page) => {
        cancel()
        answers.delete(id)
        Promise.resolve(place(page)).then(resolve, reject)
      }
      answers.set(id, answer)
      const limit = LIMITS.windowMessages
      if (!parts.send({ type: 'sync_request', id, room, limit, ...details })) answer(null)
    })
  }

  const isPage = (page: Page | string | null): page is Page => typeof page === 'object' && page !== null
  const entriesOf = (page: Page) => readable(room, page.messages, parts.onError)

  return {
    async below(range) {
      const { after, afterCursor: cursor } = range
      if (cursor === null) return false
      const copy = keeper.copy()
      const taken = await ask<boolean>({ cursor, dir: 'backward' }, (page) => {
        if (!isPage(page)) return false
        const covered = rangeOfPage(page, { seq: after, cursor })
        // A page that covers nothing, or reaches above what was asked, would only claim what is not there.
        if (covered.after >= covered.upTo && page.hasMore) return false
        if (!isWithinReach(covered, page.messages.length)) return false
        return keeper.fill({ range: covered, entries: entriesOf(page), head: page.head }, copy)
      })
      return taken === true
    },
    async above({ upTo, cursor }) {
      const copy = keeper.copy()
      const taken = await ask<boolean>({ cursor, dir: 'forward' }, (page) => {
        if (!isPage(page) || page.prev !== cursor || page.cursor === null || page.seq <= upTo) return false
        const covered = { after: upTo, afterCursor: cursor, upTo: page.seq, cursor: page.cursor }
        if (!isWithinReach(covered, page.messages.length)) return false
        return keeper.fill({ range: covered, entries: entriesOf(page), head: page.head }, copy)
      })
      return taken === true
    },
    async around(around) {
      const copy = keeper.copy()
      const taken = await ask<Surroundings>({ around }, async (page) => {
        if (page === 'not_found') return 'not_found'
        if (!isPage(page) || page.cursor === null) return 'offline'
        const entries = entriesOf(page)
        const covered = rangeOfPage(page, { seq: page.seq, cursor: page.cursor })
        if (covered.after >= covered.upTo || !isWithinReach(covered, page.messages.length)) return 'not_found'
        const isBeyond = covered.after >= (keeper.window.position()?.seq ?? 0)
        const filled = await keeper.fill({ range: covered, entries, head: page.head }, copy)
        if (filled === 'stale') return filled
        if (filled) return { entries }
        return isBeyond || copy !== keeper.copy() ? 'offline' : 'storage'
      })
      return taken === 'stale' ? 'offline' : taken
    },
    take(page) {
      const answer = answers.get(page.id)
      answer?.(page)
      return answer !== undefined
    },
    refuse({ re, code }) {
      const answer = re === undefined ? undefined : answers.get(re)
      answer?.(code)
      return answer !== undefined
    },
    down() {
      for (const answer of [...answers.values()]) answer(null)
    },
  }
}
