import type { LogEntry } from '../../protocol/index.js'
import { fold, type Operation } from './fold.js'
import { rangeAt, type Span } from './ranges.js'
import { fromCreate, type StoredMessage } from './record.js'

/** Where messages are found and put back: blocks on disk, or the window in memory. */
export interface Messages {
  find(messageId: string, seq: number): StoredMessage | undefined
  put(message: StoredMessage): void
  /** What is held without a hole, with what is applied now. */
  readonly spans: readonly Span[]
}

/**
 * Applies one entry of the log. Idempotent: what a message has already folded in (`rev`) changes nothing, and an operation on a
 * message that is not held is dropped, since the page that brings the message brings its present state.
 */
export function applyEntry(entry: LogEntry, messages: Messages): void {
  if (entry.kind === 'create' || entry.kind === 'system') {
    const created = fromCreate(entry)
    const held = messages.find(created.messageId, created.seq)
    if (!held || held.rev < created.rev) messages.put(created)
    return
  }
  if (!entry.target) return
  const held = messages.find(entry.target.messageId, entry.target.seq)
  if (!held || entry.seq <= held.rev) return
  const { seq, kind, from, body, version } = entry
  const operation = { seq, kind, from, body, version }
  const folded = isDecided(held, operation) ? late(held, kind) : fold(held, operation)
  const isWhole = (rangeAt(messages.spans, held.seq)?.upTo ?? 0) >= seq
  messages.put(isWhole ? settled({ ...folded, rev: seq }) : withAhead(folded, operation))
}

type Placed = Operation & { readonly seq: number }

/** Whether a later operation, which came first as a gap lies between, has the last word. */
function isDecided(
  { ahead, deleted, version: held }: StoredMessage,
  { seq, kind, from, body, version }: Placed,
): boolean {
  if (!ahead || seq > ahead.upTo) return false
  if (deleted) return true
  if (kind === 'edit') return version !== undefined && version <= held
  return ahead.reactions.some((one) => one.seq > seq && one.user === from && one.emoji === body)
}

/** What has no say any more happened all the same. */
const late = (message: StoredMessage, kind: Operation['kind']): StoredMessage =>
  kind === 'edit' && !message.edited ? { ...message, edited: true } : message

/** Notes that an operation was folded in out of turn. */
function withAhead(message: StoredMessage, { seq, kind, from: user, body: emoji }: Placed): StoredMessage {
  const { upTo = 0, reactions = [] } = message.ahead ?? {}
  const isReaction = (kind === 'react' || kind === 'unreact') && typeof emoji === 'string'
  const others = reactions.filter((one) => one.seq > seq || one.user !== user || one.emoji !== emoji)
  const decided = isReaction ? [...others, { emoji, user, seq }] : reactions
  return { ...message, ahead: { upTo: Math.max(upTo, seq), reactions: decided } }
}

/** What came out of turn is forgotten once everything before it was heard. */
function settled(message: StoredMessage): StoredMessage {
  if (!message.ahead || message.ahead.upTo > message.rev) return message
  const { ahead, ...rest } = message
  return rest
}

/** The place of the last operation that is folded in, in turn or not. */
export const lastOf = ({ rev, ahead }: StoredMessage): number => Math.max(rev, ahead?.upTo ?? 0)
