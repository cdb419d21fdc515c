import { firstMark } from '../log/cursor.js'
import type { Row, Rows } from '../log/store.js'
import { type Extent, extentOf, rowOf } from './record.js'

/** Some rows of one room, read at one moment: enough of them for the question that they were read for. */
export interface Window extends Rows {
  readonly extent: Extent
}

/** Reads the answer of a function that gathers rows. */
export function windowOf(room: string, [end = '', ...texts]: readonly string[]): Window {
  const extent = extentOf(end)
  const rows = new Map<number, Row>()
  const byMessage = new Map<string, Row>()
  for (const text of texts) {
    const row = rowOf(room, text)
    rows.set(row.seq, row)
    byMessage.set(row.messageId, row)
  }
  const { first, before } = extent
  const between = (from: number, to: number, limit: number, step: 1 | -1) => {
    const found: Row[] = []
    for (let seq = from; found.length < limit && (to - seq) * step >= 0; seq += step) {
      const row = rows.get(seq)
      if (!row) break
      found.push(row)
    }
    return found
  }
  return {
    extent,
    tail: () => extent,
    first: () => first,
    at: (_, seq) => rows.get(seq),
    find: (_, messageId) => byMessage.get(messageId),
    markAt(_, seq) {
      if (seq === first - 1) return before
      return seq === 0 ? firstMark(room) : rows.get(seq)?.mark
    },
    range: (_, from, to, limit, order) =>
      order === 'asc' ? between(from, to, limit, 1) : between(to, from, limit, -1),
  }
}
