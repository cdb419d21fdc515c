import { type LogEntry, stampMs } from '../../protocol/index.js'
import { LIMITS } from '../limits.js'
import { applyEntry } from './apply.js'
import { createOrderedList } from './ordered-list.js'
import type { Position } from './ranges.js'
import { orderKey, type StoredMessage } from './record.js'

/**
 * The part of a room's log that is in memory: every held message from `from` on, in display order. What was written long before it
 * arrived may belong before the window: such a message is held back until the window reaches its place.
 */
export interface Window {
  /** The lowest seq that the window claims to hold; everything held from there on is in it. */
  from(): number
  /** Where the window's replica stands; null before anything is known. */
  position(): Position | null
  /** Replaces the content. */
  reset(from: number, position: Position | null, messages: readonly StoredMessage[]): void
  /** Applies entries that lead to a new position. */
  follow(entries: readonly LogEntry[], end: Position): void
  /** Applies entries without moving: pages of gaps. */
  fill(entries: readonly LogEntry[]): void
  /** Lets go of the oldest messages once a room that runs on has brought too many. What a reader asked for stays. */
  trim(): void
  /** Adds older messages and moves the lower end. */
  extend(from: number, messages: readonly StoredMessage[]): void
  /** By message id, or by the operation id of an own message. */
  get(id: string): StoredMessage | undefined
  /** Messages in display order, those held back left out. */
  shown(): readonly StoredMessage[]
  /** How many are held back. */
  heldBack(): number
  size(): number
}

/** Whether a message reached the server long after it was written. A function of the message alone, so all replicas agree. */
export const isLate = (message: { readonly stamp: string; readonly ts: number }): boolean =>
  message.ts - stampMs(message.stamp) > LIMITS.lateAfterMs

/** The list reads its keys often: they are made once. */
interface Row {
  readonly key: string
  readonly message: StoredMessage
}

/** `user` is whose client this is: own messages are found by the id of their operation as well. */
export function createWindow(user: string): Window {
  const list = createOrderedList<Row>((row) => row.key)
  const byId = new Map<string, StoredMessage>()
  let lowest = 1
  let stands: Position | null = null
  /** When the first message of the window was written: what is well before it belongs to older pages. */
  let floorMs = 0
  let lowestSeq = Number.POSITIVE_INFINITY
  /** Messages that a reader asked for. */
  let asked = 0

  function put(message: StoredMessage): void {
    if (message.seq < lowest) return
    const row = { key: orderKey(message), message }
    // An order key never changes: the stamp is fixed when the server commits the message.
    if (!list.replace(row)) list.add(row)
    byId.set(message.messageId, message)
    if (message.from === user) byId.set(message.id, message)
    if (message.seq < lowestSeq) {
      lowestSeq = message.seq
      floorMs = stampMs(message.stamp)
    }
  }

  const apply = (entries: readonly LogEntry[]): void => {
    for (const entry of entries) applyEntry(entry, { find: (messageId) => byId.get(messageId), put })
  }

  const isHeldBack = (message: StoredMessage): boolean =>
    lowest > 1 && stampMs(message.stamp) < floorMs - LIMITS.lateAfterMs

  /** Held-back messages are the first ones in display order: how many of them there are. */
  function heldBack(): number {
    let count = 0
    for (let row = list.at(count); row && isHeldBack(row.message); row = list.at(count)) count++
    return count
  }

  function fill(from: number, messages: Iterable<StoredMessage>): void {
    list.clear()
    byId.clear()
    lowest = from
    lowestSeq = Number.POSITIVE_INFINITY
    floorMs = 0
    for (const message of messages) put(message)
  }

  return {
    from: () => lowest,
    position: () => stands,
    reset(from, position, messages) {
      stands = position
      asked = 0
      fill(from, messages)
    },
    trim() {
      if (list.size <= LIMITS.windowMost + asked) return
      const newest = [...list].map((row) => row.message).sort((a, b) => b.seq - a.seq)
      const kept = newest.slice(0, asked + LIMITS.windowMost / 2)
      fill(kept.at(-1)?.seq ?? lowest, kept)
    },
    follow(entries, end) {
      apply(entries)
      stands = end
    },
    fill: apply,
    extend(from, messages) {
      lowest = Math.min(lowest, from)
      asked += messages.length
      for (const message of messages) put(message)
    },
    get: (id) => byId.get(id),
    shown: () => list.slice(heldBack()).map((row) => row.message),
    heldBack,
    size: () => list.size,
  }
}
