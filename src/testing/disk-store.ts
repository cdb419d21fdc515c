import type { Change, Durability, StorageFault, Store, Stored } from '../core/seams/storage.js'
import { StorageError } from '../core/seams/storage.js'
import { copyChanges, touchedKeys } from '../core/storage/ordered-table.js'
import { createStoreLife, type StoreLife } from '../core/storage/store-life.js'
import {
  applyChanges,
  checkQuota,
  createDiskFile,
  type DiskContext,
  type DiskFaults,
  type DiskFile,
  type DiskPace,
  step,
} from './disk-file.js'

/** A disk, and what is wrong with it. */
export interface Disk {
  readonly files: Map<string, DiskFile>
  readonly pace: DiskPace
  readonly faults: DiskFaults
  readonly opening: { hangs: boolean; readonly refusals: StorageFault[] }
  deaf: boolean
  commits: number
  aborts: number
}

/** See `Store.transact`. */
type Decide<T> = (values: readonly (Stored | undefined)[]) => {
  readonly changes: readonly Change[]
  readonly result: T
}

/** The store of this name; an empty one where there is none. */
export const fileOf = (disk: Disk, name: string): DiskFile => {
  const file = disk.files.get(name) ?? createDiskFile()
  disk.files.set(name, file)
  return file
}

const lost = (name: string) => new StorageError('closed', `The store ${name} was lost.`)

function commit(
  disk: Disk,
  file: DiskFile,
  life: StoreLife,
  changes: readonly Change[],
  durability: Durability,
): void {
  checkQuota(file.table, changes, disk.faults.quotaBytes)
  applyChanges(file, changes, durability)
  disk.commits++
  const keys = touchedKeys(changes)
  if (keys.length === 0 || disk.deaf) return
  for (const [other, context] of file.stores)
    if (other !== life) void Promise.resolve().then(() => !context.gone && other.told(keys))
}

/** A store as one context sees it. */
export function openStore(disk: Disk, context: DiskContext, name: string): Store {
  const file = fileOf(disk, name)
  const life = createStoreLife(name)
  context.stores.add(life)
  file.stores.set(life, context)

  const call = <T>(work: () => Promise<T>): Promise<T> =>
    context.gone ? new Promise(() => undefined) : life.call(() => file.enqueue(context, work))

  async function through(): Promise<void> {
    await step(context, disk.pace, disk.faults)
    // A store that was closed finishes what it began; one that was lost does not.
    if (!file.stores.has(life)) throw lost(name)
  }

  async function transaction<T>(
    readKeys: readonly string[],
    fn: Decide<T>,
    durability: Durability,
  ): Promise<T> {
    await through()
    const fault = disk.faults.next.shift()
    if (fault === 'rerun') fn(file.table.read(readKeys))
    const { changes, result } = fn(file.table.read(readKeys))
    const copies = copyChanges(changes)
    await through()
    if (fault !== undefined && fault !== 'rerun')
      throw new StorageError(fault, `The transaction on ${name} was aborted.`)
    commit(disk, file, life, copies, durability)
    return result
  }

  return {
    read: (keys) => call(() => through().then(() => file.table.read(keys))),
    scan: (...ranges) => call(() => through().then(() => ranges.flatMap(file.table.scan))),
    transact(readKeys, fn, durability) {
      return call(async () => {
        try {
          return await transaction(readKeys, fn, durability)
        } catch (cause) {
          disk.aborts++
          throw cause
        }
      })
    },
    watch: life.watch,
    onLost: life.onLost,
    async close() {
      if (context.gone) return new Promise(() => undefined)
      await life.close()
      context.stores.delete(life)
      file.stores.delete(life)
    },
  }
}
