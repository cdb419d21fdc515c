import { freshText, isMessage } from './entry-text.js'
import type { Committed, Page, PageItem, Standing } from './seams.js'

/**
 * The newest entries of a room in which somebody is. Those who come back after a short absence are answered from here: a herd of
 * reconnecting clients reads memory, not the log.
 */
export interface Recent {
  add(committed: Committed): void
  /**
   * What a log that stands there would answer to the page after this cursor. Undefined where only the log can tell: the cursor is too
   * old, one of the two is of another past, or something between them was changed since.
   */
  after(cursor: string, standing: Pick<Standing, 'head' | 'cursor'>): Page | undefined
  /** What was told is not the room's past any more. */
  clear(): void
}

export interface RecentBounds {
  /** Entries of one room that are remembered, at most as many as a page holds. */
  readonly entries: number
  /** Characters of their bodies, all together. */
  readonly chars: number
}

const charsOf = ({ body = '' }: Committed): number => body.length

/** Pages show messages as they are now: what changed a message of the page itself makes the page the log's to write. */
const isAsItWas = ({ kind, target }: Committed, first: number): boolean =>
  isMessage(kind) || ((kind === 'react' || kind === 'unreact') && target !== undefined && target.seq < first)

const itemOf = (committed: Committed): PageItem => {
  const { seq, from, kind } = committed
  return { seq, from, kind, text: freshText(committed) }
}

export function createRecent(bounds: RecentBounds): Recent {
  let entries: Committed[] = []
  let chars = 0

  const clear = () => {
    entries = []
    chars = 0
  }
  const trim = () => {
    let gone = 0
    while (entries.length - gone > bounds.entries || chars > bounds.chars) {
      const oldest = entries[gone++]
      if (!oldest) break
      chars -= charsOf(oldest)
    }
    if (gone > 0) entries.splice(0, gone)
  }

  return {
    add(committed) {
      // Entries of a room follow each other. Where one is missing, what is here stands for another stretch.
      if (entries.at(-1)?.cursor !== committed.prev) clear()
      entries.push(committed)
      chars += charsOf(committed)
      trim()
    },
    after(cursor, { head, cursor: end }) {
      const page = { prev: cursor, cursor: end, seq: head, hasMore: false, head }
      if (cursor === end) return { items: [], ...page }
      const from = entries.findIndex(({ prev }) => prev === cursor)
      const upTo = entries.findIndex((entry) => entry.cursor === end)
      if (from < 0 || upTo < from) return undefined
      const missed = entries.slice(from, upTo + 1)
      const first = head - missed.length + 1
      if (!missed.every((entry) => isAsItWas(entry, first))) return undefined
      return { items: missed.map(itemOf), ...page }
    },
    clear,
  }
}
