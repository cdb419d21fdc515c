import { fingerprint } from './digest.js'

/**
 * A cursor is `<seq in base 36>.<8 characters>`; the characters digest the entry at that position together with the characters before it,
 * so that a log which lost its tail and grew another one is noticed at any later position.
 */
const CURSOR = /^([0-9a-z]{1,11})\.([A-Za-z0-9_-]{8})$/

export interface Position {
  readonly seq: number
  readonly mark: string
}

/** The mark of position 0. Rooms differ in it, so a cursor of one room is never taken for one of another. */
export const firstMark = (room: string): string => fingerprint(8, room)

export const nextMark = (mark: string, messageId: string, id: string, stamp: string): string =>
  fingerprint(8, mark, messageId, id, stamp)

export const cursorAt = (seq: number, mark: string): string => `${seq.toString(36)}.${mark}`

/** Takes a cursor apart; undefined for what no log of this kind has made. */
export function parseCursor(cursor: string): Position | undefined {
  const [, digits, mark] = CURSOR.exec(cursor) ?? []
  if (digits === undefined || mark === undefined) return undefined
  const seq = Number.parseInt(digits, 36)
  return Number.isSafeInteger(seq) && seq.toString(36) === digits ? { seq, mark } : undefined
}
