import { LIMITS } from './limits.js'
import type { Clock } from './seams/clock.js'
import type { Lifecycle, LifecycleSignal } from './seams/lifecycle.js'
import type { Locks } from './seams/locks.js'

export interface VigilParts {
  /** Absent where contexts cannot know of each other: then nobody sleeps. */
  readonly locks: Locks | undefined
  readonly lifecycle: Lifecycle
  readonly clock: Clock
  /** Of the lock. */
  readonly name: string
  /** Whether something waits to be sent from here. */
  readonly isBusy: () => boolean
  /** Ends the connection, for now. */
  readonly sleep: () => void
  readonly wake: () => void
  /** The page is there again: what others told meanwhile may not have come. */
  readonly onAwake: () => void
}

/**
 * Which pages of a profile need a connection: those that somebody sees, and one. A page that is welcomed asks for a lock, one that is
 * seen takes it; whoever holds it has promised to stay. So a hidden page that waits for the lock knows of another that is connected, and
 * one that sleeps in its queue is woken when that other has gone, was frozen or lost its connection.
 */
export interface Vigil {
  /** Nobody looks at the page, as far as it was said. */
  isHidden(): boolean
  /** A connection is wanted. */
  begin(): void
  /** It is not wanted any more. */
  end(): void
  welcomed(): void
  down(): void
  /** Somebody does something here: no time to sleep. */
  stir(): void
}

const AWAKE: ReadonlySet<LifecycleSignal> = new Set(['visible', 'resume', 'pageshow'])

export function createVigil(parts: VigilParts): Vigil {
  const { locks, clock } = parts
  let isHidden = false
  let isWelcomed = false
  let sleeps = false
  let holds = false
  /** Lets go of the lock, or of the place in its queue. */
  let leave: (() => void) | undefined
  let cancelSleep: (() => void) | undefined
  let stopListening: (() => void) | undefined

  function letGo(): void {
    leave?.()
    leave = undefined
    holds = false
  }

  function ask(steal: boolean): void {
    letGo()
    // Who was robbed waits: two pages side by side must not take it from each other for ever.
    leave = locks?.request(parts.name, granted, { steal, onLost: () => ask(false) })
    doze()
  }

  function granted(): void {
    if (sleeps) return stir()
    holds = true
    return undefined
  }

  function stayUp(): void {
    cancelSleep?.()
    cancelSleep = undefined
  }

  function doze(): void {
    if (!isHidden || !isWelcomed || !leave) return stayUp()
    cancelSleep ??= clock.after(LIMITS.hiddenAfterMs, () => {
      cancelSleep = undefined
      if (holds) return
      if (parts.isBusy()) return doze()
      sleeps = true
      parts.sleep()
    })
    return undefined
  }

  function stir(): void {
    if (!sleeps) return
    sleeps = false
    letGo()
    parts.wake()
  }

  function heard(signal: LifecycleSignal): void {
    if (signal === 'visible' || signal === 'hidden') isHidden = signal === 'hidden'
    // Frozen it could keep no promise, and hear nothing in the queue.
    if (signal === 'freeze' || signal === 'pagehide') letGo()
    if (!AWAKE.has(signal)) return doze()
    stayUp()
    parts.onAwake()
    if (sleeps) stir()
    else if (isWelcomed && !holds) ask(!isHidden)
    return undefined
  }

  return {
    isHidden: () => isHidden,
    begin() {
      stopListening ??= parts.lifecycle.listen(heard)
      stir()
    },
    end() {
      stopListening?.()
      stopListening = undefined
      sleeps = false
      stayUp()
      letGo()
    },
    welcomed() {
      isWelcomed = true
      ask(!isHidden)
    },
    down() {
      isWelcomed = false
      stayUp()
      if (!sleeps) letGo()
    },
    stir,
  }
}
