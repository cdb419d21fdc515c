import type { ServerFrames } from '../../protocol/index.js'
import { readersMost } from '../limits.js'

/** How far somebody else has read a room. */
export interface Reader {
  readonly user: string
  /** Position up to which they have read every message. */
  readonly upTo: number
  /** When, ms since the epoch, server time. */
  readonly readAt: number
}

type Mark = ServerFrames['read_receipt']['readers'][number]

/** Positions (after, upTo] that somebody's mark has passed. */
export interface Passed {
  readonly after: number
  readonly upTo: number
}

/** The marks of the others. Taking them in costs a look and a write each; lists are made when they are asked for, once a change. */
export interface Readers {
  /** Merges by the larger position. Undefined when nothing moved. */
  take(marks: readonly Mark[], self: string): Passed | undefined
  /** The log came back with less: nobody has read beyond its end. Says whether that concerned anybody. */
  bound(head: number): boolean
  clear(): void
  /** Everybody, the furthest first. The same list until something moved. */
  list(): readonly Reader[]
  /** Who has read a position, in the same order. The same list for all positions between two marks. */
  of(seq: number): readonly string[]
}

/** What is made of the marks as they are now. */
interface Lists {
  readonly readers: readonly Reader[]
  readonly users: readonly string[]
  /** Marks, falling, and how many readers are at each or beyond. */
  readonly steps: readonly { readonly upTo: number; readonly count: number }[]
  readonly prefixes: Map<number, readonly string[]>
}

function listsOf(marks: Iterable<Mark>): Lists {
  // Readers stand together at few positions: those are sorted, the readers are not.
  const byPosition = new Map<number, Mark[]>()
  for (const mark of marks) {
    const there = byPosition.get(mark.upTo)
    if (there) there.push(mark)
    else byPosition.set(mark.upTo, [mark])
  }
  const readers: Reader[] = []
  const users: string[] = []
  const steps: { upTo: number; count: number }[] = []
  for (const [upTo, there] of [...byPosition].sort(([a], [b]) => b - a)) {
    for (const { readBy, readAt } of there) {
      readers.push({ user: readBy, upTo, readAt })
      users.push(readBy)
    }
    steps.push({ upTo, count: users.length })
  }
  return { readers: Object.freeze(readers), users, steps, prefixes: new Map() }
}

const NOBODY: readonly string[] = Object.freeze([])

/** How many readers are at a position or beyond. */
function countAt(steps: Lists['steps'], seq: number): number {
  let [low, high] = [0, steps.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((steps[middle]?.upTo ?? 0) >= seq) low = middle + 1
    else high = middle
  }
  return steps[low - 1]?.count ?? 0
}

export function createReaders(): Readers {
  const marks = new Map<string, Mark>()
  let made: Lists | undefined
  const lists = (): Lists => {
    made ??= listsOf(marks.values())
    return made
  }

  return {
    take(told, self) {
      let after = Number.POSITIVE_INFINITY
      let upTo = 0
      for (const mark of told) {
        const known = marks.get(mark.readBy)
        const before = known ? known.upTo : 0
        if (mark.upTo <= before || mark.readBy === self) continue
        if (!known && marks.size >= readersMost) continue
        marks.set(mark.readBy, mark)
        if (before < after) after = before
        if (mark.upTo > upTo) upTo = mark.upTo
      }
      if (upTo === 0) return undefined
      made = undefined
      return { after, upTo }
    },
    bound(head) {
      const beyond = [...marks.values()].filter((mark) => mark.upTo > head)
      for (const mark of beyond)
        if (head > 0) marks.set(mark.readBy, { ...mark, upTo: head })
        else marks.delete(mark.readBy)
      if (beyond.length > 0) made = undefined
      return beyond.length > 0
    },
    clear() {
      marks.clear()
      made = undefined
    },
    list: () => lists().readers,
    of(seq) {
      const { steps, users, prefixes } = lists()
      const count = countAt(steps, seq)
      if (count === 0) return NOBODY
      const known = prefixes.get(count)
      if (known) return known
      const prefix = Object.freeze(users.slice(0, count))
      prefixes.set(count, prefix)
      return prefix
    },
  }
}
