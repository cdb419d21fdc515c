import { compareText } from '../../protocol/index.js'
import type { Entry } from './entry.js'

/** An entry with its place; the place may change when its first write is done. */
interface Placed {
  readonly entry: Entry
  /** Compared as text. */
  readonly order: string
}

/** What the log does not cover yet, by room and in order. Lists are made when they are asked for and kept until something changes. */
export interface Unsettled<R extends Placed> {
  /** Adds a row at the end of its room, or takes note that the entry of one that is there was replaced. */
  put(row: R): void
  has(row: R): boolean
  drop(room: string, goes: (row: R) => boolean): void
  /** Brings a room into order. */
  sort(room: string): void
  entries(room: string): readonly Entry[]
  /** Those of the entries that are not acknowledged. What is sent goes by these: of the others there may be many more. */
  open(room: string): readonly Entry[]
  /** Those of the entries that concern another message. */
  operations(room: string): readonly Entry[]
  rooms(): readonly string[]
}

interface Line<R> {
  rows: Set<R>
  /** Those of the rows whose entry is not acknowledged, in the same order. */
  openRows: Set<R>
  entries: readonly Entry[] | undefined
  open: readonly Entry[] | undefined
  operations: readonly Entry[] | undefined
}

const NONE: readonly Entry[] = []

const isOpen = ({ entry }: Placed): boolean => entry.state !== 'acked'

export function createUnsettled<R extends Placed>(): Unsettled<R> {
  const lines = new Map<string, Line<R>>()

  const newLine = (): Line<R> => ({
    rows: new Set(),
    openRows: new Set(),
    entries: undefined,
    open: undefined,
    operations: NONE,
  })

  function touch(line: Line<R>, entry: Entry): void {
    line.entries = undefined
    line.open = undefined
    if (entry.kind !== 'create') line.operations = undefined
  }

  /** A row that stays where it is among the others: open again, it goes back to its place. */
  function sift(line: Line<R>, row: R, isNew: boolean): void {
    if (!isOpen(row)) line.openRows.delete(row)
    else if (isNew || line.openRows.has(row)) line.openRows.add(row)
    else line.openRows = new Set([...line.rows].filter(isOpen))
  }

  function isSorted(rows: Iterable<R>): boolean {
    let last = ''
    for (const { order } of rows) {
      if (order < last) return false
      last = order
    }
    return true
  }

  function entries(room: string): readonly Entry[] {
    const line = lines.get(room)
    if (!line) return NONE
    line.entries ??= Array.from(line.rows, (row) => row.entry)
    return line.entries
  }

  return {
    put(row) {
      const { room } = row.entry
      const line = lines.get(room) ?? newLine()
      lines.set(room, line)
      const isNew = !line.rows.has(row)
      line.rows.add(row)
      sift(line, row, isNew)
      touch(line, row.entry)
    },
    has: (row) => lines.get(row.entry.room)?.rows.has(row) ?? false,
    drop(room, goes) {
      const line = lines.get(room)
      if (!line) return
      for (const row of line.rows) {
        if (!goes(row)) continue
        line.rows.delete(row)
        line.openRows.delete(row)
        touch(line, row.entry)
      }
      if (line.rows.size === 0) lines.delete(room)
    },
    sort(room) {
      const line = lines.get(room)
      if (!line || isSorted(line.rows)) return
      line.rows = new Set([...line.rows].sort((a, b) => compareText(a.order, b.order)))
      line.openRows = new Set([...line.rows].filter(isOpen))
      line.entries = undefined
      line.open = undefined
      line.operations = undefined
    },
    entries,
    open(room) {
      const line = lines.get(room)
      if (!line) return NONE
      line.open ??= Array.from(line.openRows, (row) => row.entry)
      return line.open
    },
    operations(room) {
      const line = lines.get(room)
      if (!line) return NONE
      line.operations ??= entries(room).filter((entry) => entry.kind !== 'create')
      return line.operations
    },
    rooms: () => [...lines.keys()],
  }
}
