import type { ClientFrames } from '../../protocol/index.js'
import type { Entry } from './entry.js'

/** The server's id of a message that was named by the id of its operation, once it is known. */
export type Resolve = (reference: string) => string

/** The frame that asks for an operation. `attempt` is 1 only when it was never on the wire, or its author sends it anew. */
export function operationFrame(
  entry: Entry,
  attempt: number,
  resolve: Resolve,
): ClientFrames['message'] | ClientFrames['message_update'] {
  const { id, room, stamp, at } = entry
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
  return {
    type: 'message_update',
    id,
    room,
    stamp,
    messageId: resolve(entry.target ?? ''),
    op: entry.kind,
    ...(entry.baseVersion !== undefined && { baseVersion: entry.baseVersion }),
    ...(entry.body !== undefined && { body: entry.body }),
    attempt,
    at,
  }
}
