import {
  changeIn,
  ENTRY,
  forgetEditsIn,
  has,
  insertInto,
  isEntry,
  isRow,
  presentValuesOf,
  ROW,
  valuesOf,
} from './columns.js'
import { firstMark } from './cursor.js'
import type { Database, Query } from './sqlite-driver.js'
import { createGroupRows, GROUPS_SCHEMA } from './sqlite-groups.js'
import { createMarkRows, MARKS_SCHEMA } from './sqlite-marks.js'
import type { Row, Store, Tail, Unlogged } from './store.js'

/** Raised when an older server could not read the file any more. */
const SCHEMA_VERSION = 1

/** The comments are part of the file: whoever opens it with another tool can ask it for its schema. */
const SCHEMA = `
CREATE TABLE operations (
  room TEXT NOT NULL,
  seq INTEGER NOT NULL,        -- position in the room's log, from 1, without gaps
  message_id TEXT NOT NULL,    -- a digest of (room, author, id): unique means that an operation is logged once, for ever
  author TEXT NOT NULL,
  id TEXT NOT NULL,            -- made by the author
  kind TEXT NOT NULL,          -- create, system, edit, delete, react, unreact
  stamp TEXT NOT NULL,         -- hybrid logical clock; messages are shown in order of (stamp, message_id)
  ts INTEGER NOT NULL,         -- server time, ms since the epoch
  body TEXT,                   -- JSON; of a message: as it is now
  version INTEGER,             -- of a message: as it is now; of an edit or delete: what it made of its message
  target_id TEXT, target_seq INTEGER, target_stamp TEXT, -- the message that is answered or changed
  edited INTEGER NOT NULL, deleted INTEGER NOT NULL,
  reactions TEXT,              -- JSON: emoji to users
  rev INTEGER,                 -- seq of the last operation on this message
  edit_stamp TEXT, edit_id TEXT, -- of the last edit
  digest TEXT NOT NULL,        -- tells a repeat from another use of its id
  mark TEXT NOT NULL,          -- the cursor of this position is seq in base 36, a dot, this
  PRIMARY KEY (room, seq)
) WITHOUT ROWID;
CREATE UNIQUE INDEX operations_by_message ON operations (room, message_id);
CREATE INDEX edits_by_message ON operations (room, target_seq) WHERE kind = 'edit';
CREATE TABLE rooms (
  room TEXT PRIMARY KEY,
  head INTEGER NOT NULL,       -- seq of the last operation
  mark TEXT NOT NULL,          -- its mark
  ts INTEGER NOT NULL,         -- its ts
  same_ts INTEGER NOT NULL,    -- operations that have this ts
  stamp TEXT NOT NULL          -- the largest stamp accepted
) WITHOUT ROWID;
CREATE TABLE unlogged (        -- accepted operations that changed nothing: a repeat gets the same answer
  room TEXT NOT NULL, message_id TEXT NOT NULL, author TEXT NOT NULL, id TEXT NOT NULL,
  digest TEXT NOT NULL, stamp TEXT NOT NULL, ts INTEGER NOT NULL, version INTEGER,
  PRIMARY KEY (room, message_id)
) WITHOUT ROWID;
PRAGMA user_version = ${SCHEMA_VERSION};
`

const isTail = (value: unknown): value is Tail =>
  has(value, 'head', 'number') && has(value, 'stamp', 'string')
const isUnlogged = (value: unknown): value is Unlogged => has(value, 'digest', 'string')

/** Rooms whose tails are kept in memory between commits. */
const TAILS_KEPT = 10_000

export interface SqliteStore extends Store {
  /** Runs `work` as one transaction: all of it or nothing. */
  transact<T>(work: () => T): T
}

function prepareSchema(database: Database, synchronous: 'FULL' | 'NORMAL'): void {
  database.exec('PRAGMA journal_mode = WAL')
  database.exec(`PRAGMA synchronous = ${synchronous}`)
  database.exec('PRAGMA busy_timeout = 5000')
  const found: unknown = database.prepare('PRAGMA user_version').get()
  const version = has(found, 'user_version', 'number')
    ? Number(Reflect.get(Object(found), 'user_version'))
    : 0
  if (version > SCHEMA_VERSION)
    throw new Error(
      `The file was written by a newer server (schema ${version}, this one knows ${SCHEMA_VERSION}).`,
    )
  if (version < SCHEMA_VERSION) database.exec(`BEGIN IMMEDIATE; ${SCHEMA} COMMIT;`)
  database.exec(MARKS_SCHEMA)
  database.exec(GROUPS_SCHEMA)
}

/** Tails of rooms, read once and written once a transaction. */
function createTails(database: Database) {
  const read = database.prepare('SELECT head, mark, ts, same_ts AS sameTs, stamp FROM rooms WHERE room = ?')
  const write = database.prepare(
    `INSERT INTO rooms (room, head, mark, ts, same_ts, stamp) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (room) DO UPDATE SET head = excluded.head, mark = excluded.mark, ts = excluded.ts,
     same_ts = excluded.same_ts, stamp = excluded.stamp`,
  )
  const known = new Map<string, Tail>()
  const changed = new Set<string>()
  const lookUp = (room: string): Tail => {
    const found = read.get(room)
    const tail = isTail(found) ? found : { head: 0, mark: firstMark(room), ts: 0, sameTs: 0, stamp: '' }
    known.set(room, tail)
    return tail
  }
  return {
    get: (room: string): Tail => known.get(room) ?? lookUp(room),
    set(room: string, tail: Tail) {
      known.set(room, tail)
      changed.add(room)
    },
    save() {
      for (const room of changed) {
        const tail = known.get(room)
        if (tail) write.run(room, tail.head, tail.mark, tail.ts, tail.sameTs, tail.stamp)
      }
      changed.clear()
      if (known.size > TAILS_KEPT) known.clear()
    },
    forget() {
      known.clear()
      changed.clear()
    },
  }
}

/** Runs transactions, and notices when another process has written to the file in between. */
function createTransact(database: Database, tails: ReturnType<typeof createTails>) {
  const version = database.prepare('PRAGMA data_version')
  let seen: unknown
  const freshen = () => {
    const found = Object(version.get())
    const current: unknown = Reflect.get(found, 'data_version')
    if (current !== seen) tails.forget()
    seen = current
  }
  return <T>(work: () => T): T => {
    database.exec('BEGIN IMMEDIATE')
    try {
      freshen()
      const result = work()
      tails.save()
      database.exec('COMMIT')
      return result
    } catch (cause) {
      tails.forget()
      try {
        database.exec('ROLLBACK')
      } catch {
        // SQLite has rolled back by itself, as it does when the disk is full.
      }
      throw cause
    }
  }
}

function createWrites(database: Database): Pick<Store, 'insert' | 'change' | 'forgetEdits' | 'remember'> {
  const insert = database.prepare(insertInto('operations'))
  const change = database.prepare(changeIn('operations'))
  const forget = database.prepare(forgetEditsIn('operations'))
  const remember = database.prepare(
    'INSERT INTO unlogged (room, message_id, author, id, digest, stamp, ts, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  return {
    insert: (row) => void insert.run(...valuesOf(row)),
    change: (room, seq, present) => void change.run(...presentValuesOf(present), room, seq),
    forgetEdits: (room, targetSeq) => void forget.run(room, targetSeq),
    remember({ room, messageId, author, id, digest, stamp, ts, version }) {
      remember.run(room, messageId, author, id, digest, stamp, ts, version)
    },
  }
}

/** The rows of a database file. */
export function createSqliteStore(database: Database, synchronous: 'FULL' | 'NORMAL'): SqliteStore {
  prepareSchema(database, synchronous)
  const tails = createTails(database)
  const find = database.prepare(`SELECT ${ROW} FROM operations WHERE room = ? AND message_id = ?`)
  const at = database.prepare(`SELECT ${ROW} FROM operations WHERE room = ? AND seq = ?`)
  const range = (order: string): Query =>
    database.prepare(
      `SELECT ${ENTRY} FROM operations WHERE room = ? AND seq BETWEEN ? AND ? ORDER BY seq ${order} LIMIT ?`,
    )
  const ranges = { asc: range('ASC'), desc: range('DESC') }
  const unlogged = database.prepare(
    `SELECT room, message_id AS messageId, author, id, digest, stamp, ts, version FROM unlogged
     WHERE room = ? AND message_id = ?`,
  )
  const rowOf = (found: unknown): Row | undefined => (isRow(found) ? found : undefined)
  const rowAt = (room: string, seq: number) => rowOf(at.get(room, seq))
  return {
    ...createWrites(database),
    ...createMarkRows(database),
    ...createGroupRows(database),
    tail: tails.get,
    setTail: tails.set,
    find: (room, messageId) => rowOf(find.get(room, messageId)),
    at: rowAt,
    first: () => 1,
    markAt: (room, seq) => (seq === 0 ? firstMark(room) : rowAt(room, seq)?.mark),
    unlogged(room, messageId) {
      const found = unlogged.get(room, messageId)
      return isUnlogged(found) ? found : undefined
    },
    range: (room, from, to, limit, order) => ranges[order].all(room, from, to, limit).filter(isEntry),
    transact: createTransact(database, tails),
  }
}
