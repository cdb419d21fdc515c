import type { Row } from '../log/store.js'

/** How much of a room an archive has: a stretch without a hole. */
export interface Archived {
  /** Its first position, and the mark of the one before. */
  readonly first: number
  readonly before: string
  /** Its last position, with the mark and the server time of that. */
  readonly head: number
  readonly mark: string
  readonly ts: number
  /** The largest stamp among the entries. */
  readonly stamp: string
  /** How often something of the room was stored, from 1. */
  readonly stored: number
}

/** Entries of a room that go into an archive. */
export interface ArchiveBatch {
  readonly room: string
  /** `stored` as the writer has seen it; 0 for a room that the archive did not have. */
  readonly seen: number
  /** The mark of the position before the first row. */
  readonly before: string
  /** One or more, in order and without a hole, as they are now. */
  readonly rows: readonly Row[]
  /** Messages before the first row, as they are now. */
  readonly changed: readonly Row[]
}

/**
 * Where the history of rooms goes that Redis does not keep. Several may write to one archive. The law, which
 * `server/test/archive-laws.ts` checks on every implementation:
 * - `store` keeps a batch as a whole or not at all: false, and nothing is kept, when somebody else has stored something of the room since
 *   `seen`. So a writer that was away for long cannot spoil what others wrote.
 * - A room has each position once, without a hole: a batch begins at most one position behind the head, and what stood at its first position
 *   and behind it is gone. It has to follow: where the archive has another mark than `before`, `store` rejects and keeps nothing.
 * - A message in `changed` replaces what the archive had of it. Of one that is deleted neither its body stays nor those of its edits.
 * - What is read is what was stored, to the letter. What `store` has answered survives the end of the process.
 */
export interface Archive {
  /** Undefined for a room of which nothing was stored. */
  end(room: string): Promise<Archived | undefined>
  store(batch: ArchiveBatch): Promise<boolean>
  /** The rows with from <= seq <= to that are here, ascending. The caller bounds how many. */
  range(room: string, from: number, to: number): Promise<readonly Row[]>
  /** The newest row with this id. */
  find(room: string, messageId: string): Promise<Row | undefined>
  close(): Promise<void>
}

/** Why a batch is not taken. */
export const DOES_NOT_FOLLOW = 'This does not follow what the archive has of the room.'

/** How much of a room there is once the batch is stored. `mark`: what the archive has at the position before its first row. Throws when the batch does not follow. */
export function endAfter(
  { rows, before, seen }: ArchiveBatch,
  end: Archived | undefined,
  mark: string | undefined,
): Archived {
  const [first, last] = [rows[0], rows.at(-1)]
  if (!first || !last || (end && mark !== before)) throw new Error(DOES_NOT_FOLLOW)
  const stamp = rows.reduce((largest, row) => (row.stamp > largest ? row.stamp : largest), end?.stamp ?? '')
  return {
    first: end?.first ?? first.seq,
    before: end?.before ?? before,
    stored: seen + 1,
    head: last.seq,
    mark: last.mark,
    ts: last.ts,
    stamp,
  }
}
