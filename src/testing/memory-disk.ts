import { LIMITS } from '../core/limits.js'
import type { Clock } from '../core/seams/clock.js'
import type { Random } from '../core/seams/random.js'
import {
  type Storage,
  StorageError,
  type StorageFault,
  type Stored,
  type StoreLoss,
} from '../core/seams/storage.js'
import { copyStored } from '../core/storage/ordered-table.js'
import { createDiskFile, type DiskContext, type DiskFile, entriesOf, loseUnsure } from './disk-file.js'
import { type Disk, fileOf, openStore } from './disk-store.js'

/** How a disk behaves when nothing is wrong with it. */
export interface MemoryDiskOptions {
  /** Without one, every step takes a microtask. */
  readonly clock?: Clock
  /** With one, each step takes evenly between 0 and `latencyMs`. */
  readonly random?: Random
  /** How long a read, and each of the two halves of a transaction, takes. 0 unless given; needs a clock. */
  readonly latencyMs?: number
}

/** Everything on a disk at one moment. */
export type DiskSnapshot = ReadonlyMap<string, readonly (readonly [string, Stored])[]>

/** A disk that contexts share, as tabs share a profile, and that fails on demand. What is committed survives every context. */
export interface MemoryDisk {
  /** The disk as one more context sees it. */
  storage(): Storage
  /**
   * The context is gone, as after a kill: what it had not committed never happened, its calls never settle, its watchers are silent.
   * What it had committed stays.
   */
  crash(storage: Storage): void
  /** The next transactions fail with this code after their `fn` ran; nothing of them is written. */
  abortNext(code?: StorageFault, times?: number): void
  /** The next transactions run their `fn` twice, as after an attempt that failed before it was committed. */
  rerunNext(times?: number): void
  /** Bytes of JSON that fit into each store; null for no limit. */
  quota(bytes: number | null): void
  /**
   * Nothing settles any more until the returned function is called; with a context, nothing of that one, and of the others what waits
   * behind a transaction of its, as when a tab is frozen in the middle of one.
   */
  hang(storage?: Storage): () => void
  /**
   * Every context is gone, and what was committed `relaxed` since the last `strict` commit of its store, or the last `flush`, never
   * happened.
   */
  powerCut(): void
  /** What was committed so far outlives a power cut. */
  flush(): void
  /** The next opens are refused with this code. */
  refuseOpen(code: StorageFault, times?: number): void
  /** While on, opens do not come back; they reject `timeout` after 3 s if the disk has a clock. */
  openHangs(on: boolean): void
  /** Takes the open stores away, of one context or of all. `emptied` takes what they hold as well. */
  lose(why: StoreLoss, storage?: Storage): void
  /** While on, nobody is told what others commit: watching is a hint only. */
  deafen(on: boolean): void
  /** Puts a value under a key behind everybody's back. */
  corrupt(name: string, key: string, value: Stored): void
  /** What a store holds, in key order; empty when there is no such store. */
  entries(name: string): readonly (readonly [string, Stored])[]
  /** Names of the stores that exist, sorted. */
  names(): readonly string[]
  snapshot(): DiskSnapshot
  /** Puts everything back as it was. Open stores are lost (`closed`). */
  restore(snapshot: DiskSnapshot): void
  /** Stores that are open. 0 after everything was destroyed. */
  readonly openStores: number
  /** Stores that one context has open. */
  openBy(storage: Storage): number
  /** Transactions that failed so far: aborted, over the quota, or lost under way. */
  readonly aborts: number
  /** Transactions committed so far. */
  readonly commits: number
}

function createContextStorage(disk: Disk, context: DiskContext): Storage {
  async function opened(): Promise<void> {
    await Promise.resolve()
    const refusal = disk.opening.refusals.shift()
    if (refusal !== undefined) throw new StorageError(refusal, 'The disk was told to refuse.')
    if (!disk.opening.hangs) return
    await new Promise((_, reject) => {
      disk.pace.clock?.after(LIMITS.openTimeoutMs, () =>
        reject(new StorageError('timeout', 'The disk does not open.')),
      )
    })
  }
  return {
    kind: 'memory-disk',
    durable: true,
    async open(name) {
      await opened()
      return context.gone ? new Promise(() => undefined) : openStore(disk, context, name)
    },
    async destroy(name) {
      if (context.gone) return new Promise(() => undefined)
      take(disk, 'emptied', (file) => disk.files.get(name) === file)
      disk.files.delete(name)
    },
  }
}

/** Takes stores away from those who hold them. */
function take(disk: Disk, why: StoreLoss, from: (file: DiskFile, context: DiskContext) => boolean): void {
  for (const file of disk.files.values())
    for (const [life, context] of [...file.stores]) {
      if (!from(file, context)) continue
      file.stores.delete(life)
      context.stores.delete(life)
      life.lose(why)
    }
}

function crash(disk: Disk, context: DiskContext): void {
  context.gone = true
  for (const file of disk.files.values()) for (const life of context.stores) file.stores.delete(life)
  context.stores.clear()
  for (const wake of [...context.waits]) wake()
}

/** An empty disk. */
export function createMemoryDisk({ clock, random, latencyMs = 0 }: MemoryDiskOptions = {}): MemoryDisk {
  const contexts = new Map<Storage, DiskContext>()
  const disk: Disk = {
    files: new Map(),
    pace: { clock, random, latencyMs },
    faults: { hung: new Set(), quotaBytes: null, next: [], released: new Set() },
    opening: { hangs: false, refusals: [] },
    deaf: false,
    commits: 0,
    aborts: 0,
  }
  const { files, faults } = disk
  function contextOf(storage: Storage): DiskContext {
    const context = contexts.get(storage)
    if (context === undefined) throw new Error('this storage is not a context of this disk')
    return context
  }
  return {
    storage() {
      const context: DiskContext = { gone: false, waits: new Set(), stores: new Set() }
      const storage = createContextStorage(disk, context)
      contexts.set(storage, context)
      return storage
    },
    crash: (storage) => crash(disk, contextOf(storage)),
    powerCut() {
      for (const context of contexts.values()) if (!context.gone) crash(disk, context)
      for (const file of files.values()) loseUnsure(file)
    },
    flush() {
      for (const file of files.values()) file.unsure.clear()
    },
    abortNext: (code = 'unavailable', times = 1) =>
      void faults.next.push(...Array<StorageFault>(times).fill(code)),
    rerunNext: (times = 1) => void faults.next.push(...Array<'rerun'>(times).fill('rerun')),
    quota(bytes) {
      faults.quotaBytes = bytes
    },
    hang(storage) {
      const standing = { whose: storage === undefined ? null : contextOf(storage) }
      faults.hung.add(standing)
      return () => {
        faults.hung.delete(standing)
        for (const release of [...faults.released]) release()
      }
    },
    refuseOpen: (code, times = 1) =>
      void disk.opening.refusals.push(...Array<StorageFault>(times).fill(code)),
    openHangs(on) {
      disk.opening.hangs = on
    },
    lose(why, storage) {
      const context = storage === undefined ? undefined : contexts.get(storage)
      if (why === 'emptied')
        for (const file of files.values()) {
          file.table = createDiskFile().table
          file.unsure.clear()
        }
      take(disk, why, (_, owner) => context === undefined || owner === context)
    },
    deafen(on) {
      disk.deaf = on
    },
    corrupt: (name, key, value) => fileOf(disk, name).table.apply([{ put: key, value: copyStored(value) }]),
    entries: (name) => {
      const file = files.get(name)
      return file === undefined ? [] : entriesOf(file.table)
    },
    names: () => [...files.keys()].sort(),
    snapshot: () => new Map([...files].map(([name, file]) => [name, entriesOf(file.table)])),
    restore(snapshot) {
      take(disk, 'closed', () => true)
      files.clear()
      for (const [name, entries] of snapshot) files.set(name, createDiskFile(entries))
    },
    get openStores() {
      return [...files.values()].reduce((sum, file) => sum + file.stores.size, 0)
    },
    openBy: (storage) => contextOf(storage).stores.size,
    get commits() {
      return disk.commits
    },
    get aborts() {
      return disk.aborts
    },
  }
}
