import type { Json } from '../protocol/index.js'
import type { Message } from './message.js'

/** Two texts for one message: this user's, and what somebody else, or another device of this user, made of it meanwhile. */
export interface Conflict<Body = Json, Input = Body> {
  readonly room: string
  /** The message as it is shown now; null when it is not loaded, or cannot be read. */
  readonly message: Message<Body> | null
  /** What this user wrote last. */
  readonly yours: Input
  /** What the message says now; null when it cannot be read. */
  readonly current: Body | null
  /** What it said when this user began; null when that is not known. */
  readonly base: Body | null
}

/**
 * What becomes of a conflict: `edit` writes that body on top of the current version, `discard` gives the edit up. Undefined leaves it to
 * the user: the message stays failed with `conflict`, for `room.retry` and `room.discard`.
 */
export type Resolution<Input = Json> = { readonly edit: Input } | 'discard' | undefined

/** Asked once for each conflict in the life of a page; may answer later. What it throws is reported, and the conflict left to the user. */
export type OnConflict<Body = Json, Input = Body> = (
  conflict: Conflict<Body, Input>,
) => Resolution<Input> | Promise<Resolution<Input>>

/**
 * What happens when a message is edited twice at the same time, as on two devices. `lastWriterWins`: the later edit wins, by its stamp,
 * then by its id, on every device alike; the other one is gone without a word. `expectVersion`: an edit is taken only if the message
 * is as its author saw it; otherwise `onConflict` decides, or the user: the message is failed with code `conflict`, and
 * `message.error.edit` holds both texts.
 */
export type ConflictPolicy = 'lastWriterWins' | 'expectVersion'

/** How a room treats conflicts. */
export interface ConflictRules<Body = Json, Input = Body> {
  /** `lastWriterWins` unless given. */
  readonly conflicts?: ConflictPolicy | undefined
  /** Decides conflicts of edits that expect a version; without it the user does. */
  readonly onConflict?: OnConflict<Body, Input> | undefined
}

/** Who decides conflicts, by room. */
export interface Conflicts {
  attach(room: string, ask: (operation: string) => boolean): void
  /** Whether somebody decides it; then nobody else is told that it failed, unless it is left undecided. */
  ask(room: string, operation: string): boolean
}

export function createConflicts(): Conflicts {
  const asked = new Map<string, (operation: string) => boolean>()
  return {
    attach: (room, ask) => void asked.set(room, ask),
    ask: (room, operation) => asked.get(room)?.(operation) ?? false,
  }
}
