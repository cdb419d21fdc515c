import { openDatabase } from '../../server/src/log/sqlite-driver.js'
import type { Row } from './verdict.js'

/** The server's database file, read as it lies there. */
export interface LogFile {
  rows(room: string): readonly Row[]
  /** Rows over all rooms, known or not. */
  count(): number
  close(): void
}

const isRow = (value: unknown): value is Row =>
  typeof value === 'object' &&
  value !== null &&
  ['room', 'messageId', 'author', 'id', 'kind', 'stamp'].every(
    (key) => typeof Reflect.get(value, key) === 'string',
  )

/** Opens the file for reading. The server may be running or not. */
export async function openLogFile(file: string): Promise<LogFile> {
  const database = await openDatabase(file)
  database.exec('PRAGMA query_only = 1')
  const all = database.prepare(
    `SELECT room, seq, message_id AS messageId, author, id, kind, stamp, body, target_id AS targetId
     FROM operations WHERE room = ? ORDER BY seq`,
  )
  const total = database.prepare('SELECT COUNT(*) AS count FROM operations')
  return {
    rows: (room) => all.all(room).filter(isRow),
    count: () => Number(Reflect.get(Object(total.get()), 'count')),
    close: () => void database.close(),
  }
}
