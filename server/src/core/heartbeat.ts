import { LONGEST_TIMER_MS, type ServerLimits } from './limits.js'
import type { Clock } from './seams.js'

/** Watches whether a peer is alive: any inbound frame counts. One timer. */
export interface Heartbeat {
  heard(): void
  /** When that was last, ms since the epoch. */
  readonly heardAt: number
  stop(): void
}

export function createHeartbeat(options: {
  readonly clock: Clock
  readonly limits: ServerLimits
  readonly ping: () => void
  readonly dead: () => void
}): Heartbeat {
  const { clock, limits, ping, dead } = options
  let heardAt = clock.now()
  let pinged = false
  let cancel = () => {}

  const wait = (ms: number) => {
    cancel = clock.after(ms, look)
  }
  const look = () => {
    if (pinged) {
      dead()
      return
    }
    // The wall clock may have gone back: then silence is counted anew, instead of waiting until the clock has caught up.
    heardAt = Math.min(heardAt, clock.now())
    const leftMs = heardAt + limits.pingIntervalMs - clock.now()
    if (leftMs > 0) {
      wait(leftMs)
      return
    }
    pinged = true
    ping()
    wait(limits.pingTimeoutMs)
  }
  wait(limits.pingIntervalMs)
  return {
    heard() {
      heardAt = clock.now()
      if (!pinged) return
      pinged = false
      cancel()
      wait(limits.pingIntervalMs)
    },
    get heardAt() {
      return heardAt
    },
    stop() {
      cancel()
    },
  }
}

/** Tells that a token is about to end, then that it has. One timer. */
export interface Expiry {
  /** The token now ends then; undefined means never. */
  set(expiresAt: number | undefined): void
  stop(): void
}

export function createExpiry(options: {
  readonly clock: Clock
  readonly limits: ServerLimits
  readonly expiring: () => void
  readonly expired: () => void
}): Expiry {
  const { clock, limits, expiring, expired } = options
  let cancel = () => {}
  const watch = (expiresAt: number, warned: boolean) => {
    const leftMs = expiresAt - clock.now()
    if (leftMs <= 0) {
      expired()
      return
    }
    const warnInMs = leftMs - limits.tokenWarningMs
    if (!warned && warnInMs <= 0) expiring()
    const told = warned || warnInMs <= 0
    cancel = clock.after(Math.min(told ? leftMs : warnInMs, LONGEST_TIMER_MS), () => watch(expiresAt, told))
  }
  return {
    set(expiresAt) {
      cancel()
      if (expiresAt !== undefined) watch(expiresAt, false)
    },
    stop() {
      cancel()
    },
  }
}
