import { nextTurn } from './next-turn.js'

/** A text that is longer brings a page of messages or more: several of them at once are felt. */
const HEAVY_CHARS = 8_192
/** So long heavy texts are handed over without a pause: a quarter of a frame, as what they bring is written and shown right behind them. */
const SLICE_MS = 4

/** What arrives, handed over in its order. */
export interface Inbox {
  take(chars: number, handOver: () => void): void
}

/**
 * Lets the page have a turn where much arrives at once: browsers tell of all the messages that a socket has read in one task. What is
 * light is handed over at once, unless something waits before it.
 */
export function createInbox(): Inbox {
  const waiting: (() => void)[] = []
  let sliceEndMs: number | undefined

  function begin(): void {
    sliceEndMs = performance.now() + SLICE_MS
    nextTurn(goOn)
  }

  const isOver = (): boolean => sliceEndMs !== undefined && performance.now() >= sliceEndMs

  function goOn(): void {
    sliceEndMs = undefined
    if (waiting.length === 0) return
    begin()
    while (waiting.length > 0 && !isOver()) waiting.shift()?.()
  }

  return {
    take(chars, handOver) {
      if (chars > HEAVY_CHARS && sliceEndMs === undefined) begin()
      if (waiting.length > 0 || isOver()) waiting.push(handOver)
      else handOver()
    },
  }
}
