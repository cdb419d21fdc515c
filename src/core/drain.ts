import { LIMITS } from './limits.js'
import type { Role } from './messages/claims.js'
import type { Clock } from './seams/clock.js'
import type { Lifecycle } from './seams/lifecycle.js'
import type { Locks } from './seams/locks.js'

export interface DrainParts {
  /** Absent where contexts cannot exclude each other: then every one of them sends, by claims. */
  readonly locks: Locks | undefined
  readonly lifecycle: Lifecycle
  readonly clock: Clock
  /** Nobody looks at the page: then nothing is taken from others by force. */
  readonly isHidden: () => boolean
  /** Of the lock. */
  readonly name: string
  /** How this context takes part in sending from now on. */
  readonly play: (role: Role) => void
  /** It sends alone now, or does not any more: written down, so that whoever still believes the same is told better by the disk. */
  readonly lead: (on: boolean) => void
  /** Whether something is due that is left to another context. */
  readonly yields: () => boolean
}

/**
 * Which of the contexts of a profile sends what all of them wrote: the one that holds a lock. It is asked for only while welcomed, since
 * who is not connected must not keep others from sending, and let go of when the page is frozen or goes.
 */
export interface Drain {
  welcomed(): void
  down(): void
  /** Something is due and left to another context. */
  yielded(): void
  /** Another context sent something, or heard what became of it. */
  moved(): void
  /** The disk says that another context leads. */
  deposed(): void
}

export function createDrain(parts: DrainParts): Drain {
  const { locks, clock } = parts
  let leads = false
  /** Lets go of the lock, or of the place in its queue. */
  let leave: (() => void) | undefined
  let stopListening: (() => void) | undefined
  /** Waits for the others to do something. */
  let cancelPatience: (() => void) | undefined
  /** Runs while it is too early to steal again. */
  let cancelRest: (() => void) | undefined

  function ask(steal: boolean): void {
    follow()
    leave = locks?.request(parts.name, granted, { steal, onLost: queue })
  }

  function granted(): void {
    leads = true
    forgetPatience()
    parts.lead(true)
    parts.play('alone')
  }

  function follow(): void {
    if (leads) parts.lead(false)
    leads = false
    parts.play('late')
  }

  /** From the end of the queue. */
  function queue(): void {
    leave?.()
    ask(false)
  }

  function letGo(): void {
    leave?.()
    leave = undefined
    follow()
    forgetPatience()
  }

  function forgetPatience(): void {
    cancelPatience?.()
    cancelPatience = undefined
  }

  function watch(): void {
    if (leads || parts.isHidden() || !leave || cancelPatience || !parts.yields()) return
    cancelPatience = clock.after(LIMITS.stealAfterMs, () => {
      cancelPatience = undefined
      if (!parts.yields() || parts.isHidden() || cancelRest) return
      cancelRest = clock.after(LIMITS.stealEveryMs, () => {
        cancelRest = undefined
        watch()
      })
      leave?.()
      ask(true)
    })
  }

  function listen(): () => void {
    return parts.lifecycle.listen((signal) => {
      if (signal === 'hidden') forgetPatience()
      if (signal === 'freeze' || signal === 'pagehide') letGo()
      if (signal !== 'visible' && signal !== 'resume' && signal !== 'pageshow') return
      if (!leave) queue()
      watch()
    })
  }

  return {
    welcomed() {
      if (!locks) return parts.play('shared')
      stopListening = listen()
      return queue()
    },
    down() {
      stopListening?.()
      letGo()
      cancelRest?.()
      cancelRest = undefined
      parts.play('none')
    },
    yielded: watch,
    moved() {
      if (!cancelPatience) return
      forgetPatience()
      watch()
    },
    deposed() {
      if (leads) queue()
    },
  }
}
