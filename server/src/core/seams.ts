import type { NackCode, ResetReason } from 'tidings/protocol'
import type { Groups } from './groups.js'
import type { Marks } from './marks.js'

/** Time, from outside. The same shape as the SDK's clock, so that one virtual timeline drives clients and servers. */
export interface Clock {
  /** Wall time, ms since the epoch. May jump. */
  now(): number
  /** Calls `fn` after `ms` of elapsed time, perhaps later, never earlier. `after(0)` means the end of this tick. Returns a cancel. */
  after(ms: number, fn: () => void): () => void
}

/** Chance, from outside: `next()` in [0, 1), `id()` a name that nobody else makes. */
export interface Random {
  next(): number
  id(): string
}

/** One open connection to a client, whatever carries it. `close` may be called once; nothing is sent afterwards. */
export interface Socket {
  send(text: string): void
  close(code: number, reason: string): void
  /** Bytes handed to `send` that the network has not taken yet. */
  readonly bufferedAmount: number
}

/** Where a connection comes from: a hint beside the token, which alone says who it is. */
export interface Origin {
  readonly origin?: string
  readonly address?: string
}

/**
 * Who a token speaks for, until when (ms, server time), and what else it says of them, which only `authorize` reads; or why it speaks
 * for nobody.
 */
export type Verified =
  | { readonly user: string; readonly expiresAt?: number; readonly rights?: unknown }
  | 'expired'
  | 'refused'
/** Somebody whose token was good. */
export type Identity = Exclude<Verified, string>
/** Checks a token. A throw or rejection means "cannot tell now" and costs the client only a reconnect. */
export type Verify = (token: string | undefined, origin: Origin) => Verified | Promise<Verified>

/**
 * What a user wants to do. `change` is editing or removing a message of one's own, `moderate` one of somebody else's;
 * `moderate` is asked beside `change`, and its refusal only narrows what the change may touch.
 */
export type Verb = 'read' | 'write' | 'react' | 'change' | 'moderate'
/** A nack code that says no; retryable ones leave the operation in its author's outbox. */
export type Permit =
  | 'allow'
  | Extract<NackCode, 'forbidden' | 'not_member' | 'not_found' | 'room_gone' | 'unavailable'>
/** Asked for every verb, every time. What it throws counts as `unavailable`: nothing is allowed by accident. */
export type Authorize = (ask: {
  readonly user: string
  readonly verb: Verb
  readonly room: string
  readonly rights: unknown
}) => Permit | Promise<Permit>

/** What is seen of an entry by a filter. `text` is the entry's JSON as pages carry it, or the event's. */
export interface Glimpse {
  readonly room: string
  readonly seq: number
  readonly from: string
  readonly kind: EntryKind
  readonly text: string
}
/** Whether a user may see an entry. A filter answers yes or no and never rewrites: hidden positions become `skip`. A throw means no. */
export type Sees = (user: string, entry: Glimpse) => boolean

export type EntryKind = 'create' | 'edit' | 'delete' | 'react' | 'unreact' | 'system'

/** Something a client or the host wants in a log. `body` is JSON text and is never parsed again. */
export interface Operation {
  readonly room: string
  readonly author: string
  /** Made once by the author and kept over every retry. */
  readonly id: string
  readonly kind: EntryKind
  readonly stamp: string
  readonly body?: string
  /** The message answered: its messageId, or the operation id of an earlier one of the same author. */
  readonly replyTo?: string
  /** The message changed, named in the same two ways. */
  readonly messageId?: string
  readonly baseVersion?: number
  /** The author may change messages of others. */
  readonly moderates?: boolean
}

/** The message that an entry answers or changes. */
export interface Target {
  readonly messageId: string
  readonly seq: number
  readonly stamp: string
}

/** An operation that now stands in a log. `prev` is the cursor of the position before it. */
export interface Committed {
  readonly room: string
  readonly seq: number
  readonly cursor: string
  readonly prev: string
  readonly messageId: string
  readonly id: string
  readonly from: string
  readonly stamp: string
  readonly ts: number
  readonly kind: EntryKind
  readonly body?: string
  readonly version?: number
  readonly target?: Target
}

/** The answer to an operation. `applied: false` was accepted but changes nothing (it lost, or it was so already) and has no `seq`. */
export interface Done {
  readonly done: true
  readonly messageId: string
  readonly seq?: number
  readonly stamp: string
  readonly ts: number
  readonly version?: number
  readonly dup: boolean
  readonly applied: boolean
}
export interface Refused {
  readonly done: false
  readonly code: NackCode
  readonly message: string
  readonly currentVersion?: number
  /** JSON text. */
  readonly currentValue?: string
}
export type Outcome = Done | Refused

/** Where a room's log stands, and whether the cursor that came with the question is on it. */
export interface Standing {
  readonly head: number
  /** The head's cursor. */
  readonly cursor: string
  /** The first position that is kept, from 1. */
  readonly first: number
  readonly lost?: ResetReason
  /** How far the reader asked about has read; 0 before they read anything. Only where marks are kept. */
  readonly mark?: number
  /** Messages of others after it, deleted ones left out: counted to 1,000, and within the newest 10,000 positions. */
  readonly unread?: number
}

export interface StandingRequest {
  readonly room: string
  readonly cursor?: string
  /** Whose mark is wanted. */
  readonly reader?: string
}

export interface PageRequest {
  readonly room: string
  readonly dir: 'forward' | 'backward'
  readonly cursor?: string
  /** Messages at most; operations on messages count in forward pages only. */
  readonly limit: number
  /** Cursors of which the newest that the log recognises becomes the start; none recognised: the start of the log. */
  readonly checkpoints?: readonly string[]
}

export interface PageItem {
  readonly seq: number
  readonly from: string
  readonly kind: EntryKind
  /** JSON text of the entry, ready to be spliced into a frame. */
  readonly text: string
}

/** What lies in (prev, cursor]. `prev` is null where a forward page begins with the log: there was neither a cursor nor a checkpoint that it recognised. */
export interface Page {
  readonly items: readonly PageItem[]
  readonly prev: string | null
  readonly cursor: string
  readonly seq: number
  readonly hasMore: boolean
  readonly head: number
}

/** A room whose past is another one than was told. */
export interface Loss {
  readonly room: string
  readonly reason: ResetReason
  readonly head: number
}

/** A place in a log: a position, the first entry that is not older than a time, or a message, named as an operation of `author` names one. */
export type Place =
  | { readonly seq: number }
  | { readonly ts: number }
  | { readonly messageId: string; readonly author: string }

/** A page with the place in its middle, as far as the ends of the log allow; `at` is the position that was found. */
export interface Surroundings extends Page {
  readonly at: number
}
export type PageAnswer = Page | { readonly lost: ResetReason; readonly head: number }

/**
 * Logs of rooms. The law, which `server/test/log-laws.ts` checks on every implementation:
 * - `append` commits the operations of a room together or not at all; those of a room commit in the order the calls were made; outcomes are
 *   in the order of the operations. An operation that is refused costs its neighbours nothing. After a rejection nobody knows what was
 *   committed, and a repeat is safe.
 * - It is idempotent by (room, author, id), for as long as it says: a repeat gets the same answer with `dup: true` and adds nothing; the same id with
 *   another kind, body or target is `id_conflict`. `messageId` is a pure function of the three.
 * - References by operation id are resolved inside the commit: an earlier operation of the same array counts.
 * - Each room numbers its entries from 1 without a gap, and its `ts` never goes back.
 * - A stamp is replaced by a fresh one of the room when it is more than 60 s ahead of server time, more than 7 days behind it, or not after
 *   the stamp of the message it answers or changes. A fresh stamp is after every stamp that the room accepted.
 * - Only the author edits or deletes, unless `moderates`. `baseVersion` that is not current is `conflict`; without it the later (stamp, messageId)
 *   wins. What loses or changes nothing is `applied: false`, is remembered and takes no position. A delete leaves a tombstone without body, and
 *   takes the bodies of earlier edits with it.
 * - A position has one cursor, whoever asks. It depends on everything up to it: two logs that differ anywhere before share no later cursor.
 * - `follow` tells every committed entry once, in order of seq per room, before the append that caused it is answered.
 * - A forward page shows creates as they are now, with `rev`, and the operations of its range; it holds at most `limit` entries and 256 KiB of
 *   them, but never less than one. A backward page holds at most `limit` messages, and the operations of the range as well.
 */
export interface Log {
  append(operations: readonly Operation[]): Promise<readonly Outcome[]>
  follow(listener: (committed: readonly Committed[]) => void): () => void
  /** Told when a room turns out not to be what followers were told of it, as after a crash that lost acknowledged entries. */
  onLost?(listener: (lost: Loss) => void): () => void
  locate(requests: readonly StandingRequest[]): Promise<readonly Standing[]>
  page(request: PageRequest): Promise<PageAnswer>
  /**
   * Entries with `ts >= since`, ascending. Cut at `limit` or at 256 KiB, by size only between two timestamps; a room gives at most
   * 16 entries one `ts`, so that a reader who knows nothing but timestamps always gets on.
   */
  since(room: string, since: number, limit: number): Promise<Page>
  /**
   * What lies around a place: half of `limit` messages up to it and half after it, with the operations between. `hasMore` as in a backward
   * page. A position or time beyond the head is the head. Undefined when the room holds no such message.
   */
  around(room: string, place: Place, limit: number): Promise<Surroundings | undefined>
  /** For how long a repeat is recognised at least, ms; for ever without it. */
  readonly dedupeMs?: number
  /** Who has read how far. Without it the server keeps no read marks. */
  readonly marks?: Marks
  /** Workers that are given every entry. Without it there can be none. */
  readonly groups?: Groups
  close(): Promise<void>
}
