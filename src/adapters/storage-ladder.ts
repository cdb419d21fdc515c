import { retryDelayMs } from '../core/connection/backoff.js'
import type { Clock } from '../core/seams/clock.js'
import { type Storage, StorageError, type Store } from '../core/seams/storage.js'

/** Told once, when the fallback had to be opened, and why. */
export type OnDegraded = (why: StorageError) => void

const faultOf = (error: unknown): StorageError =>
  error instanceof StorageError
    ? error
    : new StorageError('unavailable', 'The storage did not open.', { cause: error })

/**
 * Storage with a net: where the first does not open, the fallback does, from then on for every store, so that what belongs together stays
 * together. As soon as the first opens again, every store of the fallback is lost, and whoever opens it anew is given the first's. A name
 * that was open there never falls back: what waits there must not be overtaken by what is kept elsewhere. `kind` and `durable` say what is
 * in use.
 */
export function createStorageLadder(
  first: Storage,
  fallback: Storage,
  clock: Clock,
  onDegraded: OnDegraded,
): Storage {
  let used = first
  /** Names that the first had open in this life. */
  const known = new Set<string>()
  /** Stores of the fallback that are open, with their names. */
  const held = new Map<Store, string>()
  let attempts = 0
  let cancel: (() => void) | undefined
  let climbing: Promise<void> | undefined

  function degrade(why: StorageError): void {
    if (used === fallback) return
    used = fallback
    onDegraded(why)
  }

  /** Looks whether the first opens again, as long as somebody would have something of it. */
  function wait(): void {
    if (cancel !== undefined || climbing !== undefined) return
    cancel = clock.after(retryDelayMs(attempts++, 1), () => {
      cancel = undefined
      climbing = climb().finally(() => {
        climbing = undefined
        if (held.size > 0) wait()
      })
    })
  }

  async function climb(): Promise<void> {
    try {
      // All of them: one that does not open would be without a place.
      for (const name of new Set(held.values())) await (await first.open(name)).close()
    } catch {
      return
    }
    used = first
    // At once: what belongs together goes together.
    await Promise.all([...new Set(held.values())].map((name) => fallback.destroy(name)))
  }

  async function openFallback(name: string): Promise<Store> {
    const opened = await fallback.open(name)
    const store: Store = {
      ...opened,
      isFallback: true,
      async close() {
        held.delete(store)
        await opened.close()
        if (held.size > 0) return
        cancel?.()
        cancel = undefined
        // Nothing is open any more when this is told.
        await climbing
      },
    }
    opened.onLost(() => held.delete(store))
    held.set(store, name)
    wait()
    return store
  }

  return {
    get kind() {
      return used.kind
    },
    get durable() {
      return used.durable
    },
    async open(name) {
      if (used === fallback && !known.has(name)) return openFallback(name)
      try {
        const store = await first.open(name)
        // Another one did not open meanwhile.
        if (used === fallback && !known.has(name)) {
          await store.close()
          return openFallback(name)
        }
        known.add(name)
        return store
      } catch (error) {
        if (known.has(name)) throw error
        degrade(faultOf(error))
        return openFallback(name)
      }
    },
    async destroy(name) {
      // What the first holds from better days goes as well, if it can.
      if (used === fallback) await first.destroy(name).catch(() => undefined)
      await used.destroy(name)
    },
  }
}
