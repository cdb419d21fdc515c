import type { Entry } from '../core/entry-text.js'
import type { Value } from './sqlite-driver.js'
import type { Present, Row } from './store.js'

/** How rows stand in the tables of databases: one list of columns, in one order, for all that read and write them. */

/** What pages show of a row: reading costs by the column. */
export const ENTRY = `seq, message_id AS "messageId", author, id, kind, stamp, ts, body, version, target_id AS "targetId",
  target_seq AS "targetSeq", target_stamp AS "targetStamp", edited, deleted, reactions, rev`
export const ROW = `${ENTRY}, room, edit_stamp AS "editStamp", edit_id AS "editId", digest, mark`

const ROW_COLUMNS = `room, seq, message_id, author, id, kind, stamp, ts, body, version, target_id, target_seq, target_stamp,
  edited, deleted, reactions, rev, edit_stamp, edit_id, digest, mark`

/** Puts so many rows, whose values are `valuesOf` them, into a table. */
export const insertInto = (table: string, rows = 1): string => {
  const places = '(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'
  return `INSERT INTO ${table} (${ROW_COLUMNS}) VALUES ${Array.from({ length: rows }, () => places).join(', ')}`
}

/** Changes a message's row to what `presentValuesOf` it, the room and the position say. */
export const changeIn = (table: string): string =>
  `UPDATE ${table} SET body = ?, version = ?, edited = ?, deleted = ?, reactions = ?, rev = ?, edit_stamp = ?,
   edit_id = ? WHERE room = ? AND seq = ?`

/** Empties all edits of the message in a room at a position. */
export const forgetEditsIn = (table: string): string =>
  `UPDATE ${table} SET body = NULL WHERE room = ? AND target_seq = ? AND kind = 'edit'`

export function valuesOf(row: Row): Value[] {
  const { room, seq, messageId, author, id, kind, stamp, ts, body, version, digest, mark } = row
  const { targetId, targetSeq, targetStamp, edited, deleted, reactions, rev, editStamp, editId } = row
  return [
    ...[room, seq, messageId, author, id, kind, stamp, ts, body, version, targetId, targetSeq, targetStamp],
    ...[edited, deleted, reactions, rev, editStamp, editId, digest, mark],
  ]
}

export const presentValuesOf = (present: Present): Value[] => {
  const { body, version, edited, deleted, reactions, rev, editStamp, editId } = present
  return [body, version, edited, deleted, reactions, rev, editStamp, editId]
}

/** Whether a value has this field, of this type. Columns are typed by their schema; what is checked is that it is a row of that table at all. */
export const has = (value: unknown, key: string, type: 'string' | 'number'): boolean =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, key) === type

export const isEntry = (value: unknown): value is Entry =>
  has(value, 'seq', 'number') && has(value, 'messageId', 'string')
export const isRow = (value: unknown): value is Row =>
  has(value, 'seq', 'number') && has(value, 'mark', 'string')
