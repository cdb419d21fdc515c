import type { Committed, EntryKind } from '../core/seams.js'
import { cursorAt } from '../log/cursor.js'
import type { Row, Tail } from '../log/store.js'
import { FIELDS } from './lua-rows.js'

/** What parts the fields of a row, the groups of its reactions, the names in a group, and the rows in a text: no name or JSON holds any of them. */
export const FIELD = '\u001f'
const LIST = '\u001e'
const ITEM = '\u001d'
export const PART = '\u001c'
/** All of them: a name that holds one is not taken. */
export const PARTING: readonly string[] = [FIELD, LIST, ITEM, PART]

const KINDS: readonly string[] = [
  'create',
  'edit',
  'delete',
  'react',
  'unreact',
  'system',
] satisfies EntryKind[]
const isKind = (text: string | undefined): text is EntryKind => text !== undefined && KINDS.includes(text)

const textOf = (field: string | undefined): string | null =>
  field === undefined || field === '' ? null : field
const numberOf = (field: string | undefined): number | null =>
  field === undefined || field === '' ? null : Number(field)

/** The reactions of a message as JSON. */
const reactionsOf = (field: string | undefined): string | null => {
  if (field === undefined || field === '') return null
  const groups = field.split(LIST).map((group) => {
    const [emoji, ...users] = group.split(ITEM)
    return `${emoji}:[${users.join(',')}]`
  })
  return `{${groups.join(',')}}`
}

/** The same as the library keeps it: each emoji and each user as JSON. */
const reactionsText = (reactions: string | null): string => {
  const groups: unknown = JSON.parse(reactions ?? '{}')
  return Object.entries(Object(groups))
    .map(([emoji, users]) =>
      [emoji, ...(Array.isArray(users) ? users : [])].map((name) => JSON.stringify(name)),
    )
    .map((group) => group.join(ITEM))
    .join(LIST)
}

/** A row from the archive as the library keeps it. Of which edits made it what it is the archive alone takes care. */
export function rowText(row: Row): string {
  const { seq, messageId, author, id, kind, stamp, ts, version, targetId, targetSeq, targetStamp } = row
  const { edited, deleted, reactions, rev, editStamp, editId, digest, mark, body } = row
  const told = [seq, messageId, author, id, kind, stamp, ts, version, targetId, targetSeq, targetStamp]
  const kept = [edited, deleted, reactionsText(reactions), rev, editStamp, editId, digest, mark, '', body]
  return [...told, ...kept].map((field) => field ?? '').join(FIELD)
}

/** Reads a row as the library keeps it. Throws when it is none. */
export function rowOf(room: string, text: string): Row {
  const fields = text.split(FIELD)
  const [seq, messageId = '', author = '', id = '', kind, stamp = '', ts, version] = fields
  const [targetId, targetSeq, targetStamp, edited, deleted, reactions, rev] = fields.slice(8)
  const [editStamp, editId, digest = '', mark = '', , body] = fields.slice(15)
  if (fields.length !== FIELDS || !isKind(kind)) throw new Error('Redis holds something else than a row.')
  return {
    room,
    seq: Number(seq),
    messageId,
    author,
    id,
    kind,
    stamp,
    ts: Number(ts),
    body: textOf(body),
    version: numberOf(version),
    targetId: textOf(targetId),
    targetSeq: numberOf(targetSeq),
    targetStamp: textOf(targetStamp),
    edited: Number(edited),
    deleted: Number(deleted),
    reactions: reactionsOf(reactions),
    rev: numberOf(rev),
    editStamp: textOf(editStamp),
    editId: textOf(editId),
    digest,
    mark,
  }
}

/** The end of a room's log, and where what is kept of it begins: in Redis, and in all, which with an archive is further back. */
export interface Extent extends Tail {
  readonly first: number
  /** The mark of the position before the first. */
  readonly before: string
  readonly origin: number
  /** The mark of the position before the origin. */
  readonly start: string
}

export function extentOf(text: string): Extent {
  const [head, mark = '', ts, sameTs, stamp = '', ...kept] = text.split(FIELD)
  const [first, before = '', origin, start = ''] = kept
  return {
    head: Number(head),
    mark,
    ts: Number(ts),
    sameTs: Number(sameTs),
    stamp,
    first: Number(first),
    before,
    origin: Number(origin),
    start,
  }
}

/** An entry with what tells whether it follows another: the marks of its position and of the one before. */
export interface Told {
  readonly committed: Committed
  readonly mark: string
  readonly prevMark: string
}

export function toldOf(row: Row, prevMark: string): Told {
  const { room, seq, messageId, id, author, stamp, ts, kind, body, version, mark } = row
  const { targetId, targetSeq, targetStamp } = row
  const committed: Committed = {
    room,
    seq,
    cursor: cursorAt(seq, mark),
    prev: cursorAt(seq - 1, prevMark),
    messageId,
    id,
    from: author,
    stamp,
    ts,
    kind,
    ...(version !== null && { version }),
    ...(body !== null && { body }),
    ...(targetId !== null &&
      targetSeq !== null &&
      targetStamp !== null && { target: { messageId: targetId, seq: targetSeq, stamp: targetStamp } }),
  }
  return { committed, mark, prevMark }
}

/** What a call committed, in order: the mark before, then a row each. */
export function toldIn(room: string, text: string): readonly Told[] {
  const [start = '', ...rows] = text.split(PART)
  let mark = start
  return rows.map((each) => {
    const row = rowOf(room, each)
    const told = toldOf(row, mark)
    mark = row.mark
    return told
  })
}
