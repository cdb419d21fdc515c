import { LIMITS } from '../limits.js'
import type { Range, Stored } from '../seams/storage.js'
import { keys, type StoredMessage } from './record.js'
import { messagesOf, readBlock } from './rows.js'

type Entry = readonly [key: string, value: Stored]

/** The newest messages that blocks hold. */
export interface NewestRows {
  /** What lies from here on was looked at. */
  readonly from: number
  readonly messages: readonly StoredMessage[]
  /** Rows that did not pass. */
  readonly bad: number
}

/** A room's record, and as many of its newest blocks, the newest first, as hold so many messages if all of them are shown. */
export function rangesOfNewest(room: string, count: number): readonly Range[] {
  const record = keys.room(room)
  const [gte, lt] = keys.blocks(room)
  return [
    { gte: record, lt: `${record}\0` },
    { gte, lt, limit: Math.ceil(count / LIMITS.blockMessages) + 1, reverse: true },
  ]
}

/** Reads no more rows than are asked for. */
export function newestRows(blocks: readonly Entry[], count: number): NewestRows {
  let [from, bad] = [Number.POSITIVE_INFINITY, 0]
  let messages: readonly StoredMessage[] = []
  for (const [key, value] of blocks) {
    const read = readBlock(value, { last: count - messages.length })
    messages = [...messagesOf(read.rows), ...messages]
    bad += read.bad
    from = read.before > 0 ? (read.rows[0]?.message.seq ?? from) : keys.blockAt(key) * LIMITS.blockMessages
    if (messages.length >= count || read.before > 0) break
  }
  return { from, messages, bad }
}
