import type { ClientFrames } from '../../protocol/index.js'
import type { Entry } from './entry.js'

/** The frame that asks for an operation. `attempt` is 1 only when it was never on the wire, or its author sends it anew. */
export function operationFrame(
  entry: Entry,
  attempt: number,
  find: (id: string) => Entry | undefined,
): ClientFrames['message'] | ClientFrames['message_update'] {
  const { id, room, stamp, at } = entry
  /** The server's id of a message that was named by the id of its operation, once it is known. */
  const resolve = (reference: string): string => find(reference)?.acked?.messageId ?? reference
  if (entry.kind === 'create') {
    return {
      type: 'message',
      id,
      room,
      stamp,
      body: entry.body ?? null,
      ...(entry.replyTo !== undefined && { replyTo: resolve(entry.replyTo) }),
      attempt,
      at,
    }
  }
  // What came of the edit that this one builds on is known by now.
  const built = entry.after === undefined ? undefined : find(entry.after)?.acked?.version
  const baseVersion = entry.baseVersion === undefined ? undefined : (built ?? entry.baseVersion)
  return {
    type: 'message_update',
    id,
    room,
    stamp,
    messageId: resolve(entry.target ?? ''),
    op: entry.kind,
    ...(baseVersion !== undefined && { baseVersion }),
    ...(entry.body !== undefined && { body: entry.body }),
    attempt,
    at,
  }
}
