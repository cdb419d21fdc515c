import type { Json } from '../../protocol/index.js'
import { array, fits, json, object, whole } from '../../protocol/shape.js'
import { LIMITS } from '../limits.js'
import type { Stored } from '../seams/storage.js'
import { RECORD_VERSION, type StoredMessage, storedMessage } from './record.js'

/*
 * How messages lie on disk: each as a text, since a text is copied many times faster than an object and a block is written with every
 * message that comes; and, if nothing happened to it, as a list without names, which are more than half of a message.
 */

/** A message with its text: of a whole block that is written, only one is new. */
export interface Row {
  readonly message: StoredMessage
  readonly text: string
}

/** Messages whose seq lies in one block, in seq order. Blocks are cut by seq, so the record of any seq is known without an index. */
export interface Block {
  readonly rows: readonly Row[]
  /** Rows that did not pass. */
  readonly bad: number
  /** Rows before those asked for. */
  readonly before: number
}

const block = object({ v: whole(), m: array(json(64), LIMITS.blockMessages) })

const emptyBlock: Block = { rows: [], bad: 0, before: 0 }

/** A list where nothing happened to the message; anything else says everything. */
function packed(message: StoredMessage): unknown {
  const { seq, rev, messageId, id, from, stamp, ts, kind, body, replyTo } = message
  const { version, edited, deleted, reactions, ahead } = message
  const isPlain = rev === seq && kind === 'create' && version === 1 && !edited && !deleted
  if (!isPlain || reactions.length > 0 || ahead !== undefined) return message
  const plain = [seq, messageId, id, from, stamp, ts, body]
  return replyTo === undefined ? plain : [...plain, replyTo]
}

function unpacked(row: unknown): unknown {
  if (!Array.isArray(row)) return row
  const [seq, messageId, id, from, stamp, ts, body, replyTo]: readonly unknown[] = row
  const plain = {
    ...{ seq, rev: seq, messageId, id, from, stamp, ts, kind: 'create', body },
    ...{ version: 1, edited: false, deleted: false, reactions: [] },
  }
  return replyTo === undefined ? plain : { ...plain, replyTo }
}

/** Undefined for what is no message. */
function readRow(text: Json): Row | undefined {
  if (typeof text !== 'string') return undefined
  try {
    const message = unpacked(JSON.parse(text))
    return fits(storedMessage, message) ? { message, text } : undefined
  } catch {
    return undefined
  }
}

export const rowOf = (message: StoredMessage): Row => ({ message, text: JSON.stringify(packed(message)) })

/** Which rows of a block are looked at: those in which a text occurs, and of those the last ones. */
export interface Asked {
  readonly text?: string | undefined
  readonly last?: number
}

/** Reads a block; what does not pass is counted and left out, what does is kept. */
export function readBlock(value: Stored | undefined, { text, last }: Asked = {}): Block {
  if (value === undefined) return emptyBlock
  if (!fits(block, value)) return { ...emptyBlock, bad: 1 }
  const found = text === undefined ? value.m : value.m.filter((row) => String(row).includes(text))
  const asked = last === undefined ? found : found.slice(-last)
  const rows = asked.flatMap((row) => readRow(row) ?? [])
  return { rows, bad: asked.length - rows.length, before: found.length - asked.length }
}

export const messagesOf = (rows: readonly Row[]): readonly StoredMessage[] =>
  rows.map(({ message }) => message)

/** Characters that rows take on disk. */
export const sizeOf = (rows: readonly Row[]): number => rows.reduce((sum, { text }) => sum + text.length, 0)

export const writeBlock = (rows: readonly Row[]): Stored => ({
  v: RECORD_VERSION,
  m: rows.map(({ text }) => text),
})
