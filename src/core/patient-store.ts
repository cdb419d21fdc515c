import { LIMITS } from './limits.js'
import { within } from './patience.js'
import type { Clock } from './seams/clock.js'
import { StorageError, type Store } from './seams/storage.js'

export interface PatientStoreParts {
  readonly store: Store
  readonly clock: Clock
  /**
   * Writes as well: only where nothing is lost when a write that was given up is done all the same. What is refused goes on in memory
   * either way, so a list does not wait for a disk.
   */
  readonly writesToo: boolean
  /** The store does not answer; it answers again. */
  readonly onStuck: (stuck: boolean) => void
}

/**
 * A store that is not waited for. A page that is frozen inside a transaction keeps others waiting for as long as it is: a call that takes
 * longer than 3 s is given up with `timeout`, and until the disk has answered it, all others are refused at once.
 */
export function createPatientStore({ store, clock, writesToo, onStuck }: PatientStoreParts): Store {
  let stuck = 0

  function call<T>(run: () => Promise<T>): Promise<T> {
    if (stuck > 0)
      return Promise.reject(
        new StorageError('timeout', 'The storage has not answered what it was asked before.'),
      )
    return within(clock, LIMITS.openTimeoutMs, run(), (settled) => {
      stuck += 1
      if (stuck === 1) onStuck(true)
      void settled.then(() => {
        stuck -= 1
        if (stuck === 0) onStuck(false)
      })
    })
  }

  return {
    ...store,
    read: (keys) => call(() => store.read(keys)),
    scan: (...ranges) => call(() => store.scan(...ranges)),
    transact: (keys, fn, durability) =>
      writesToo ? call(() => store.transact(keys, fn, durability)) : store.transact(keys, fn, durability),
  }
}
