import { count, time } from '../../protocol/fields.js'
import { array, fits, object } from '../../protocol/shape.js'
import type { Backstage } from '../backstage.js'
import { TidingsError } from '../errors.js'
import { seenBeyondMost } from '../limits.js'
import { perTick } from '../per-tick.js'
import type { Store, Stored } from '../seams/storage.js'

/** What was read in a room and has not come back from the server as this user's mark. */
export interface ReadCell {
  /** Everything up to there was read; 0 while that is not known. */
  readonly upTo: number
  /** When, ms since the epoch, server time. */
  readonly at: number
  /** Positions of messages beyond it that were seen, rising: one before them was not. */
  readonly seen: readonly number[]
}

const PREFIX = 'c/read/'
/** The first key behind the prefix. */
const BEHIND = 'c/read0'
const keyOf = (room: string): string => PREFIX + encodeURIComponent(room)

/** The room of a key; undefined for what nobody here has written. */
function roomOf(key: string): string | undefined {
  try {
    return decodeURIComponent(key.slice(PREFIX.length))
  } catch {
    return undefined
  }
}

const cellShape = object({ upTo: count, at: time, seen: array(count, seenBeyondMost) })

/** A stored cell; undefined for anything else, which is then written over. */
const cellOf = (value: Stored | undefined): ReadCell | undefined =>
  fits(cellShape, value) ? value : undefined

export function merged(a: ReadCell, b: ReadCell): ReadCell {
  const { upTo, at } = b.upTo > a.upTo ? b : a
  const seen = [...new Set([...a.seen, ...b.seen])].filter((seq) => seq > upTo).sort((x, y) => x - y)
  return { upTo, at, seen: seen.slice(0, seenBeyondMost) }
}

/** What a cell says beyond a position; undefined when that is nothing. */
export function beyond(cell: ReadCell, upTo: number): ReadCell | undefined {
  if (cell.upTo > upTo) return cell
  const seen = cell.seen.filter((seq) => seq > upTo)
  return seen.length > 0 || upTo === 0 ? { ...cell, seen } : undefined
}

export const saysMore = (a: ReadCell | undefined, b: ReadCell): boolean =>
  !a || b.upTo > a.upTo || b.seen.some((seq) => seq > a.upTo && !a.seen.includes(seq))

/** The cells on disk, which the tabs of a profile share: written once a tick for each room, merged with what is there. */
export interface CellDisk {
  /** The room's cell changed or went. It is merged with what is stored, as far as that says more than `voidUpTo`. */
  touch(room: string, voidUpTo?: number): void
  /** From now on the disk is read, written and watched. */
  start(): void
  end(): void
}

export interface CellDiskParts {
  readonly client: Pick<Backstage, 'open' | 'onError'>
  readonly cell: (room: string) => ReadCell | undefined
  /** Those that have a cell. */
  readonly rooms: () => Iterable<string>
  /** What was stored: by this tab's earlier life, or by another tab that may still live. */
  readonly onRead: (room: string, cell: ReadCell, from: 'earlier' | 'elsewhere') => void
}

export function createCellDisk({ client, cell, rooms, onRead }: CellDiskParts): CellDisk {
  let life: 'new' | 'started' | 'ended' = 'new'
  let unwatch: (() => void) | undefined
  let watched: Store | undefined
  let hasFailed = false
  /** Up to where what is stored counts for nothing, by room. */
  const voids = new Map<string, number>()

  function report(cause: unknown): void {
    if (life === 'ended' || hasFailed) return
    hasFailed = true
    const message = 'What was read cannot be kept on this device. It is told as long as the page is open.'
    client.onError(new TidingsError('storage', message, { cause }))
  }

  async function store(): Promise<Store> {
    const opened = await client.open()
    if (life === 'started' && opened !== watched) {
      unwatch?.()
      watched = opened
      const stops = [opened.watch(PREFIX, (keys) => void read(opened, keys)), opened.onLost(lost)]
      unwatch = () => {
        for (const stop of stops) stop()
      }
    }
    return opened
  }

  function lost(): void {
    // What other tabs wrote meanwhile was told to nobody here, and what was written here may be gone.
    void load('elsewhere')
    for (const room of rooms()) writeSoon(room)
  }

  async function read(from: Store, keys: readonly string[]): Promise<void> {
    try {
      const values = await from.read(keys)
      for (const [i, key] of keys.entries()) take(key, values[i], 'elsewhere')
    } catch (cause) {
      report(cause)
    }
  }

  function take(key: string, value: Stored | undefined, from: 'earlier' | 'elsewhere'): void {
    const room = roomOf(key)
    const stored = cellOf(value)
    if (life === 'started' && room !== undefined && stored) onRead(room, stored, from)
  }

  async function load(from: 'earlier' | 'elsewhere'): Promise<void> {
    try {
      const opened = await store()
      for (const [key, value] of await opened.scan({ gte: PREFIX, lt: BEHIND })) take(key, value, from)
    } catch (cause) {
      report(cause)
    }
  }

  async function write(room: string): Promise<void> {
    if (life !== 'started') return
    const key = keyOf(room)
    const voidUpTo = voids.get(room) ?? 0
    voids.delete(room)
    const current = cell(room)
    try {
      const opened = await store()
      // Who logged out meanwhile left nothing, and nothing is left behind.
      if (life !== 'started') return
      const kept = await opened.transact(
        [key],
        ([value]) => {
          const stored = cellOf(value)
          // Another tab may have read on.
          const more = stored && beyond(stored, voidUpTo)
          const next = current && more ? merged(more, current) : (current ?? more)
          return { changes: [next ? { put: key, value: { ...next } } : { del: key }], result: next }
        },
        'relaxed',
      )
      if (life === 'started' && kept && saysMore(current, kept)) onRead(room, kept, 'elsewhere')
    } catch (cause) {
      report(cause)
    }
  }

  const writeSoon = perTick<string>((room) => void write(room))
  return {
    touch(room, voidUpTo = 0) {
      voids.set(room, Math.max(voids.get(room) ?? 0, voidUpTo))
      writeSoon(room)
    },
    start() {
      life = 'started'
      void load('earlier')
    },
    end() {
      life = 'ended'
      unwatch?.()
    },
  }
}
