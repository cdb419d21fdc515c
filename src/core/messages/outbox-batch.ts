import type { Durability } from '../seams/storage.js'
import type { Entry } from './entry.js'
import type { Transition } from './transitions.js'

/** Work that waits for the next commit of the outbox. */
export interface Batch {
  readonly fresh: Map<string, Entry>
  readonly changes: Map<string, Transition[]>
  readonly done: (() => void)[]
  /** `strict` as soon as it holds what somebody wrote. */
  durability: Durability
  /** This tab leads from now on: claims of those that led before count no more. */
  leads: boolean
  /** The records in which its new entries were put, as soon as that is decided. */
  at?: { readonly number: number; readonly records: number }
  /** The one before it, which is being written: what is new in that one is part of this one, as it is now, and goes to the same records. */
  readonly over?: Batch
}

export const emptyBatch = (): Batch => ({
  fresh: new Map(),
  changes: new Map(),
  done: [],
  durability: 'relaxed',
  leads: false,
})

export const isEmpty = ({ fresh, changes, leads }: Batch): boolean =>
  fresh.size === 0 && changes.size === 0 && !leads

/** The entry after what waits for it; null when that removes it. */
export function run(entry: Entry, transitions: readonly Transition[] = [], isDeposed = false): Entry | null {
  let current: Entry | null = entry
  for (const transition of transitions) current = current && transition(current, isDeposed)
  return current
}

/** An entry that waits for its first write is changed before it. */
export function addChange({ fresh, changes }: Batch, id: string, transitions: readonly Transition[]): void {
  const entry = fresh.get(id)
  if (!entry) {
    const before = changes.get(id)
    if (before) before.push(...transitions)
    else changes.set(id, [...transitions])
    return
  }
  const next = run(entry, transitions)
  if (next) fresh.set(id, next)
  else fresh.delete(id)
}

/** What has come since another one was begun, of which nobody will hear what became: the two of them, to be written over it. */
export const writeOver = (begun: Batch, later: Batch): Batch =>
  putBack({ ...emptyBatch(), fresh: new Map(begun.fresh), durability: begun.durability, over: begun }, later)

/** What could not be written goes before what has come since. */
export function putBack(taken: Batch, later: Batch): Batch {
  for (const [id, entry] of later.fresh) taken.fresh.set(id, entry)
  for (const [id, transitions] of later.changes) addChange(taken, id, transitions)
  taken.done.push(...later.done)
  if (later.durability === 'strict') taken.durability = 'strict'
  taken.leads ||= later.leads
  return taken
}
