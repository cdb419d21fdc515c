import { firstMark } from '../log/cursor.js'
import type { Row, Rows } from '../log/store.js'
import { type Extent, extentOf, rowOf } from './record.js'

/** What a rule looked for that is not in the window: a stretch of positions, or a message. */
export type Missing = { readonly from: number; readonly to: number } | { readonly messageId: string }

/** Some rows of one room, as the room was at one moment: enough of them for the question that they were read for, or it says what is missing. */
export interface Window extends Rows {
  readonly extent: Extent
  /** What was looked for first of all that is not here, since this was asked last. Undefined when nothing was. */
  missing(): Missing | undefined
  /** Adds rows: of two for one position the one that is newer. */
  add(rows: readonly Row[]): void
  /** There is no such message: it is not missed again. */
  giveUp(messageId: string): void
}

/** Rows that are brought at once when one is missing. */
const BROUGHT = 128

/** Reads the answer of a function that gathers rows. */
export function windowOf(room: string, [end = '', ...texts]: readonly string[]): Window {
  const extent = extentOf(end)
  const { first, before, origin, start, head } = extent
  const rows = new Map<number, Row>()
  const byMessage = new Map<string, Row>()
  const absent = new Set<string>()
  let missed: Missing | undefined
  const add = (some: readonly Row[]) => {
    for (const row of some) {
      const known = rows.get(row.seq)
      if (known && (known.rev ?? 0) >= (row.rev ?? 0)) continue
      rows.set(row.seq, row)
      byMessage.set(row.messageId, row)
    }
  }
  const miss = (seq: number, { from, to }: { readonly from: number; readonly to: number }) => {
    if (seq >= origin && seq <= head) missed ??= { from: Math.max(from, origin), to: Math.min(to, head) }
  }
  const at = (seq: number) => {
    const row = rows.get(seq)
    if (!row) miss(seq, { from: seq, to: seq })
    return row
  }
  const between = (from: number, to: number, limit: number, step: 1 | -1) => {
    const found: Row[] = []
    for (let seq = from; found.length < limit && (to - seq) * step >= 0; seq += step) {
      const row = rows.get(seq)
      if (!row) {
        const [a, b] = [seq, step === 1 ? Math.min(to, seq + BROUGHT - 1) : Math.max(to, seq - BROUGHT + 1)]
        miss(seq, { from: Math.min(a, b), to: Math.max(a, b) })
        break
      }
      found.push(row)
    }
    return found
  }
  add(texts.map((text) => rowOf(room, text)))
  return {
    extent,
    add,
    missing() {
      const first = missed
      missed = undefined
      return first
    },
    giveUp: (messageId) => void absent.add(messageId),
    tail: () => extent,
    first: () => origin,
    // Nothing before the first row in Redis can be newer: who looks for a time need not look in the archive.
    searchFrom: (_, ts) => ((rows.get(first)?.ts ?? Number.POSITIVE_INFINITY) < ts ? first : origin),
    at: (_, seq) => at(seq),
    find(_, messageId) {
      const row = byMessage.get(messageId)
      if (!row && origin < first && !absent.has(messageId)) missed ??= { messageId }
      return row
    },
    markAt(_, seq) {
      if (seq === first - 1) return before
      if (seq === origin - 1) return start
      return seq === 0 ? firstMark(room) : at(seq)?.mark
    },
    range: (_, from, to, limit, order) =>
      order === 'asc' ? between(from, to, limit, 1) : between(to, from, limit, -1),
  }
}
