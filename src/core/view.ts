import { createCell, type OnThrow } from './emitter.js'
import { perTick } from './per-tick.js'
import type { Readable } from './seams/readable.js'

/** A Readable whose value is computed when it is asked for, once per change. */
export interface View<T> extends Readable<T> {
  /** The value may have changed. Listeners are told once a tick, however often this is called. */
  readonly touch: () => void
}

/** `compute` is given the last value and may return it again: then nobody is told. `onWatched` hears of the first and the last listener. */
export function createView<T>(
  compute: (last: T | undefined) => T,
  onThrow: OnThrow,
  onWatched: (watched: boolean) => void = () => undefined,
): View<T> {
  let value: { readonly current: T } | undefined
  let dirty = true
  const told = createCell<T | undefined>(undefined, onThrow)

  const get = (): T => {
    if (!value || dirty) {
      dirty = false
      value = { current: compute(value?.current) }
    }
    return value.current
  }

  // One batch, one notification: what else changes in this tick is told with it.
  const tell = perTick<void>(() => {
    if (told.listeners() > 0) told.set(get())
  })

  return {
    get,
    touch() {
      dirty = true
      if (told.listeners() > 0) tell()
    },
    subscribe(listener) {
      if (told.listeners() === 0) {
        told.set(get())
        onWatched(true)
      }
      const stop = told.subscribe(listener)
      let stopped = false
      return () => {
        if (stopped) return
        stopped = true
        stop()
        if (told.listeners() > 0) return
        // What was told last may be a long list, and nobody looks at it any more.
        told.set(undefined)
        onWatched(false)
      }
    },
  }
}
