import { createEmitter, type OnThrow } from './emitter.js'
import { LIMITS } from './limits.js'
import type { Message } from './message.js'

/** Those who want every message of a room. The room is followed as long as there is one. */
export interface Arrivals {
  areWanted(): boolean
  /** What comes next follows this position; `cuts` is how often the device's copy was cut back so far. */
  from(after: number, cuts: number): void
  /** Tells of a message that was not told. */
  tell(message: Message): void
  /** The server lost what stood behind this position: what stands there now is new. */
  cutBack(end: number): void
  listen(listener: (message: Message) => void): () => void
  clear(): void
}

export function createArrivals(onThrow: OnThrow, hold: () => () => void): Arrivals {
  const emitter = createEmitter<{ message: Message }>(onThrow)
  let listening = 0
  /**
   * What was told last: a room may be read again, and a lost message comes back at another position. Those before go as a whole: letting
   * go of one at a time costs more than telling.
   */
  let told = new Set<string>()
  let toldBefore = told
  /** The highest position of each. */
  let upTo = 0
  let upToBefore = 0
  /** What stands up to here was told too long ago to be remembered, or was there before anybody listened. */
  let passed: number | undefined
  let lastCuts = 0

  function remember(id: string, seq: number): void {
    if (told.size >= LIMITS.arrivalsRemembered) {
      passed = Math.max(passed ?? 0, upToBefore)
      toldBefore = told
      upToBefore = upTo
      told = new Set()
    }
    told.add(id)
    upTo = Math.max(upTo, seq)
  }
  /** What stands behind this is new, however far the room had come. */
  function fallBack(end: number): void {
    if (passed === undefined) return
    passed = Math.min(passed, end)
    upTo = Math.min(upTo, end)
    upToBefore = Math.min(upToBefore, end)
  }

  return {
    areWanted: () => listening > 0,
    from(after, cuts) {
      // Another tab fell back. A copy that was dropped or emptied begins at 0, and holds nothing new.
      if (cuts > lastCuts && after > 0) fallBack(after)
      lastCuts = cuts
      passed ??= after
    },
    tell(message) {
      const { id, seq } = message
      if (seq === null || seq <= (passed ?? 0) || told.has(id) || toldBefore.has(id)) return
      remember(id, seq)
      emitter.emit('message', message)
    },
    cutBack: fallBack,
    listen(listener) {
      const stop = emitter.on('message', listener)
      const release = hold()
      listening += 1
      let stopped = false
      return () => {
        if (stopped) return
        stopped = true
        stop()
        release()
        listening -= 1
      }
    },
    clear: emitter.clear,
  }
}
