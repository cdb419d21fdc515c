import type { Committed, EntryKind, Target } from './seams.js'

/**
 * JSON of log entries, printed by hand: bodies are stored as text and spliced in, so that neither a page nor a fan-out parses or prints
 * them again. Message ids, stamps and cursors hold no character that JSON escapes.
 */

/** A message's present state, or an operation, as a log keeps it. */
export interface Entry {
  readonly seq: number
  readonly messageId: string
  readonly id: string
  readonly author: string
  readonly kind: EntryKind
  readonly stamp: string
  readonly ts: number
  readonly body: string | null
  readonly version: number | null
  readonly targetId: string | null
  readonly targetSeq: number | null
  readonly targetStamp: string | null
  readonly edited: number
  readonly deleted: number
  readonly reactions: string | null
  readonly rev: number | null
}

export const isMessage = (kind: EntryKind): boolean => kind === 'create' || kind === 'system'

interface Shared {
  readonly messageId: string
  readonly id: string
  readonly stamp: string
  readonly ts: number
  readonly kind: EntryKind
}

function sharedText(entry: Shared, from: string, body: string | null | undefined): string {
  const head = `"messageId":"${entry.messageId}","id":${JSON.stringify(entry.id)},"from":${JSON.stringify(from)}`
  const rest = `"stamp":"${entry.stamp}","ts":${entry.ts},"kind":"${entry.kind}"`
  return body === null || body === undefined ? `${head},${rest}` : `${head},${rest},"body":${body}`
}

function targetText(kind: EntryKind, target: Target | undefined): string {
  if (!target) return ''
  const replyTo = isMessage(kind) ? `,"replyTo":"${target.messageId}"` : ''
  return `${replyTo},"target":{"messageId":"${target.messageId}","seq":${target.seq},"stamp":"${target.stamp}"}`
}

/** The message that an entry answers or changes. */
export const targetOf = (entry: Entry): Target | undefined =>
  entry.targetId === null || entry.targetSeq === null || entry.targetStamp === null
    ? undefined
    : { messageId: entry.targetId, seq: entry.targetSeq, stamp: entry.targetStamp }

/** An entry as pages carry it. */
export function entryText(entry: Entry): string {
  let text = `{"seq":${entry.seq},${sharedText(entry, entry.author, entry.body)}`
  if (entry.version !== null) text += `,"version":${entry.version}`
  text += targetText(entry.kind, targetOf(entry))
  if (entry.edited) text += ',"edited":true'
  if (entry.deleted) text += ',"deleted":true'
  if (entry.reactions !== null) text += `,"reactions":${entry.reactions}`
  if (entry.rev !== null) text += `,"rev":${entry.rev}`
  return `${text}}`
}

/** A committed operation as pages carry it, until something changes it. */
export function freshText(committed: Committed): string {
  const { seq, kind, version, target } = committed
  const raised = version === undefined ? '' : `,"version":${version}`
  const rev = isMessage(kind) ? `,"rev":${seq}` : ''
  return `{"seq":${seq},${sharedText(committed, committed.from, committed.body)}${raised}${targetText(kind, target)}${rev}}`
}

/** The event of a committed operation, encoded once for all who receive it. */
export function eventText(committed: Committed): string {
  const { room, seq, cursor, prev, version } = committed
  const place = `"room":${JSON.stringify(room)},"seq":${seq},"cursor":"${cursor}","prev":"${prev}"`
  const raised = version === undefined ? '' : `,"version":${version}`
  const shared = sharedText(committed, committed.from, committed.body)
  return `{"type":"event",${place},${shared}${raised}${targetText(committed.kind, committed.target)}}`
}
