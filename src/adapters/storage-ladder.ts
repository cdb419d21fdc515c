import { type Storage, StorageError, type Store } from '../core/seams/storage.js'

/** Told once, when the fallback had to be opened, and why. */
export type OnDegraded = (why: StorageError) => void

const faultOf = (error: unknown): StorageError =>
  error instanceof StorageError
    ? error
    : new StorageError('unavailable', 'The storage did not open.', { cause: error })

/**
 * Storage with a net: where the first does not open, the fallback does, from then on for every store, so that what belongs together stays
 * together. `kind` and `durable` say what is in use.
 */
export function createStorageLadder(first: Storage, fallback: Storage, onDegraded: OnDegraded): Storage {
  let used = first

  function degrade(why: StorageError): void {
    if (used === fallback) return
    used = fallback
    onDegraded(why)
  }

  return {
    get kind() {
      return used.kind
    },
    get durable() {
      return used.durable
    },
    async open(name): Promise<Store> {
      if (used === fallback) return fallback.open(name)
      try {
        return await first.open(name)
      } catch (error) {
        degrade(faultOf(error))
        return fallback.open(name)
      }
    },
    async destroy(name) {
      // What the first holds from better days goes as well, if it can.
      if (used === fallback) await first.destroy(name).catch(() => undefined)
      await used.destroy(name)
    },
  }
}
