import type { LogEntry } from '../../protocol/index.js'
import { lastOf } from '../last-of.js'
import { LIMITS } from '../limits.js'
import type { Gap } from '../message.js'
import { clip, rangeAt, rangeBelow, type Span } from './ranges.js'
import type { StoredMessage, StoredRange } from './record.js'
import { createWindow, type Window } from './window.js'

export interface SightParts {
  readonly user: string
  /** The window that follows the room. */
  readonly newest: Window
  readonly ranges: () => readonly StoredRange[]
  /** What the disk holds of these positions. Undefined when it was cut meanwhile, and everything was read anew. */
  readonly read: (from: number, upTo: number) => Promise<readonly StoredMessage[] | undefined>
  /** Whether what leaves memory can be read again. */
  readonly isOnDisk: () => boolean
}

/**
 * What of a room is in sight of its reader: the window that follows the room, or one that stands in the past. The first is there in
 * either case, so that the way back is never longer than a tick. Neither grows without bound: what a step brings at one end goes from
 * the other. The steps read the disk; false when there is nothing to read, or when the reader was taken elsewhere meanwhile.
 */
export interface Sight {
  shown(): Window
  /** Whether the window in sight stands in the past. */
  isPast(): boolean
  /** Back to the newest end. False when it stands there. */
  leave(): boolean
  older(): Promise<boolean>
  newer(): Promise<boolean>
  /** Over the gap at the lower, or upper, end to what is held behind it. */
  overOlder(): Promise<boolean>
  overNewer(): Promise<boolean>
  /** Brings a position that is held into sight; `guest` is a message from elsewhere that is shown there. */
  open(seq: number, isWanted: () => boolean, guest?: StoredMessage): Promise<boolean>
  /** Fills one end of a gap with what is held of it. */
  within(gap: Gap, from: 'newer' | 'older'): Promise<boolean>
  /** Entries were applied: of them the past takes what concerns its messages, or lies within the span. */
  fill(entries: readonly LogEntry[], span: Span): void
  /** Lets go of what is too much at the newer end. */
  bound(): void
  /** The disk is not what it was: what is in sight is read again, if it is still there. */
  refresh(): Promise<void>
}

export function createSight(parts: SightParts): Sight {
  const { newest, ranges, read } = parts
  let past: Window | undefined
  const shown = (): Window => past ?? newest

  function createPast(from: number, upTo: number): Window {
    const window = createWindow(parts.user)
    window.reset(from, null, [], upTo)
    return window
  }

  /** Where the past meets the newest end there is one window again. */
  function join(): void {
    if (!past || past.upTo() < newest.from() - 1) return
    // What is too much for one list is come to step by step: nothing is stepped over.
    if (parts.isOnDisk() && past.size() + newest.size() > LIMITS.windowMost) {
      newest.keepNewest(LIMITS.windowMessages)
      if (past.upTo() < newest.from() - 1) return
    }
    newest.adopt(past)
    past = undefined
    if (parts.isOnDisk()) newest.keepNewest(LIMITS.windowMost)
  }

  function bound(): void {
    if (shown().size() <= LIMITS.windowMost || !parts.isOnDisk()) return
    if (!past) {
      past = createPast(newest.from(), Number.POSITIVE_INFINITY)
      past.adopt(newest)
      newest.keepNewest(LIMITS.windowMessages)
    }
    past.keepOldest(LIMITS.windowMost)
  }

  /** Reads down from below a position until a message came, or down to `lowest`. Undefined when it is of no use any more. */
  async function readDown(window: Window, below: number, lowest: number) {
    let from = below
    let messages: readonly StoredMessage[] = []
    while (messages.length === 0 && from > lowest) {
      const upTo = from - 1
      from = Math.max(lowest, from - LIMITS.windowMessages)
      const found = await read(from, upTo)
      if (!found || window !== shown()) return undefined
      messages = found
    }
    return { from, messages }
  }

  async function readUp(window: Window, above: number, highest: number) {
    let upTo = above
    let messages: readonly StoredMessage[] = []
    while (messages.length === 0 && upTo < highest) {
      const from = upTo + 1
      upTo = Math.min(highest, upTo + LIMITS.windowMessages)
      const found = await read(from, upTo)
      if (!found || window !== shown()) return undefined
      messages = found
    }
    return { upTo, messages }
  }

  async function down(below: number, lowest: number): Promise<boolean> {
    const window = shown()
    const step = await readDown(window, below, lowest)
    if (!step) return false
    window.extend({ after: step.from - 1, upTo: below - 1 }, step.messages)
    bound()
    return true
  }

  async function up(window: Window, above: number, highest: number): Promise<boolean> {
    const step = await readUp(window, above, Math.min(highest, newest.from() - 1))
    if (!step) return false
    window.reach({ after: above, upTo: step.upTo }, step.messages)
    if (parts.isOnDisk()) window.keepNewest(LIMITS.windowMost)
    join()
    return true
  }

  /** What fills a gap from the disk was brought by another tab, and may concern what lies below it: changes are no messages of their own there. */
  async function renew(window: Window, upTo: number): Promise<void> {
    for (const span of clip(window.spans(), { after: window.from() - 1, upTo })) {
      const found = await read(span.after + 1, span.upTo)
      if (!found || window !== shown()) return
      window.put(found, span)
    }
  }

  return {
    shown,
    isPast: () => past !== undefined,
    leave() {
      const stood = past !== undefined
      past = undefined
      return stood
    },
    async older() {
      const from = shown().from()
      const range = rangeBelow(ranges(), from)
      if (!range || from <= range.after + 1) return false
      return down(from, range.after + 1)
    },
    async newer() {
      if (!past) return false
      const range = rangeAt(ranges(), past.upTo())
      if (!range || past.upTo() >= range.upTo) return false
      return up(past, past.upTo(), range.upTo)
    },
    async overOlder() {
      const from = shown().from()
      const below = lastOf(ranges(), (range) => range.upTo < from)
      return below ? down(below.upTo + 1, below.after + 1) : false
    },
    async overNewer() {
      if (!past) return false
      const upTo = past.upTo()
      const above = ranges().find((range) => range.after >= upTo)
      return above ? up(past, above.after, above.upTo) : false
    },
    async open(seq, isWanted, guest) {
      const range = rangeAt(ranges(), seq)
      if (!range || !isWanted()) return false
      const isHere = rangeAt(shown().spans(), seq) !== undefined
      if (!isHere) {
        const from = Math.max(range.after + 1, seq - LIMITS.windowMessages / 2)
        const upTo = Math.min(range.upTo, from + LIMITS.windowMessages - 1)
        const isAhead = seq >= newest.from()
        // What another tab brought is on the disk, and not in memory.
        const isHeld = rangeAt(newest.spans(), seq) !== undefined
        const messages = isHeld ? [] : await read(from, upTo)
        if (!messages || !isWanted()) return false
        past = isAhead ? undefined : createPast(from, Math.min(upTo, newest.from() - 1))
        if (!isHeld) shown().put(messages, { after: from - 1, upTo })
        if (past && newest.size() + messages.length <= LIMITS.windowMost) join()
      }
      if (guest) shown().admit(guest)
      return true
    },
    async within(gap, end) {
      const window = shown()
      const range = rangeAt(ranges(), end === 'newer' ? gap.before - 1 : gap.after + 1)
      if (!range) return false
      const [lowest, highest] = [Math.max(gap.after, range.after) + 1, Math.min(gap.before - 1, range.upTo)]
      const down = end === 'newer' ? await readDown(window, highest + 1, lowest) : undefined
      const up = end === 'older' ? await readUp(window, lowest - 1, highest) : undefined
      if (down) window.put(down.messages, { after: down.from - 1, upTo: highest })
      if (up) window.put(up.messages, { after: lowest - 1, upTo: up.upTo })
      if (!down && !up) return false
      await renew(window, gap.after)
      bound()
      return true
    },
    fill: (entries, span) => past?.fill(entries, span),
    bound,
    async refresh() {
      const before = past
      if (!before) return
      const upTo = Math.min(before.upTo(), newest.from() - 1)
      const from = before.from()
      const held = rangeAt(ranges(), from) ? clip(ranges(), { after: from - 1, upTo }) : []
      const end = held.at(-1)?.upTo
      const messages = end === undefined ? undefined : await read(from, end)
      if (past !== before) return
      past = messages && end !== undefined ? createPast(from, end) : undefined
      for (const span of held) past?.put(messages ?? [], span)
    },
  }
}
