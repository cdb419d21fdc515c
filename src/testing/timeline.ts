import type { Clock } from '../core/seams/clock.js'
import { macrotask } from './macrotask.js'

/** How a timeline starts and how patient it is. */
export interface TimelineOptions {
  /** Wall time at the start, in ms since the epoch. A fixed day in 2026 unless given, so that traces repeat. */
  readonly startMs?: number
  /**
   * Turns of the real event loop between two timers and when settling; 8 unless given. One is enough for everything made of promises;
   * parts that schedule by themselves, such as an IndexedDB in memory, need some.
   */
  readonly turns?: number
}

/** A clock of one client on a shared timeline: its wall time may differ and jump, its elapsed time is everybody's. */
export interface TimelineClock extends Clock {
  /** Moves this clock's wall time by `ms`, either way. No timer notices. */
  jump(ms: number): void
}

/** Virtual time for everything in one test. Nothing ever waits for real time. */
export interface Timeline {
  /** A clock whose wall time is `offsetMs` ahead of the timeline's. */
  clock(offsetMs?: number): TimelineClock
  /** Wall time of the timeline in ms since the epoch. */
  now(): number
  /** Timers that wait. 0 after everything was destroyed. */
  readonly pending: number
  /**
   * Moves time on by `ms`. Runs the timers that fall due in the order of their times, then of their making; lets every promise chain run
   * out before the first, between any two and after the last. What a timer throws rejects the advance, with time standing at that timer.
   * Calls made meanwhile wait for their turn.
   */
  advance(ms: number): Promise<void>
  /** Lets every promise chain and every timer that is due already run out. Time does not move. */
  settle(): Promise<void>
}

interface Timer {
  readonly atMs: number
  /** Timers of one moment run in the order of their making. */
  readonly order: number
  readonly fn: () => void
}

const START_MS = Date.UTC(2026, 0, 5, 9)
/** More timers than this at one moment is a loop that never lets time pass. */
const TIMERS_AT_ONCE = 100_000

/** A new timeline at `startMs`, with no timers. */
export function createTimeline({ startMs = START_MS, turns = 8 }: TimelineOptions = {}): Timeline {
  let elapsedMs = 0
  let made = 0
  /** In the order in which they will run. */
  const timers: Timer[] = []
  let busy: Promise<unknown> = Promise.resolve()

  /** Where a timer stands, or belongs. */
  function placeOf({ atMs, order }: Timer): number {
    let low = 0
    let high = timers.length
    while (low < high) {
      const middle = (low + high) >> 1
      const other = timers[middle]
      if (other !== undefined && (other.atMs < atMs || (other.atMs === atMs && other.order < order)))
        low = middle + 1
      else high = middle
    }
    return low
  }

  function after(ms: number, fn: () => void): () => void {
    const timer: Timer = { atMs: elapsedMs + (ms > 0 ? ms : 0), order: made++, fn }
    timers.splice(placeOf(timer), 0, timer)
    return () => {
      const at = placeOf(timer)
      if (timers[at] === timer) timers.splice(at, 1)
    }
  }

  async function drain(): Promise<void> {
    for (let turn = 0; turn < turns; turn++) await macrotask()
  }

  async function runUntil(targetMs: number): Promise<void> {
    let atOnce = 0
    await drain()
    for (let next = timers[0]; next !== undefined && next.atMs <= targetMs; next = timers[0]) {
      timers.shift()
      atOnce = next.atMs > elapsedMs ? 0 : atOnce + 1
      if (atOnce > TIMERS_AT_ONCE)
        throw new Error('time stands still: timers of no length keep making each other')
      elapsedMs = Math.max(elapsedMs, next.atMs)
      next.fn()
      await drain()
    }
    elapsedMs = Math.max(elapsedMs, targetMs)
  }

  function inTurn(run: () => Promise<void>): Promise<void> {
    const done = busy.then(run)
    busy = done.catch(() => undefined)
    return done
  }

  return {
    clock(offsetMs = 0) {
      let offset = offsetMs
      return {
        now: () => Math.floor(startMs + elapsedMs + offset),
        after,
        jump(ms) {
          offset += ms
        },
      }
    },
    now: () => Math.floor(startMs + elapsedMs),
    get pending() {
      return timers.length
    },
    advance: (ms) => inTurn(() => runUntil(elapsedMs + (ms > 0 ? ms : 0))),
    settle: () => inTurn(() => runUntil(elapsedMs)),
  }
}
