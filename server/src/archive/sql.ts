import {
  changeIn,
  forgetEditsIn,
  has,
  insertInto,
  isRow,
  presentValuesOf,
  ROW,
  valuesOf,
} from '../log/columns.js'
import type { Value } from '../log/sqlite-driver.js'
import type { Row } from '../log/store.js'
import { type Archive, type ArchiveBatch, type Archived, endAfter } from './seam.js'

/** Statements of one connection. Places for values are written `?`, each used once and in order. */
export interface Statements {
  /** The rows that it finds. */
  all(text: string, ...values: readonly Value[]): Promise<readonly unknown[]>
  /** How many rows it changed. */
  run(text: string, ...values: readonly Value[]): Promise<number>
}

/** What an archive needs of a database that speaks SQL and has the tables of `sql/archive.sql`. */
export interface SqlDatabase extends Statements {
  /** All of it or nothing. Rejects as `work` does. */
  transact(work: (statements: Statements) => Promise<boolean>): Promise<boolean>
  close(): Promise<void>
}

const ENTRIES = 'tidings_entries'
const END = 'first, before, head, mark, ts, stamp, stored'

const isArchived = (value: unknown): value is Archived =>
  has(value, 'stored', 'number') && has(value, 'mark', 'string')

async function endOf({ all }: Statements, room: string): Promise<Archived | undefined> {
  const [end] = await all(`SELECT ${END} FROM tidings_rooms WHERE room = ?`, room)
  return isArchived(end) ? end : undefined
}

/** Takes the room for this transaction; false when somebody else was faster. */
const claim = async ({ run }: Statements, { room, seen }: ArchiveBatch): Promise<boolean> =>
  1 ===
  (await (seen === 0
    ? run(
        `INSERT INTO tidings_rooms (room, ${END}) VALUES (?, 0, '', 0, '', 0, '', 1) ON CONFLICT (room) DO NOTHING`,
        room,
      )
    : run('UPDATE tidings_rooms SET stored = stored + 1 WHERE room = ? AND stored = ?', room, seen)))

/** The mark that the archive has at the position before this one. */
async function markBefore(
  { all }: Statements,
  room: string,
  seq: number,
  end: Archived | undefined,
): Promise<string | undefined> {
  if (seq === end?.first) return end.before
  const [row] = await all(`SELECT mark FROM ${ENTRIES} WHERE room = ? AND seq = ?`, room, seq - 1)
  return has(row, 'mark', 'string') ? String(Reflect.get(Object(row), 'mark')) : undefined
}

/** Rows that go into one statement, the larger first: few texts to prepare, and few ways to the database. */
const TOGETHER = [128, 16, 1]

function inserts({ run }: Pick<Statements, 'run'>, rows: readonly Row[]): Promise<unknown>[] {
  const count = TOGETHER.find((each) => each <= rows.length)
  if (count === undefined) return []
  const values = rows.slice(0, count).flatMap(valuesOf)
  return [run(insertInto(ENTRIES, count), ...values), ...inserts({ run }, rows.slice(count))]
}

async function write(statements: Statements, batch: ArchiveBatch): Promise<boolean> {
  const { room, seen, rows, changed } = batch
  const { run } = statements
  if (!(await claim(statements, batch))) return false
  const first = rows[0]?.seq ?? 0
  const end = seen === 0 ? undefined : await endOf(statements, room)
  const after = endAfter(batch, end, await markBefore(statements, room, first, end))
  await run(`DELETE FROM ${ENTRIES} WHERE room = ? AND seq >= ?`, room, first)
  await Promise.all([
    ...inserts(statements, rows),
    ...changed.map((row) => run(changeIn(ENTRIES), ...presentValuesOf(row), room, row.seq)),
    ...changed.flatMap((row) => (row.deleted ? [run(forgetEditsIn(ENTRIES), room, row.seq)] : [])),
    run(
      'UPDATE tidings_rooms SET first = ?, before = ?, head = ?, mark = ?, ts = ?, stamp = ? WHERE room = ?',
      ...[after.first, after.before, after.head, after.mark, after.ts, after.stamp, room],
    ),
  ])
  return true
}

/** An archive in a database. */
export function createSqlArchive(database: SqlDatabase): Archive {
  const { all, transact, close } = database
  return {
    end: (room) => endOf(database, room),
    store: (batch) => transact((statements) => write(statements, batch)),
    async range(room, from, to) {
      const found = await all(
        `SELECT ${ROW} FROM ${ENTRIES} WHERE room = ? AND seq BETWEEN ? AND ? ORDER BY seq`,
        ...[room, from, to],
      )
      return found.filter(isRow)
    },
    async find(room, messageId) {
      const [found] = await all(
        `SELECT ${ROW} FROM ${ENTRIES} WHERE room = ? AND message_id = ? ORDER BY seq DESC LIMIT 1`,
        ...[room, messageId],
      )
      return isRow(found) ? found : undefined
    },
    close,
  }
}
