import { compareText, utf8Bytes } from 'tidings/protocol'
import type { Operation } from '../core/seams.js'
import type { Present, Row } from './store.js'

/**
 * All reactions of one message as JSON, some thousand with names of an ordinary length. With the largest body they still fit a page, and
 * writing them anew for each reaction stays cheap.
 */
export const REACTION_BYTES = 64 * 1024

/** The operation that changes a message, as the commit has placed it. */
interface Change {
  readonly stamp: string
  readonly messageId: string
  readonly seq: number
}

const presentOf = ({ body, version, edited, deleted, reactions, rev, editStamp, editId }: Row): Present => ({
  body,
  version,
  edited,
  deleted,
  reactions,
  rev,
  editStamp,
  editId,
})

/** A message after an operation on it; undefined when the operation loses or changes nothing. */
export function changed(
  message: Row,
  operation: Operation,
  change: Change,
): Present | 'too_large' | undefined {
  // A tombstone stays one: what comes after it has nothing to act on.
  if (message.deleted) return undefined
  const now = presentOf(message)
  const version = (message.version ?? 0) + 1
  switch (operation.kind) {
    case 'edit':
      if (operation.baseVersion === undefined && !isLater(change, message)) return undefined
      return {
        ...now,
        body: operation.body ?? null,
        version,
        edited: 1,
        rev: change.seq,
        editStamp: change.stamp,
        editId: change.messageId,
      }
    case 'delete':
      return { ...now, body: null, version, deleted: 1, reactions: null, rev: change.seq }
    case 'react':
    case 'unreact': {
      const reactions = reacted(message.reactions, operation)
      return typeof reactions === 'object' && reactions !== null
        ? { ...now, reactions: reactions.text, rev: change.seq }
        : reactions
    }
    default:
      return undefined
  }
}

/** Last writer wins by (stamp, messageId). */
function isLater(change: Change, { editStamp, editId }: Row): boolean {
  if (editStamp === null || editId === null) return true
  return (compareText(change.stamp, editStamp) || compareText(change.messageId, editId)) > 0
}

// Emoji are names from outside: a Map, so that `__proto__` is a name like any other.
type Reactions = Map<string, string[]>

function parseReactions(text: string | null): Reactions {
  const reactions: Reactions = new Map()
  if (text === null) return reactions
  const parsed: unknown = JSON.parse(text)
  if (typeof parsed !== 'object' || parsed === null) return reactions
  for (const [emoji, users] of Object.entries(parsed))
    if (Array.isArray(users))
      reactions.set(
        emoji,
        users.filter((user) => typeof user === 'string'),
      )
  return reactions
}

function printReactions(reactions: Reactions): string | null {
  if (reactions.size === 0) return null
  const fields = [...reactions].map(([emoji, users]) => `${JSON.stringify(emoji)}:${JSON.stringify(users)}`)
  return `{${fields.join(',')}}`
}

function reacted(
  text: string | null,
  { kind, author, body }: Operation,
): { readonly text: string | null } | 'too_large' | undefined {
  const emoji: unknown = JSON.parse(body ?? 'null')
  if (typeof emoji !== 'string') return undefined
  const reactions = parseReactions(text)
  const users = reactions.get(emoji) ?? []
  if (users.includes(author) === (kind === 'react')) return undefined
  const next = kind === 'react' ? [...users, author] : users.filter((user) => user !== author)
  if (next.length > 0) reactions.set(emoji, next)
  else reactions.delete(emoji)
  const printed = printReactions(reactions)
  if (kind === 'react' && printed !== null && utf8Bytes(printed) > REACTION_BYTES) return 'too_large'
  return { text: printed }
}
