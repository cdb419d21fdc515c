import type { Storage, Store } from '../core/seams/storage.js'
import {
  copyChanges,
  createOrderedTable,
  type OrderedTable,
  touchedKeys,
} from '../core/storage/ordered-table.js'
import { createStoreLife, type StoreLife } from '../core/storage/store-life.js'
import { nextTurn } from './next-turn.js'

/** Changes that are made in passing: a page of messages makes more, and is shown in a turn of its own, as it is behind a disk. */
const FEW = 2

interface Database {
  readonly table: OrderedTable
  /** The open stores of this name: each is a context of its own to the others. */
  readonly stores: Set<StoreLife>
}

function openStore(name: string, { table, stores }: Database): Store {
  const life = createStoreLife(name)
  stores.add(life)
  return {
    read: (keys) => life.call(() => Promise.resolve().then(() => table.read(keys))),
    scan: (...ranges) => life.call(() => Promise.resolve().then(() => ranges.flatMap(table.scan))),
    transact(readKeys, fn) {
      return life.call(async () => {
        // Nothing happens inside the call, as on a real disk.
        await Promise.resolve()
        const { changes, result } = fn(table.read(readKeys))
        // Copied before anything is written: a value that cannot be copied costs the whole transaction, not half of it.
        const copies = copyChanges(changes)
        table.apply(copies)
        const keys = touchedKeys(copies)
        if (keys.length > 0)
          for (const other of stores) if (other !== life) void Promise.resolve().then(() => other.told(keys))
        if (keys.length > FEW) await new Promise<void>(nextTurn)
        return result
      })
    },
    watch: life.watch,
    onLost: life.onLost,
    close() {
      stores.delete(life)
      return life.close()
    },
  }
}

/**
 * Storage in memory: what is stored lives as long as the returned object, that is until the page ends. The last rung of the ladder, and
 * for tests. Stores of one name share what they hold. Unbounded: limits are the caller's.
 */
export function createMemoryStorage(): Storage {
  const databases = new Map<string, Database>()
  return {
    kind: 'memory',
    durable: false,
    async open(name) {
      const database = databases.get(name) ?? { table: createOrderedTable(), stores: new Set() }
      databases.set(name, database)
      return openStore(name, database)
    },
    async destroy(name) {
      const database = databases.get(name)
      databases.delete(name)
      for (const life of database?.stores ?? []) life.lose('emptied')
    },
  }
}
