import type { Change, Durability, Storage, Store, Stored } from '../../core/seams/storage.js'
import type { Law, Pause } from './law.js'

/** What the laws of storage need: fresh for each law. */
export interface StorageSetup {
  readonly here: Storage
  /** Storage as another context of the same profile sees it. May be the same object: two open stores are two contexts then. */
  readonly there: Storage
  /** A store that does not exist yet; laws also use names that begin with it. */
  readonly name: string
  readonly pause: Pause
}

export type StorageLaw = Law<StorageSetup>

/** A law about one open store. */
export const aboutStore = (
  name: string,
  check: (store: Store, setup: StorageSetup) => Promise<void>,
): StorageLaw => ({
  name,
  async run(setup) {
    const store = await setup.here.open(setup.name)
    try {
      await check(store, setup)
    } finally {
      await store.close()
    }
  },
})

/** A law about one store that two contexts hold open. */
export const aboutContexts = (
  name: string,
  check: (here: Store, there: Store, setup: StorageSetup) => Promise<void>,
): StorageLaw =>
  aboutStore(name, async (here, setup) => {
    const there = await setup.there.open(setup.name)
    try {
      await check(here, there, setup)
    } finally {
      await there.close()
    }
  })

/** Commits changes that do not depend on anything. */
export const commit = (
  store: Store,
  changes: readonly Change[],
  durability: Durability = 'relaxed',
): Promise<void> => store.transact([], () => ({ changes, result: undefined }), durability)

/** Puts of keys that hold their own name. */
export const puts = (keys: readonly string[]): Change[] =>
  keys.map((key) => ({ put: key, value: `at ${key}` }))

/** The keys of a range, in the order the store gives them. */
export const keysIn = async (
  store: Store,
  gte: string,
  lt: string,
  more: { readonly limit?: number; readonly reverse?: boolean } = {},
): Promise<string[]> => (await store.scan({ gte, lt, ...more })).map(([key]) => key)

/** Reads one value. */
export const readOne = async (store: Store, key: string): Promise<Stored | undefined> =>
  (await store.read([key]))[0]

/** Adds to a number, 0 where there is none; resolves with what it became. */
export const increment = (store: Store, key: string): Promise<number> =>
  store.transact(
    [key],
    ([value]) => {
      const next = (typeof value === 'number' ? value : 0) + 1
      return { changes: [{ put: key, value: next }], result: next }
    },
    'relaxed',
  )
