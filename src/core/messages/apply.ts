import type { LogEntry } from '../../protocol/index.js'
import { fold } from './fold.js'
import { fromCreate, type StoredMessage } from './record.js'

/** Where messages are found and put back: blocks on disk, or the window in memory. */
export interface Messages {
  find(messageId: string, seq: number): StoredMessage | undefined
  put(message: StoredMessage): void
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
  const folded = fold(held, { kind: entry.kind, from: entry.from, body: entry.body, version: entry.version })
  messages.put({ ...folded, rev: entry.seq })
}
