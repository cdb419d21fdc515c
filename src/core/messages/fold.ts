import { compareText, type Json } from '../../protocol/index.js'
import type { Reaction } from '../message.js'

/** What an operation can change about a message, on disk and on the screen alike. */
export interface Foldable {
  readonly body: Json
  readonly version: number
  readonly edited: boolean
  readonly deleted: boolean
  readonly reactions: readonly Reaction[]
}

/** An operation on a message that exists. For `react` and `unreact` the body is the emoji. */
export interface Operation {
  readonly kind: 'edit' | 'delete' | 'react' | 'unreact'
  readonly from: string
  readonly body?: Json | undefined
  /** The version that the server gave it; the next one when it is not known yet. */
  readonly version?: number | undefined
}

/** The message after the operation. A deleted message stays deleted, whatever comes. Only edit and delete raise the version. */
export function fold<M extends Foldable>(message: M, operation: Operation): M {
  if (message.deleted) return message
  switch (operation.kind) {
    case 'edit':
      return {
        ...message,
        body: operation.body ?? null,
        edited: true,
        version: operation.version ?? message.version + 1,
      }
    case 'delete':
      return {
        ...message,
        body: null,
        deleted: true,
        reactions: [],
        version: operation.version ?? message.version + 1,
      }
    case 'react':
    case 'unreact':
      return typeof operation.body === 'string'
        ? { ...message, reactions: react(message.reactions, operation.body, operation.from, operation.kind) }
        : message
  }
}

/** A reaction is a set of users per emoji; an emoji that nobody holds any more is gone. */
function react(
  reactions: readonly Reaction[],
  emoji: string,
  user: string,
  kind: 'react' | 'unreact',
): readonly Reaction[] {
  const users = (reactions.find((reaction) => reaction.emoji === emoji)?.users ?? []).filter(
    (u) => u !== user,
  )
  const next = kind === 'react' ? [...users, user] : users
  const others = reactions.filter((reaction) => reaction.emoji !== emoji)
  return next.length === 0
    ? others
    : [...others, { emoji, users: next }].sort((a, b) => compareText(a.emoji, b.emoji))
}
