import type { JumpTarget } from 'tidings'
import { type Cell, createCell } from './cell.js'

/** Where something opens: the edges of what it belongs to, on the screen. */
export interface Anchor {
  readonly top: number
  readonly bottom: number
  readonly left: number
  readonly right: number
}

/** What is open beside a message. */
export interface OpenMenu {
  readonly message: string
  readonly at: Anchor
  /** Everything that can be done with it, or the pictures alone. */
  readonly kind: 'all' | 'reactions'
}

/** What somebody is about to do in a room, at most one of each at a time. Messages are named by their keys. */
export interface Desk {
  readonly replyTo: Cell<string | null>
  readonly editing: Cell<string | null>
  readonly menu: Cell<OpenMenu | null>
  /** Whose deletion has to be confirmed. */
  readonly removing: Cell<string | null>
  /** Whether the settings of the room are open. */
  readonly settings: Cell<boolean>
  /** Where the reader wants to be taken. */
  readonly goal: Cell<JumpTarget | null>
}

export const createDesk = (): Desk => ({
  replyTo: createCell<string | null>(null),
  editing: createCell<string | null>(null),
  menu: createCell<OpenMenu | null>(null),
  removing: createCell<string | null>(null),
  settings: createCell(false),
  goal: createCell<JumpTarget | null>(null),
})
