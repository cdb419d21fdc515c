import type { LogEntry, ServerFrames } from '../../protocol/index.js'
import { heldAfter } from './held-after.js'
import type { Keeper } from './keeper.js'
import type { StoredMessage } from './record.js'

export interface ReadingParts {
  readonly user: string
  readonly keeper: Pick<Keeper, 'window' | 'view' | 'ranges'>
}

/**
 * How far this user has read a room, and how much came since. The server counts when the room is joined; from then on it is counted
 * here. What cannot be counted, because it is not on this device, is estimated from above until it can.
 */
export interface Reading {
  /** Null before anybody said. */
  mark(): number | null
  /** Messages of others after the mark; null before the server was heard. */
  unread(): number | null
  subscribed(frame: ServerFrames['subscribed']): void
  applied(entries: readonly Pick<LogEntry, 'seq' | 'kind' | 'from'>[]): void
  /** Everything up to there was read, here or elsewhere. False when nothing moved. */
  read(upTo: number): boolean
}

/** A message that somebody else wrote and that can still be read. */
export const isOfOthers = (message: StoredMessage, user: string): boolean =>
  message.from !== user && !message.deleted

export function createReading({ user, keeper }: ReadingParts): Reading {
  let mark: number | null = null
  let unread: number | null = null
  /** Up to where `unread` counts: entries beyond it are counted as they come. */
  let counted = 0
  /** Some of what was read could not be looked at. */
  let isEstimate = false

  /** Counts what memory holds; false when it does not hold all of it. */
  function count(): boolean {
    if (mark === null || unread === null) return true
    if (mark >= counted) {
      unread = 0
      return true
    }
    const held = heldAfter(keeper, mark)
    if (!held || held.upTo < counted) return false
    unread = held.messages.filter((message) => isOfOthers(message, user)).length
    return true
  }

  function move(from: number, upTo: number): void {
    mark = upTo
    isEstimate = !count()
    if (!isEstimate || unread === null) return
    const read = heldAfter(keeper, from)?.messages ?? []
    const known = read.filter((message) => message.seq <= upTo && isOfOthers(message, user)).length
    unread = Math.max(0, Math.min(unread - known, counted - upTo))
  }

  return {
    mark: () => mark,
    unread: () => unread,
    subscribed(frame) {
      unread = frame.unread
      counted = frame.head
      // A log that came back with less was not read beyond its end.
      const own = mark === null ? null : Math.min(mark, frame.head)
      mark = frame.mark ?? own
      if (own !== null && mark !== null && own > mark) move(mark, own)
      // The server cannot know what it may not show to this user.
      else isEstimate = !count()
    },
    applied(entries) {
      for (const { seq, kind, from } of entries) {
        if (seq <= counted) continue
        counted = seq
        if ((kind === 'create' || kind === 'system') && from !== user && unread !== null && seq > (mark ?? 0))
          unread += 1
      }
      if (isEstimate || entries.some(({ kind }) => kind === 'delete')) isEstimate = !count() && isEstimate
    },
    read(upTo) {
      if (upTo <= (mark ?? 0)) return false
      move(mark ?? 0, upTo)
      return true
    },
  }
}
