import type { Clock } from '../core/seams/clock.js'

/** One direction of a connection: what is pushed arrives later, in order. */
export interface Pipe {
  push(bytes: number, deliver: () => void): void
  /** Arrives after so many ms, whatever was pushed before or after it. */
  stray(ms: number, deliver: () => void): void
  /** While on, nothing arrives, whatever the link says. What waited arrives when it is off again. */
  hold(on: boolean): void
  /** Delivers what has waited for the black hole to end. */
  resume(): void
  /** Everything on its way is lost, and all that is pushed from now on. */
  cut(): void
  /** Bytes that the black hole keeps. */
  readonly heldBytes: number
}

interface Parcel {
  readonly bytes: number
  readonly deliver: () => void
  arrived: boolean
}

/** Runs something in a microtask, or after some time. Returns its cancel. */
export function later(clock: Clock | undefined, ms: number, fn: () => void): () => void {
  if (clock !== undefined && ms > 0) return clock.after(ms, fn)
  let cancelled = false
  void Promise.resolve().then(() => cancelled || fn())
  return () => {
    cancelled = true
  }
}

/** A pipe whose parcels take `latencyMs()` each, and wait while `linkHolds()`. */
export function createPipe(
  clock: Clock | undefined,
  latencyMs: () => number,
  linkHolds: () => boolean,
): Pipe {
  const parcels: Parcel[] = []
  const cancels = new Set<() => void>()
  let whole = true
  let stands = false
  const held = () => stands || linkHolds()

  function resume(): void {
    // Deliveries may hold, cut or push: look again each time.
    while (whole && !held()) {
      const first = parcels[0]
      if (first === undefined || !first.arrived) return
      parcels.shift()
      first.deliver()
    }
  }

  function arriveIn(ms: number, arrive: () => void): void {
    const cancel = later(clock, ms, () => {
      cancels.delete(cancel)
      arrive()
    })
    cancels.add(cancel)
  }

  return {
    push(bytes, deliver) {
      if (!whole) return
      const parcel: Parcel = { bytes, deliver, arrived: false }
      parcels.push(parcel)
      arriveIn(latencyMs(), () => {
        parcel.arrived = true
        resume()
      })
    },
    stray(ms, deliver) {
      if (!whole) return
      arriveIn(ms, () => {
        if (!held()) return deliver()
        parcels.push({ bytes: 0, deliver, arrived: true })
        return undefined
      })
    },
    hold(on) {
      stands = on
      resume()
    },
    resume,
    cut() {
      whole = false
      parcels.length = 0
      for (const cancel of cancels) cancel()
      cancels.clear()
    },
    get heldBytes() {
      return held() ? parcels.reduce((sum, { bytes }) => sum + bytes, 0) : 0
    },
  }
}
