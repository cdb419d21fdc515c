import type { Lifecycle, LifecycleSignal } from '../core/seams/lifecycle.js'

/** A page that does what the test says. */
export interface PuppetLifecycle extends Lifecycle {
  /** Tells every listener, one signal after the other, at once. */
  signal(...signals: LifecycleSignal[]): void
  /** How many listen. 0 after everything was destroyed. */
  readonly listeners: number
}

/** A lifecycle that is silent until told. */
export function createPuppetLifecycle(): PuppetLifecycle {
  const listeners = new Set<{ readonly tell: (signal: LifecycleSignal) => void }>()
  return {
    listen(fn) {
      // Wrapped, so that one function listening twice is two listeners.
      const listener = { tell: fn }
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
    signal(...signals) {
      for (const signal of signals)
        for (const listener of [...listeners]) if (listeners.has(listener)) listener.tell(signal)
    },
    get listeners() {
      return listeners.size
    },
  }
}
