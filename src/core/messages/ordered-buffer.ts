import { STAMP_PATTERN, stampMs, WIRE } from '../../protocol/index.js'
import { TidingsError } from '../errors.js'
import type { Clock } from '../seams/clock.js'
import { createOrderedList } from './ordered-list.js'

/** An item whose time has come. */
export interface Ready<T> {
  readonly item: T
  /** It arrived after something with a greater stamp was given out: its place in an append-only stream is already written past. */
  readonly late: boolean
}

/** What an ordered buffer is made of. */
export interface OrderedBufferParts<T> {
  readonly clock: Clock
  /** The item's identity: the second arrival of an id is a repeat, whatever else it says. */
  readonly idOf: (item: T) => string
  /** The item's stamp, well formed. */
  readonly stampOf: (item: T) => string
  /**
   * Takes what is ready, in stamp order. What it throws reaches the caller of `add` or `flush`, or, when time made the batch ready, the
   * platform; the buffer is in order by then, and the batch counts as given out.
   */
  readonly onReady: (batch: readonly Ready<T>[]) => void
  /** Takes an unknown id that is older than what is remembered (see `remember`). Without it such an item is only counted. */
  readonly onTooOld?: (item: T) => void
  /**
   * How long an item waits for earlier ones, from its *arrival*; at most a tenth longer. 10 ms at least, 2 s unless told: every message
   * pays it, and it covers a retransmission on a bad mobile network. No wait covers an author who was offline: those come flagged.
   */
  readonly holdBackMs?: number
  /**
   * Server time, ms since the epoch, or undefined while it is not known. With it, a stamp that is ahead of server time waits until
   * server time has reached it, 60 s at most, so that one fast clock does not make everybody else late. Without it only arrivals count.
   */
  readonly serverNow?: () => number | undefined
  /**
   * How many ids are remembered, those with the greatest stamps; 10,000 unless told. An unknown id below all of them may be a repeat:
   * it is never given to `onReady`, so that nothing ever comes twice.
   */
  readonly remember?: number
  /** How many items may wait; 10,000 unless told. Past it the earliest go out before their time; none is dropped. */
  readonly capacity?: number
}

/** One stream's hold-back: a buffer a room, never one for all. */
export interface OrderedBuffer<T> {
  /**
   * Takes an item; false for a repeat, for one too old to tell, and after `stop`. Throws a TidingsError `invalid_argument` when the stamp
   * is none.
   */
  add(item: T): boolean
  /** How many wait. */
  readonly held: number
  /** How many were too old to tell. */
  readonly tooOld: number
  /** Gives out all that waits, now. */
  flush(): void
  /** Ends the timer and forgets all that waits; flush first to have it. */
  stop(): void
}

interface Entry<T> {
  readonly key: string
  readonly id: string
  readonly stamp: string
  readonly item: T
  readonly late: boolean
  /** How often it was put back because its stamp is ahead of server time. */
  rounds: number
}

// Age is counted in tenths of the hold-back instead of by the wall clock, which may jump.
const SLICES = 10

/**
 * Puts a stream in stamp order by holding every item back for a while, for consumers that can only append: files, feeds, speech. A page
 * that can insert should not wait: it shows what comes at its place at once, as timelines do.
 */
export function createOrderedBuffer<T>(parts: OrderedBufferParts<T>): OrderedBuffer<T> {
  const { clock, idOf, stampOf, onReady, onTooOld, serverNow } = parts
  const { holdBackMs = 2_000, remember = 10_000, capacity = 10_000 } = parts
  if (!(holdBackMs >= 0 && remember >= 0 && capacity >= 1))
    throw new TidingsError('invalid_argument', 'holdBackMs and remember are numbers from 0, capacity from 1')
  const sliceMs = Math.max(1, holdBackMs / SLICES)
  const held = createOrderedList<Entry<T>>((entry) => entry.key)
  const memory = createMemory(Math.max(remember, capacity))
  // Arrivals by age, the newest slice last.
  let slices: Entry<T>[][] = []
  let cancel: (() => void) | undefined
  let slicedAt = 0
  let emitted = ''
  let tooOld = 0
  let stopped = false

  /** Takes the oldest `count` out and hands them over: always the last thing that a function does, for it may throw or call back. */
  const release = (count: number) => {
    if (count === 0) return
    const batch = held.takeFirst(count)
    const last = batch[batch.length - 1]
    if (last !== undefined && last.key > emitted) emitted = last.key
    onReady(batch.map(({ item, late }) => ({ item, late })))
  }

  const waitsForServerTime = (entry: Entry<T>): boolean => {
    const now = serverNow?.()
    return now !== undefined && stampMs(entry.stamp) > now && entry.rounds * holdBackMs < WIRE.stampAheadMs
  }

  /** Lets a slice pass (more when the timer came late) and releases up to the greatest item whose wait is over. */
  const pass = () => {
    // A timer of a hidden tab comes late: several slices at once. A wall clock that jumped back must not stretch the wait.
    const now = clock.now()
    const passed = Math.min(Math.floor((now - slicedAt) / sliceMs), SLICES + 1)
    slicedAt = passed >= 1 && passed <= SLICES ? slicedAt + passed * sliceMs : now
    const again: Entry<T>[] = []
    let line = ''
    for (let i = 0; i < Math.max(1, passed); i++) slices.push([])
    while (slices.length > SLICES + 1) {
      for (const entry of slices.shift() ?? []) {
        if (held.get(entry.key) !== entry) continue
        if (!waitsForServerTime(entry)) line = entry.key > line ? entry.key : line
        else {
          entry.rounds++
          again.push(entry)
        }
      }
    }
    slices[slices.length - 1]?.push(...again)
    const count = line === '' ? 0 : held.countBefore(line) + 1
    if (held.size > count) cancel = clock.after(sliceMs, pass)
    else rest()
    release(count)
  }

  const rest = () => {
    cancel?.()
    cancel = undefined
    slices = []
  }

  const hold = (entry: Entry<T>) => {
    held.add(entry)
    if (cancel === undefined) {
      slices = [[]]
      slicedAt = clock.now()
      cancel = clock.after(sliceMs, pass)
    }
    slices[slices.length - 1]?.push(entry)
  }

  return {
    add(item) {
      if (stopped) return false
      const id = idOf(item)
      const stamp = stampOf(item)
      if (!STAMP_PATTERN.test(stamp))
        throw new TidingsError(
          'invalid_argument',
          `An ordered buffer needs stamps; the item "${id}" has none`,
        )
      const key = stamp + id
      const verdict = memory.meet(id, key)
      if (verdict === 'unsure') {
        tooOld++
        onTooOld?.(item)
      }
      if (verdict !== 'new') return false
      hold({ key, id, stamp, item, late: key < emitted, rounds: 0 })
      if (held.size > capacity) release(Math.ceil(capacity / SLICES))
      return true
    },
    get held() {
      return held.size
    },
    get tooOld() {
      return tooOld
    },
    flush() {
      rest()
      release(held.size)
    },
    stop() {
      stopped = true
      rest()
      held.clear()
    },
  }
}

/** The ids with the greatest stamps, and a line below which an unknown id may have been here before. */
function createMemory(limit: number) {
  const ids = new Set<string>()
  const byStamp = createOrderedList<{ readonly key: string; readonly id: string }>(({ key }) => key)
  let line = ''
  return {
    meet(id: string, key: string): 'new' | 'repeat' | 'unsure' {
      if (ids.has(id)) return 'repeat'
      if (key <= line) return 'unsure'
      ids.add(id)
      byStamp.add({ key, id })
      if (byStamp.size > limit)
        // A block at a time: what is forgotten one by one costs a search each.
        for (const forgotten of byStamp.takeFirst(Math.ceil(limit / SLICES))) {
          ids.delete(forgotten.id)
          line = forgotten.key
        }
      return 'new'
    },
  }
}
