import type { Clock } from '../core/seams/clock.js'
import type { Random } from '../core/seams/random.js'
import {
  type Change,
  type Durability,
  StorageError,
  type StorageFault,
  type Stored,
} from '../core/seams/storage.js'
import { createOrderedTable, type OrderedTable } from '../core/storage/ordered-table.js'
import type { StoreLife } from '../core/storage/store-life.js'
import { utf8Bytes } from '../protocol/index.js'

/** One tab, or one run of an app. */
export interface DiskContext {
  gone: boolean
  /** Woken when the context goes: what it waits for ends then. */
  readonly waits: Set<() => void>
  readonly stores: Set<StoreLife>
}

/** What is wrong with a disk at the moment. */
export interface DiskFaults {
  /** Whose calls stand still: null for everybody's. */
  readonly hung: Set<{ readonly whose: DiskContext | null }>
  quotaBytes: number | null
  /** The transactions that come next, one entry each. */
  readonly next: (StorageFault | 'rerun')[]
  readonly released: Set<() => void>
}

/** How long the disk takes. */
export interface DiskPace {
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  readonly latencyMs: number
}

/** One store's content, and the queue of what is done to it: one call at a time, over all contexts. */
export interface DiskFile {
  readonly stores: Map<StoreLife, DiskContext>
  table: OrderedTable
  /** What stood under the keys of relaxed commits before them: a power cut brings it back. */
  readonly unsure: Map<string, Stored | undefined>
  /** Does the work when everything before it is done. Never settles once the context is gone. */
  enqueue<T>(context: DiskContext, work: () => Promise<T>): Promise<T>
}

// Above every key in use: no key begins with 64 of the last code unit.
const LAST = '\uffff'.repeat(64)

/** Everything a table holds, copied. */
export const entriesOf = (table: OrderedTable): (readonly [string, Stored])[] =>
  table.scan({ gte: '', lt: LAST })

const bytesOf = (table: OrderedTable): number =>
  entriesOf(table).reduce((sum, [key, value]) => sum + utf8Bytes(key) + utf8Bytes(JSON.stringify(value)), 0)

/** Refuses what would not fit: the changes are tried on a copy. */
export function checkQuota(table: OrderedTable, changes: readonly Change[], quotaBytes: number | null): void {
  if (quotaBytes === null) return
  const after = createOrderedTable(entriesOf(table))
  after.apply(changes)
  const bytes = bytesOf(after)
  // What makes room is always welcome, however full it is.
  if (bytes > quotaBytes && bytes > bytesOf(table))
    throw new StorageError('quota', `${bytes} bytes do not fit into ${quotaBytes}.`)
}

/** Applies changes so that a power cut takes them back, or so that it takes nothing back any more. */
export function applyChanges(file: DiskFile, changes: readonly Change[], durability: Durability): void {
  const { table, unsure } = file
  const touched = durability === 'strict' ? [] : changes.flatMap((change) => before(table, change))
  if (durability === 'strict') unsure.clear()
  for (const [key, value] of touched) if (!unsure.has(key)) unsure.set(key, value)
  table.apply(changes)
  // What came and went without ever having been sure leaves nothing to take back.
  for (const [key] of touched)
    if (unsure.get(key) === undefined && table.read([key])[0] === undefined) unsure.delete(key)
}

function before(table: OrderedTable, change: Change): readonly (readonly [string, Stored | undefined])[] {
  if ('delRange' in change) return table.scan({ gte: change.delRange[0], lt: change.delRange[1] })
  const key = 'put' in change ? change.put : change.del
  return [[key, table.read([key])[0]]]
}

/** The power fails: what was not flushed is as it was before. */
export function loseUnsure({ table, unsure }: DiskFile): void {
  table.apply([...unsure].map(([key, value]) => (value === undefined ? { del: key } : { put: key, value })))
  unsure.clear()
}

/** Resolves when `start` calls its argument, or when the context goes. */
function until(context: DiskContext, start: (done: () => void) => () => void): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      cancel()
      context.waits.delete(finish)
      resolve()
    }
    const cancel = start(finish)
    context.waits.add(finish)
  })
}

/** One step of the disk: a microtask, or its latency, and as long as it hangs. */
export async function step(context: DiskContext, pace: DiskPace, faults: DiskFaults): Promise<void> {
  const { clock, random, latencyMs } = pace
  const ms = random === undefined ? latencyMs : Math.floor(random.next() * (latencyMs + 1))
  if (clock !== undefined && ms > 0) await until(context, (done) => clock.after(ms, done))
  else await Promise.resolve()
  const stands = () => [...faults.hung].some(({ whose }) => whose === null || whose === context)
  while (!context.gone && stands())
    await until(context, (done) => {
      faults.released.add(done)
      return () => faults.released.delete(done)
    })
}

/** A file that holds these entries. */
export function createDiskFile(entries: Iterable<readonly [string, Stored]> = []): DiskFile {
  let tail: Promise<unknown> = Promise.resolve()
  return {
    stores: new Map(),
    table: createOrderedTable(entries),
    unsure: new Map(),
    enqueue(context, work) {
      return new Promise((resolve, reject) => {
        const run = async () => {
          if (context.gone) return
          try {
            const result = await work()
            if (!context.gone) resolve(result)
          } catch (error) {
            if (!context.gone) reject(error)
          }
        }
        tail = tail.then(run)
      })
    },
  }
}
