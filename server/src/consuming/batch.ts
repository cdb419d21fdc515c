import type { LogEntry, ResetReason } from 'tidings/protocol'

/** An entry of a room's log: what happened, and of a message what it is now. */
export interface RoomEntry extends LogEntry {
  readonly room: string
}

/**
 * What stands before a batch is not what the group was given before, or was never given to it. `trimmed`: it is not kept any more. `fork`,
 * `restored`: the log came back with less than it had, as after a crash of Redis. `unknown`: the position is none.
 */
export interface Gap {
  readonly reason: ResetReason
  /** The position up to which the group had been given the room; 0 for nothing. */
  readonly handed: number
  /** The position at which it goes on: after it what is missing, before it what is handed over again. */
  readonly from: number
}

/** Some entries of one room, in order. */
export interface Batch {
  readonly room: string
  /** None only with a gap behind which there is nothing yet. */
  readonly entries: readonly RoomEntry[]
  readonly gap?: Gap
}

/**
 * Is given a batch, and has taken it over when it resolves. A throw or rejection gets the same entries again, after a while, and perhaps those
 * that came since.
 */
export type Handle = (batch: Batch) => void | Promise<void>
