import { LIMITS } from './limits.js'
import type { Clock } from './seams/clock.js'

/** Who needs something, counted; it outlives the last one a little, so that a component that mounts again finds it as it was. */
export interface Holding {
  /** Needs it until the returned function is called. */
  hold(): () => void
  isHeld(): boolean
  /** Stops lingering. */
  stop(): void
}

/** `onHeld` hears of the first holder and, after the lingering, of the last one's end. */
export function createHolding(clock: Clock, onHeld: (held: boolean) => void): Holding {
  let holders = 0
  let cancelLinger: (() => void) | undefined

  function release(): void {
    holders -= 1
    if (holders > 0) return
    cancelLinger = clock.after(LIMITS.lingerMs, () => {
      cancelLinger = undefined
      onHeld(false)
    })
  }

  return {
    hold() {
      cancelLinger?.()
      cancelLinger = undefined
      holders += 1
      if (holders === 1) onHeld(true)
      let released = false
      return () => {
        if (released) return
        released = true
        release()
      }
    },
    isHeld: () => holders > 0 || cancelLinger !== undefined,
    stop() {
      cancelLinger?.()
      cancelLinger = undefined
    },
  }
}
