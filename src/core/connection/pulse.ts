import * as LIMITS from '../limits.js'
import type { Clock } from '../seams/clock.js'

/** Why a transport is asked for a sign of life: the server is silent, or this device woke, moved or slept. */
export type Doubt = 'silence' | 'wake'

/** What a pulse measures with and whom it tells. Every function is called from the timer or from a call into the pulse. */
export interface PulseOptions {
  readonly clock: Clock
  /** Silence that is longer than this is doubted, in ms. */
  readonly silenceMs: number
  /** Whether somebody waits for room in the transport. */
  readonly crowded: () => boolean
  /** Time to look for room. */
  readonly onLook: () => void
  /** Time to ask for a sign of life. */
  readonly onPing: () => void
  /** The sign did not come. */
  readonly onDead: (doubt: Doubt) => void
  /** The slot that the server gave is here. */
  readonly onSlot: () => void
}

/** The heartbeat of a welcomed transport, and the owner of its one timer. */
export interface Pulse {
  /** Something came in: a sign of life, whatever it was. */
  heard(): void
  /** Something goes out: after a sleep, this may be the first moment to notice. */
  touched(): void
  /** Asks for a sign of life, unless it was asked for already or the transport is being left anyway. */
  probe(doubt: Doubt): void
  /** Somebody waits for room now: look soon. */
  crowd(): void
  /** The transport is left in `ms`; only the slot matters from here on. */
  leaveIn(ms: number): void
  /** Ms until the slot, where the server gave one. */
  slotLeftMs(): number | undefined
  stop(): void
}

type Wait =
  | { readonly kind: 'silence' }
  | { readonly kind: 'probe'; readonly doubt: Doubt; readonly patience: number }
  | { readonly kind: 'slot' }
  | { readonly kind: 'over' }

/**
 * A pulse that starts to listen at once. Lengths are counted in elapsed time: what a timer took is what it was set to. The wall clock is
 * only compared with that, and where the two disagree the device slept, was throttled or had its clock set, so the answer is to ask.
 */
export function createPulse(options: PulseOptions): Pulse {
  const { clock, silenceMs } = options
  let wait: Wait = { kind: 'silence' }
  let leftMs = silenceMs
  let armed = { at: clock.now(), ms: 0, cancel: () => {} }
  let heardAt = armed.at

  /** What has passed since the timer was set, so far as the wall clock can be believed. */
  const passedMs = (): number => Math.min(armed.ms, Math.max(0, clock.now() - armed.at))

  const leftNow = (): number => leftMs - passedMs()

  function arm(ms: number): void {
    armed.cancel()
    leftMs = ms
    const timerMs = options.crowded() ? Math.min(LIMITS.drainPollMs, ms) : ms
    armed = { at: clock.now(), ms: timerMs, cancel: clock.after(timerMs, fired) }
  }

  function fired(): void {
    const odd = Math.abs(clock.now() - armed.at - armed.ms) > LIMITS.lateTimerMs
    leftMs -= armed.ms
    armed.ms = 0
    const before = wait
    options.onLook()
    // Looking told the owner, who may have done anything.
    if (wait !== before) return
    if (leftMs <= 0) due(odd)
    else if (odd && wait.kind === 'silence') doubt('wake', 1)
    else arm(leftMs)
  }

  function due(odd: boolean): void {
    if (wait.kind === 'silence') doubt(odd ? 'wake' : 'silence', 1)
    // A timer that comes late says that this page did not run, not that the server is gone. Believed once.
    else if (wait.kind === 'probe' && odd && wait.patience > 0) doubt(wait.doubt, wait.patience - 1)
    else if (wait.kind === 'probe') options.onDead(wait.doubt)
    else if (wait.kind === 'slot') options.onSlot()
  }

  function doubt(why: Doubt, patience: number): void {
    wait = { kind: 'probe', doubt: why, patience }
    arm(LIMITS.probeTimeoutMs)
    options.onPing()
  }

  /** By the wall clock, the last sign of life is in the future or further back than a timer would have let it be. */
  function slept(): boolean {
    const silent = clock.now() - heardAt
    return silent < -LIMITS.lateTimerMs || silent > silenceMs + LIMITS.lateTimerMs
  }

  function probe(why: Doubt): void {
    if (wait.kind === 'silence') doubt(why, 1)
  }

  arm(silenceMs)
  return {
    heard() {
      // What comes in after a sleep may have waited in this device all along; what comes after a probe is believed.
      const doubtful = wait.kind === 'silence' && slept()
      heardAt = clock.now()
      if (wait.kind === 'slot') return
      if (doubtful) doubt('wake', 1)
      // The timer goes on, and what it leaves is waited for then: most frames come long before.
      else if (wait.kind === 'silence') leftMs = silenceMs + passedMs()
      else {
        wait = { kind: 'silence' }
        arm(silenceMs)
      }
    },
    touched() {
      if (slept()) probe('wake')
    },
    probe,
    crowd() {
      arm(leftNow())
    },
    leaveIn(ms) {
      wait = { kind: 'slot' }
      arm(ms)
    },
    slotLeftMs: () => (wait.kind === 'slot' ? leftNow() : undefined),
    stop() {
      armed.cancel()
      wait = { kind: 'over' }
    },
  }
}
