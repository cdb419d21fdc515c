import type { Store, Stored } from '../seams/storage.js'
import type { Batch } from './outbox-batch.js'
import { commitOf } from './outbox-commit.js'
import type { Ledger } from './outbox-ledger.js'
import { GROUPS, type Group, MARK, MARK_KEY, numberOf, readMark, splitMark } from './outbox-records.js'

export interface OutboxWriterParts {
  readonly ledger: Ledger
  /** The store, where it is open. */
  readonly watched: () => Store | undefined
  readonly opened: () => Promise<Store>
  /** A name that no other context has. */
  readonly tab: string
  /** This tab led, and the disk says that another one does. */
  readonly onDeposed: () => void
}

/** Writes batches, and knows what has to be read before. */
export interface OutboxWriter {
  /** Resolves with what the touched records hold then. */
  write(taken: Batch): Promise<ReadonlyMap<string, Group>>
  /** The whole disk was looked at, and this was the mark. False when the store is new or was emptied. */
  sawMark(value: Stored | undefined): boolean
  /**
   * The store was lost: what the next one holds has to be looked at before anything is written there. With `wasFallback` that one never
   * had what this tab wrote.
   */
  lost(wasFallback: boolean): void
  /** Whether what this tab wrote is still to be carried over from a fallback. */
  owes(): boolean
  /** This tab does not lead, as far as it knows. */
  follow(): void
}

export function createOutboxWriter({
  ledger,
  watched,
  opened,
  tab,
  onDeposed,
}: OutboxWriterParts): OutboxWriter {
  /** Whether the disk was looked at: before that, what would be behind everything is not known. */
  let isNumbered = false
  /** Whether the profile's mark was seen on the disk: where it is missing, the store is new or was emptied. */
  let isMarked = false
  let owes = false
  /** The epoch in which this tab leads, if it does. */
  let led: number | undefined

  function sawMark(value: Stored | undefined): boolean {
    ledger.pass(readMark(value))
    isMarked = value !== undefined
    isNumbered = true
    return isMarked
  }

  /** The first record of this tab goes behind those that are there. */
  async function number(store: Store): Promise<void> {
    const [mark, [last]] = splitMark(await store.scan({ ...GROUPS, limit: 1, reverse: true }, MARK))
    if (last) ledger.pass({ next: numberOf(last[0]) + 1 })
    sawMark(mark)
  }

  function heardOf(epoch: number, isOurs: boolean): void {
    ledger.pass({ next: 0, epoch })
    if (isOurs) led = epoch
    else if (led !== undefined && epoch > led) {
      led = undefined
      onDeposed()
    }
  }

  return {
    async write(taken) {
      // Without a pause where it is open: what else the tick brings about goes on while the disk works.
      const store = watched() ?? (await opened())
      if (!isNumbered) await number(store)
      const keys = ledger.keysOf(taken.changes.keys())
      // What only adds does not read first: that would cost as much again as the write.
      const looks = keys.length > 0 || !isMarked || owes || taken.leads
      if (!looks && taken.fresh.size === 0 && !taken.over) return new Map()
      const ground = { known: ledger.known, taken, keys, own: ledger.mark(), led, tab, owes }
      const { groups, epoch } = await store.transact(
        looks ? [MARK_KEY, ...keys] : [],
        ([found, ...values]) => {
          const { changes, at, ...result } = commitOf({ ...ground, values, mark: looks ? found : null })
          taken.at = at
          return { changes, result }
        },
        owes ? 'strict' : taken.durability,
      )
      // One that was lost meanwhile says nothing about the next.
      if (watched() === store) {
        isMarked ||= looks
        owes = false
      }
      if (epoch !== undefined) heardOf(epoch, taken.leads)
      return groups
    },
    sawMark,
    lost(wasFallback) {
      isMarked = false
      owes ||= wasFallback
    },
    owes: () => owes,
    follow() {
      led = undefined
    },
  }
}
