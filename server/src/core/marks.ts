/** How far a user has read a room: every message up to a position. */
export interface Mark {
  readonly room: string
  readonly user: string
  readonly upTo: number
  /** ms since the epoch, server time. */
  readonly readAt: number
}

/** What somebody says to have read: everything up to a position, or these messages, which stand for all before the last of them. */
export interface MarkClaim {
  readonly room: string
  readonly user: string
  readonly readAt: number
  readonly upTo?: number
  /** Ids of messages. Those that the room does not have are left out. */
  readonly messageIds?: readonly string[]
}

/**
 * Read marks of rooms, kept beside the log that they point into. The law, which `server/test/mark-laws.ts` checks on every implementation:
 * - A mark only rises. Claims are merged by the larger position, in any order and any number of times, and bounded by the room's head.
 * - `raise` keeps all that moved or rejects with nothing kept, and tells followers each mark that moved, once, before it resolves: in every
 *   process that shares the marks.
 * - What is told and read is by the room's head: a log that came back with less has no mark beyond its end.
 */
export interface Marks {
  raise(claims: readonly MarkClaim[]): Promise<void>
  /** Everybody who has read something in the room. */
  of(room: string): Promise<readonly Mark[]>
  /** Told once a `raise`, with all that moved; never with nothing. */
  follow(listener: (moved: readonly Mark[]) => void): () => void
}
