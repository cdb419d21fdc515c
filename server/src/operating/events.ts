import type { ResetReason } from 'tidings/protocol'

/** What happens in a server, for those who run it. Never a body, a token, or what stands behind the ? of an address. */
export type ServerEvent =
  | { readonly is: 'opened'; readonly address?: string }
  /** `code` is the close code that the server chose; without one the other side went. */
  | { readonly is: 'closed'; readonly user?: string; readonly code?: number; readonly ms: number }
  | { readonly is: 'received'; readonly bytes: number }
  | { readonly is: 'sent'; readonly bytes: number }
  /** An append, with what became of each of its operations: `committed`, `repeated`, `unchanged`, or a nack code. */
  | { readonly is: 'appended'; readonly outcomes: readonly string[]; readonly ms: number }
  /** A page of a log was read: `page`, or why its place is lost. */
  | { readonly is: 'read'; readonly answer: string; readonly ms: number }
  /** Somebody asked to go on from a place that is lost, and why it is. `fork`: the log came back with less than was acknowledged. */
  | { readonly is: 'lost'; readonly reason: ResetReason }
  | {
      readonly is: 'answered'
      readonly method: string
      readonly path: string
      readonly status: number
      readonly ms: number
    }
  /** Something could not be moved into the archive now. It stays in Redis and is tried again. */
  | { readonly is: 'unarchived'; readonly message: string }
  /** A group of workers was handed so many entries of a room, which took so long. */
  | { readonly is: 'consumed'; readonly group: string; readonly entries: number; readonly ms: number }
  /**
   * A batch of a room could not be handed over, for the nth time in a row, or rooms could not be taken. It is tried again. `error` is the name
   * of the error: its message may hold a body.
   */
  | {
      readonly is: 'unconsumed'
      readonly group: string
      readonly room?: string
      readonly attempt: number
      readonly error: string
    }
  | { readonly is: 'draining' }
  | { readonly is: 'failed'; readonly message: string }

export type Tell = (event: ServerEvent) => void

/** What is worth a line: not every text. */
const LINES: Readonly<Record<ServerEvent['is'], 'info' | 'error' | undefined>> = {
  opened: 'info',
  closed: 'info',
  received: undefined,
  sent: undefined,
  appended: undefined,
  read: undefined,
  lost: undefined,
  answered: 'info',
  unarchived: 'error',
  consumed: undefined,
  unconsumed: 'error',
  draining: 'info',
  failed: 'error',
}

/** An event as a line of JSON: `time` (ISO 8601), `level`, `event`, and what it says. Undefined for what is counted only. */
export function lineOf({ is, ...said }: ServerEvent, now: number): string | undefined {
  const level = LINES[is]
  return level && JSON.stringify({ time: new Date(now).toISOString(), level, event: is, ...said })
}
