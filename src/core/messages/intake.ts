import type { LogEntry } from '../../protocol/index.js'
import type { Excerpt } from './log.js'
import { endAt, type Position } from './ranges.js'
import type { RoomDisk } from './room-disk.js'
import { copyOf } from './room-state.js'
import type { Sight } from './sight.js'
import type { Window } from './window.js'

export interface IntakeParts {
  readonly disk: RoomDisk
  readonly window: Window
  readonly sight: Sight
  readonly queue: <T>(run: () => Promise<T>) => Promise<T>
  /** Takes the disk as it is. */
  readonly lookAgain: () => Promise<void>
  /** The window stands there now: what is on its way does not follow any more. */
  readonly stand: (position: Position) => void
  /** The window held nothing, and begins with what was written just now, at this seq. */
  readonly begin: (from: number) => void
  /** Where the window will stand when all that was taken is applied. */
  readonly ahead: () => Position | null
  readonly onApplied: (entries: readonly LogEntry[], after: number | null) => void
  readonly onFilled: (entries: readonly LogEntry[]) => void
  readonly onChange: () => void
  readonly onElsewhere: () => void
}

/** Takes pages that need not follow what is there: the newest one, and those of the past. */
export interface Intake {
  /** Takes a newest page, which need not follow. Resolves when applied; with false when it is stale. */
  insert(excerpt: Excerpt): Promise<boolean>
  /**
   * Takes a stretch of the past, which never moves the position. False when it lies beyond that, when the disk holds another `copy` by now, or
   * when the disk does not take what memory has no place for; `stale` when operations were passed that the page does not show.
   */
  fill(excerpt: Excerpt, copy: string): Promise<boolean | 'stale'>
}

export function createIntake(parts: IntakeParts): Intake {
  const { disk, window, sight, queue, lookAgain, stand, begin, ahead } = parts

  async function insert(excerpt: Excerpt): Promise<boolean> {
    const stood = window.position()
    if (!(await disk.insert(excerpt))) return false
    const { range, entries } = excerpt
    if (!stood) begin(range.after + 1)
    window.fill(entries, range)
    sight.fill(entries, range)
    // The disk may stand further, where another tab was quicker: what lies between has not come to this one.
    if (!stood || stood.seq < range.upTo) {
      const isFollowed = ahead()?.cursor !== stood?.cursor
      const position = { seq: range.upTo, cursor: range.cursor }
      window.stand(position)
      stand(position)
      if (isFollowed) parts.onElsewhere()
    }
    parts.onApplied(entries, null)
    parts.onChange()
    return true
  }

  async function fill({ range, entries, head }: Excerpt, since: string): Promise<boolean | 'stale'> {
    const position = window.position()
    if (!position || range.after >= position.seq || copyOf(disk.state()) !== since) return false
    if (position.seq > head) return 'stale'
    const within = endAt(range, position)
    const taken = entries.filter((entry) => entry.seq <= within.upTo)
    const excerpt = { range: within, entries: taken, head }
    // What touches the newest window has a place in memory; anything else is on disk or nowhere.
    const touches = within.upTo >= window.from() - 1
    const stored = touches ? (await disk.insert(excerpt)) || 'stale' : await disk.store(excerpt)
    if (stored === 'stale' || stored === 'refused') return stored === 'stale' && stored
    if (stored === 'elsewhere') await lookAgain()
    if (touches) window.extend(within, [])
    window.fill(taken, within)
    sight.fill(taken, within)
    sight.bound()
    parts.onFilled(taken)
    parts.onChange()
    return true
  }

  return {
    insert: (excerpt) => queue(() => insert(excerpt)),
    fill: (excerpt, since) => queue(() => fill(excerpt, since)),
  }
}
