import type { Entry } from '../core/entry-text.js'
import type { Mark } from '../core/marks.js'

/** An entry with what only the log needs to know. Numbers stand for booleans, null for what is absent: the row as SQLite keeps it. */
export interface Row extends Entry {
  readonly room: string
  /** Tells whether a repeat is the same operation, after the body itself has changed or gone. */
  readonly digest: string
  /** Ends the cursor of this position. */
  readonly mark: string
  /** Of the last edit that won. */
  readonly editStamp: string | null
  readonly editId: string | null
}

/** An operation that was accepted, changed nothing and has no position. Kept so that its repeat gets the same answer. */
export interface Unlogged {
  readonly room: string
  readonly messageId: string
  readonly author: string
  readonly id: string
  readonly digest: string
  readonly stamp: string
  readonly ts: number
  readonly version: number | null
}

/** The end of a room's log. */
export interface Tail {
  readonly head: number
  readonly mark: string
  /** Server time of the last entry, and how many entries have it. */
  readonly ts: number
  readonly sameTs: number
  /** The largest stamp accepted; '' before the first. */
  readonly stamp: string
}

/** What a message becomes by an operation on it. */
export type Present = Pick<
  Row,
  'body' | 'version' | 'edited' | 'deleted' | 'reactions' | 'rev' | 'editStamp' | 'editId'
>

/** Read marks, and what is counted from them. */
export interface MarkRows {
  mark(room: string, user: string): Mark | undefined
  setMark(mark: Mark): void
  /** Of everybody, in no order. */
  marks(room: string): readonly Mark[]
  /** Messages of others than this user with after < seq <= upTo, deleted ones left out, counted to `limit`. */
  countOthers(room: string, user: string, after: number, upTo: number, limit: number): number
}

/** The end of a room's log, and where a group stands in it. */
export interface RoomEnd extends Pick<Tail, 'head' | 'mark'> {
  readonly room: string
  readonly position: string | null
}

/** Groups of workers, and how far each has been given each room. */
export interface GroupRows {
  /** The rooms of a group, as its name for them says. */
  roomsOf(group: string): string | undefined
  setGroup(group: string, rooms: string): void
  /** Together with all its positions. */
  removeGroup(group: string): void
  setPosition(group: string, room: string, position: string): void
  endFor(group: string, room: string): RoomEnd | undefined
  /** Every room that has an entry. */
  endsFor(group: string): readonly RoomEnd[]
}

/** Rows to read, synchronously: all that the rules of pages need. */
export interface Rows {
  tail(room: string): Tail
  find(room: string, messageId: string): Row | undefined
  at(room: string, seq: number): Row | undefined
  /** The mark of a position of the log, the one before the first that is kept included. */
  markAt(room: string, seq: number): string | undefined
  /** The first position that is kept, from 1. */
  first(room: string): number
  /** A position before which nothing is as new as this time, where a search may begin; the first without it. */
  searchFrom?(room: string, ts: number): number
  /** At most `limit` entries with from <= seq <= to, ascending or descending. */
  range(room: string, from: number, to: number, limit: number, order: 'asc' | 'desc'): readonly Entry[]
}

/** Rows to write as well, for the rules of commits. Writes belong to the transaction that is open. */
export interface Store extends Rows, MarkRows, GroupRows {
  setTail(room: string, tail: Tail): void
  insert(row: Row): void
  change(room: string, seq: number, present: Present): void
  /** Removes the bodies of all edits of the message at this position. */
  forgetEdits(room: string, targetSeq: number): void
  unlogged(room: string, messageId: string): Unlogged | undefined
  remember(unlogged: Unlogged): void
}
