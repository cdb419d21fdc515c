import { deleteDB } from 'idb'
import { LIMITS } from '../core/limits.js'
import type { Clock } from '../core/seams/clock.js'
import { type Change, type Storage, StorageError, type Store } from '../core/seams/storage.js'
import { touchedKeys } from '../core/storage/ordered-table.js'
import { createStoreLife } from '../core/storage/store-life.js'
import { createBroadcast } from './broadcast.js'
import { connectIndexedDb } from './indexed-db-connection.js'
import { readKeys, readRanges, readThenWrite } from './indexed-db-transaction.js'
import type { LogGuard } from './torn-log.js'

export interface IndexedDbOptions {
  readonly clock: Clock
  /** Whom writes wait for where the browser is one that needs it. */
  readonly guard?: LogGuard | undefined
}

/** Resolves with the promise, or after some time without it. */
function atMost(clock: Clock, ms: number, promise: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, resolve)
    promise.then(
      () => {
        cancel()
        resolve()
      },
      (error: unknown) => {
        cancel()
        reject(error)
      },
    )
  })
}

async function openStore(name: string, { clock, guard }: IndexedDbOptions): Promise<Store> {
  const life = createStoreLife(name)
  const connecting = connectIndexedDb(name, clock, (why) => {
    guard?.end(life)
    broadcast.close()
    life.lose(why)
  })
  // Meanwhile: it costs a page as much as the call that opens, and what else the tick opens goes first.
  const broadcast = await Promise.resolve().then(() => createBroadcast(name, clock, life.told))
  const connection = await connecting.catch((error: unknown) => {
    broadcast.close()
    throw error
  })
  guard?.begin(life)
  return {
    read: (keys) => life.call(() => connection.use((database) => readKeys(database, keys))),
    scan: (...ranges) => life.call(() => connection.use((database) => readRanges(database, ranges))),
    transact(keys, fn, durability) {
      // Told while the disk works. Whoever reads at this news gets its turn after the commit; after an abort it finds nothing new.
      const tell = (changes: readonly Change[]) => broadcast.tell(touchedKeys(changes))
      return life.call(async () => {
        if (guard) await guard.entered()
        const decided = await connection.use((database) =>
          readThenWrite(database, keys, fn, durability, tell),
        )
        if (decided.is === 'thrown') throw decided.thrown
        return decided.result
      })
    },
    watch: life.watch,
    onLost: life.onLost,
    async close() {
      // A transaction that hangs must not keep a page from ending.
      await atMost(clock, LIMITS.openTimeoutMs, life.close())
      connection.close()
      broadcast.close()
      guard?.end(life)
    },
  }
}

/** Deletes a database; whoever holds it open through this adapter lets go of it and is told `emptied`. */
function remove(name: string, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(LIMITS.openTimeoutMs, () =>
      reject(new StorageError('blocked', `Another context holds ${name} open. It goes when that one ends.`)),
    )
    const removing = (async () => deleteDB(name))()
    removing.then(
      () => {
        cancel()
        resolve()
      },
      (error: unknown) => {
        cancel()
        reject(new StorageError('unavailable', `IndexedDB did not delete ${name}.`, { cause: error }))
      },
    )
  })
}

/**
 * Storage in IndexedDB: one database a store, shared by all tabs of the profile, told to each other by BroadcastChannel where there is
 * one. Touches nothing until `open`, which rejects after 3 s at the latest. A connection that dies is replaced, at most 3 times in a
 * row; a store whose database was deleted meanwhile is lost (`emptied`).
 */
export function createIndexedDbStorage(options: IndexedDbOptions): Storage {
  return {
    kind: 'indexed-db',
    durable: true,
    open: (name) => openStore(name, options),
    destroy: (name) => remove(name, options.clock),
  }
}
