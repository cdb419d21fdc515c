import { has } from './columns.js'
import type { Database } from './sqlite-driver.js'
import type { GroupRows, RoomEnd } from './store.js'

/** Older servers do not know the tables and do not mind them: they need no version of their own. */
export const GROUPS_SCHEMA = `
CREATE TABLE IF NOT EXISTS worker_groups (
  name TEXT PRIMARY KEY,
  rooms TEXT NOT NULL          -- the rooms that it works on: a name, or the beginning of names and *
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS worker_positions (
  group_name TEXT NOT NULL,
  room TEXT NOT NULL,
  position TEXT NOT NULL,      -- cursors, parted by spaces: up to the first the group was given the room
  PRIMARY KEY (group_name, room)
) WITHOUT ROWID;
`

// Columns are typed by the schema; what is checked is that this is a row of that table at all.
const isEnd = (value: unknown): value is RoomEnd =>
  has(value, 'head', 'number') && has(value, 'mark', 'string')

export function createGroupRows(database: Database): GroupRows {
  const group = database.prepare('SELECT rooms FROM worker_groups WHERE name = ?')
  const add = database.prepare('INSERT INTO worker_groups (name, rooms) VALUES (?, ?)')
  const remove = database.prepare('DELETE FROM worker_groups WHERE name = ?')
  const clear = database.prepare('DELETE FROM worker_positions WHERE group_name = ?')
  const write = database.prepare(
    `INSERT INTO worker_positions (group_name, room, position) VALUES (?, ?, ?)
     ON CONFLICT (group_name, room) DO UPDATE SET position = excluded.position`,
  )
  const ends = `SELECT rooms.room, head, mark, position FROM rooms
    LEFT JOIN worker_positions AS kept ON kept.group_name = ? AND kept.room = rooms.room`
  const one = database.prepare(`${ends} WHERE rooms.room = ?`)
  const all = database.prepare(ends)
  return {
    roomsOf(name) {
      const rooms: unknown = Reflect.get(Object(group.get(name)), 'rooms')
      return typeof rooms === 'string' ? rooms : undefined
    },
    setGroup: (name, rooms) => void add.run(name, rooms),
    removeGroup(name) {
      remove.run(name)
      clear.run(name)
    },
    setPosition: (name, room, position) => void write.run(name, room, position),
    endFor(name, room) {
      const end = one.get(name, room)
      return isEnd(end) ? end : undefined
    },
    endsFor: (name) => all.all(name).filter(isEnd),
  }
}
