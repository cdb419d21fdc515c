import type { Row } from '../log/store.js'
import { type Archive, type Archived, endAfter } from './seam.js'

interface Shelf {
  readonly end: Archived
  readonly rows: ReadonlyMap<number, Row>
}

/** An archive that lives as long as its process: for tests, and for servers in one page. */
export function createMemoryArchive(): Archive {
  const shelves = new Map<string, Shelf>()
  return {
    end: async (room) => shelves.get(room)?.end,
    async store(batch) {
      const { room, seen, rows, changed } = batch
      const shelf = shelves.get(room)
      if ((shelf?.end.stored ?? 0) !== seen) return false
      const first = rows[0]?.seq ?? 0
      const mark = first === shelf?.end.first ? shelf.end.before : shelf?.rows.get(first - 1)?.mark
      const end = endAfter(batch, shelf?.end, mark)
      const kept = [...(shelf?.rows.values() ?? [])].filter(({ seq }) => seq < first)
      const byPosition = new Map([...kept, ...rows].map((row) => [row.seq, row]))
      for (const row of changed) if (byPosition.has(row.seq)) byPosition.set(row.seq, row)
      const deleted = new Set(changed.flatMap((row) => (row.deleted ? [row.seq] : [])))
      for (const row of byPosition.values())
        if (row.kind === 'edit' && deleted.has(row.targetSeq ?? 0))
          byPosition.set(row.seq, { ...row, body: null })
      shelves.set(room, { end, rows: byPosition })
      return true
    },
    async range(room, from, to) {
      const rows = [...(shelves.get(room)?.rows.values() ?? [])]
      return rows.filter(({ seq }) => seq >= from && seq <= to).sort((a, b) => a.seq - b.seq)
    },
    async find(room, messageId) {
      return [...(shelves.get(room)?.rows.values() ?? [])].findLast((row) => row.messageId === messageId)
    },
    close: async () => {},
  }
}
