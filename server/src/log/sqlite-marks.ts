import type { Mark } from '../core/marks.js'
import type { Database } from './sqlite-driver.js'
import type { MarkRows } from './store.js'

/** Older servers do not know the table and do not mind it: it needs no version of its own. */
export const MARKS_SCHEMA = `
CREATE TABLE IF NOT EXISTS marks (
  room TEXT NOT NULL,
  user TEXT NOT NULL,
  up_to INTEGER NOT NULL,      -- every message up to this seq was read
  read_at INTEGER NOT NULL,    -- server time, ms since the epoch
  PRIMARY KEY (room, user)
) WITHOUT ROWID;
`

// Columns are typed by the schema; what is checked is that this is a row of that table at all.
const isMark = (value: unknown): value is Mark =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, 'upTo') === 'number'

export function createMarkRows(database: Database): MarkRows {
  const columns = 'room, user, up_to AS upTo, read_at AS readAt'
  const one = database.prepare(`SELECT ${columns} FROM marks WHERE room = ? AND user = ?`)
  const all = database.prepare(`SELECT ${columns} FROM marks WHERE room = ?`)
  const write = database.prepare(
    `INSERT INTO marks (room, user, up_to, read_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (room, user) DO UPDATE SET up_to = excluded.up_to, read_at = excluded.read_at`,
  )
  const others = database.prepare(
    `SELECT COUNT(*) AS count FROM (SELECT 1 FROM operations WHERE room = ? AND seq > ? AND seq <= ?
     AND kind IN ('create', 'system') AND deleted = 0 AND author <> ? LIMIT ?)`,
  )
  return {
    mark(room, user) {
      const found = one.get(room, user)
      return isMark(found) ? found : undefined
    },
    setMark: ({ room, user, upTo, readAt }) => void write.run(room, user, upTo, readAt),
    marks: (room) => all.all(room).filter(isMark),
    countOthers: (room, user, after, upTo, limit) =>
      Number(Reflect.get(Object(others.get(room, after, upTo, user, limit)), 'count')),
  }
}
