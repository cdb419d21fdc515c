import type { Json } from '../protocol/index.js'
import type { BodyIssue, TidingsError } from './errors.js'

/**
 * What the author sees of a message's way: `pending` (on its way, or waiting for a connection, under 5 s), `delayed` (the same, longer),
 * `unknown` (it may have arrived; only the user can say whether to send it again), `failed` (refused; retry or discard), `confirmed`.
 */
export type MessageStatus = 'pending' | 'delayed' | 'unknown' | 'failed' | 'confirmed'

/** Who reacted with what; a person counts once per emoji. */
export interface Reaction {
  readonly emoji: string
  readonly users: readonly string[]
}

/** A message as it is now. Replaced when it changes, never mutated; the same reference means that nothing changed. */
export interface Message<Body = Json> {
  readonly type: 'message'
  /** Stays the same from the first tick on, over acknowledgement, edits and reloads: for row keys, selection and scroll anchors. */
  readonly key: string
  /** `tmp_` and the operation id until acknowledged, then the server's id for ever. Every method of a room takes either, and the key. */
  readonly id: string
  readonly room: string
  /** User id of the author, as the server knows it. */
  readonly from: string
  /** Null once deleted. */
  readonly body: Body | null
  /** Hybrid logical clock stamp: the display order is (stamp, id). */
  readonly stamp: string
  /** When it was written, ms since the epoch, by the author's clock as corrected by the server. */
  readonly sentAt: number
  /** When the server took it, ms since the epoch; null before. */
  readonly ts: number | null
  /** Position in the room's log; null before the acknowledgement. */
  readonly seq: number | null
  readonly status: MessageStatus
  /** Why it failed; null otherwise. */
  readonly error: TidingsError | null
  /** Starts at 1; an edit or a delete raises it. */
  readonly version: number
  readonly edited: boolean
  readonly deleted: boolean
  /** Id of the message that this one answers; a key while that one is pending. */
  readonly replyTo: string | null
  readonly reactions: readonly Reaction[]
  /** It reached the server long after it was written, so it stands above messages that were here before it. Never set on own messages. */
  readonly late: boolean
  /** False when the device could not store it before it was sent; true otherwise. */
  readonly durable: boolean
}

/** A stretch of the room's log that this device does not hold. `fillGap(gap)` loads from its newer end. */
export interface Gap {
  readonly type: 'gap'
  readonly key: string
  /** The last position held before it, 0 when there is none. */
  readonly after: number
  /** The first position held behind it. */
  readonly before: number
}

/**
 * Where to: a message by its key, temporary or server id; a moment (a Date, or ms since the epoch): the first message that the server
 * took then or later, the newest one if there is none; `newest`; `first-unread`.
 */
export type JumpTarget = 'newest' | 'first-unread' | (string & {}) | number | Date

/**
 * What came of a jump. `key` is the message that was asked for, now in the list; null where the room is empty. Otherwise the list stays
 * as it was: `offline` (the device does not hold it, and the server cannot be asked now), `not_found` (neither has it; for
 * `first-unread`: there is nothing unread, or the server keeps no marks), `storage` (the device has no place for it), `superseded`
 * (another jump, or an own message, took the reader elsewhere meanwhile).
 */
export type Jump =
  | { readonly found: true; readonly key: string | null }
  | { readonly found: false; readonly reason: 'offline' | 'not_found' | 'storage' | 'superseded' }

/** A message that is there and cannot be shown: its body does not fit the schema. It keeps its place, and stops nothing. */
export interface Unreadable {
  readonly type: 'unreadable'
  readonly key: string
  /** As of a message: every method of a room takes it, and the key. */
  readonly id: string
  readonly from: string
  readonly stamp: string
  /** Null for an own message that is not acknowledged yet, written by another version of the application. */
  readonly seq: number | null
  /** What the schema found wrong. */
  readonly issues: readonly BodyIssue[]
}

/** What a timeline lists; told apart by `type`. */
export type TimelineItem<Body = Json> = Message<Body> | Gap | Unreadable

/**
 * `loading` (from the device's storage), `cached` (what the device holds; the server was not heard yet),
 * `syncing` (catching up), `live` (caught up, and following every message), `refused` (the server does not let this user in, see `error`).
 */
export type TimelineStatus = 'loading' | 'cached' | 'syncing' | 'live' | 'refused'

/** A room's list at one moment. Frozen; the same reference until something changed. */
export interface Timeline<Body = Json> {
  readonly items: readonly TimelineItem<Body>[]
  /** Own operations of the room that are not confirmed yet. */
  readonly pending: number
  /** Messages whose place lies before what is loaded; `loadOlder` brings them in. */
  readonly late: number
  /** Whether there is more of the room before the first item: `loadOlder`. */
  readonly hasOlder: boolean
  /** Whether the list stands in the past, and what is newer is not in it: `loadNewer`, or `jumpTo('newest')`. */
  readonly hasNewer: boolean
  /** Messages of others after this user's read mark, as the server counts them, plus those that came since; null before the server was heard. */
  readonly unread: number | null
  /** Key of the first of them that is loaded; null when there is none. */
  readonly firstUnread: string | null
  readonly status: TimelineStatus
  readonly error: TidingsError | null
}
