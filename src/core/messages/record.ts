import { body, count, cursor, name, reaction, seq, stamp, time } from '../../protocol/fields.js'
import { compareText, type LogEntry } from '../../protocol/index.js'
import {
  array,
  boolean,
  fits,
  type Infer,
  maybe,
  nullable,
  object,
  oneOf,
  string,
} from '../../protocol/shape.js'
import { LIMITS } from '../limits.js'
import type { Stored } from '../seams/storage.js'

/** What the cache keeps on disk. Rows are checked on the way in: a disk is as untrusted as a network. */

const storedReaction = object({ emoji: reaction, users: array(name, 10_000) })

const decidedReaction = object({ emoji: reaction, user: name, seq })

/** A message of the log as it is now, folded from its create and the operations on it. Replaced, never mutated. */
export const storedMessage = object({
  seq,
  /** Every operation up to here is folded in. */
  rev: seq,
  /** Operations from beyond a gap are folded in as well: the last one's place, and whose reaction was decided by which. */
  ahead: maybe(object({ upTo: seq, reactions: array(decidedReaction, 10_000) })),
  messageId: name,
  id: name,
  from: name,
  stamp,
  ts: time,
  kind: oneOf('create', 'system'),
  body,
  version: count,
  edited: boolean,
  deleted: boolean,
  replyTo: maybe(name),
  reactions: array(storedReaction, 10_000),
})
export type StoredMessage = Infer<typeof storedMessage>

/** A stretch of a room's log that is held without holes: the positions `after` < seq <= `upTo`. */
const storedRange = object({
  after: count,
  /** Null at the start of the log. */
  afterCursor: nullable(cursor),
  upTo: count,
  cursor,
})
export type StoredRange = Infer<typeof storedRange>

/** A room's replica on disk: its ranges, oldest first; the last one ends at the position. */
const storedRoom = object({
  v: count,
  ranges: array(storedRange, 1_000),
  /** The largest stamp seen in the room, or '' before any. */
  peak: string(0, 24),
  /** Positions passed, oldest first: what a server that lost its tail is asked to recognise. */
  edges: array(object({ seq: count, cursor }), 64),
  /** How often something was taken away: who reads in several steps can tell whether they belong together. */
  cuts: maybe(count),
  /** Falls of the log, each as deep as it went: a server came back with less. */
  falls: maybe(array(object({ to: count, at: count }), LIMITS.falls)),
  /** When the record was made, ms since the epoch by the device: one that was lost and made anew is another one. */
  made: maybe(count),
  /** Characters of JSON that its blocks hold, about; and when somebody wrote or looked there last, ms since the epoch by the device. */
  bytes: maybe(count),
  usedAt: maybe(count),
})
export type StoredRoom = Infer<typeof storedRoom>

export const RECORD_VERSION = 1

/** Undefined when there is none or it cannot be read: the room is then fetched anew. */
export const readRoom = (value: Stored | undefined): StoredRoom | undefined =>
  fits(storedRoom, value) && value.v === RECORD_VERSION ? value : undefined

export const writeRoom = (state: Omit<StoredRoom, 'v'>): Stored => ({ v: RECORD_VERSION, ...state })

const encoded = (room: string): string => encodeURIComponent(room)
const padded = (blockNumber: number): string => blockNumber.toString(36).padStart(10, '0')

/** Which block a seq lies in. */
export const blockOf = (position: number): number => Math.floor(position / LIMITS.blockMessages)

export const keys = {
  room: (room: string): string => `r/${encoded(room)}`,
  /** The records of all rooms, as a half-open range. */
  rooms: ['r/', 'r0'],
  block: (room: string, blockNumber: number): string => `b/${encoded(room)}/${padded(blockNumber)}`,
  /** Which block of its room lies under a key. */
  blockAt: (key: string): number => Number.parseInt(key.slice(key.lastIndexOf('/') + 1), 36),
  /** Every block of a room, as a half-open range. */
  blocks: (room: string): readonly [gte: string, lt: string] => [
    `b/${encoded(room)}/`,
    `b/${encoded(room)}0`,
  ],
} as const

/** The room of a record's key. */
export const roomOf = (key: string): string => decodeURIComponent(key.slice(2))

/** Display order: (stamp, messageId) by code units. */
export const orderKey = (message: { readonly stamp: string; readonly messageId: string }): string =>
  message.stamp + message.messageId

/** The message that a create (or system) entry brings, in the state in which the page showed it. */
export const fromCreate = (entry: LogEntry): StoredMessage => ({
  seq: entry.seq,
  rev: entry.rev ?? entry.seq,
  messageId: entry.messageId,
  id: entry.id,
  from: entry.from,
  stamp: entry.stamp,
  ts: entry.ts,
  kind: entry.kind === 'system' ? 'system' : 'create',
  body: entry.deleted ? null : (entry.body ?? null),
  version: entry.version ?? 1,
  edited: entry.edited ?? false,
  deleted: entry.deleted ?? false,
  ...(entry.replyTo !== undefined && { replyTo: entry.replyTo }),
  reactions: Object.entries(entry.reactions ?? {})
    .map(([emoji, users]) => ({ emoji, users }))
    .sort((a, b) => compareText(a.emoji, b.emoji)),
})
