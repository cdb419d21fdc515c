import { LIMITS } from '../limits.js'
import { rangeAt } from './ranges.js'
import type { StoredMessage, StoredRange } from './record.js'

export interface SeekParts {
  readonly user: string
  readonly ranges: () => readonly StoredRange[]
  readonly read: (from: number, upTo: number) => Promise<readonly StoredMessage[]>
  readonly search: (from: number, upTo: number, text: string) => Promise<readonly StoredMessage[]>
}

/** Finds places in what the device holds of a room. Rejects when the disk cannot be read. */
export interface Seek {
  /** A message by its id, or by the operation id of an own one. Looks through everything, newest first, without reading what is not it. */
  message(id: string): Promise<StoredMessage | undefined>
  /**
   * The first message that the server took at or after a time. `beyond` when all that is held is older; undefined when it may lie in what
   * is not held.
   */
  time(ts: number): Promise<StoredMessage | 'beyond' | undefined>
  /** The first message at a position or behind it, without a gap between. */
  from(seq: number): Promise<StoredMessage | undefined>
}

/** Positions that are looked through at a time: some blocks, so that other reads get their turn. */
const SEARCH = 16 * LIMITS.blockMessages

export function createSeek({ user, ranges, read, search }: SeekParts): Seek {
  /** The first message of a range at a position or behind it. */
  async function first(seq: number, upTo: number): Promise<StoredMessage | undefined> {
    for (let from = seq; from <= upTo; from += LIMITS.blockMessages) {
      const [message] = await read(from, Math.min(upTo, from + LIMITS.blockMessages - 1))
      if (message) return message
    }
    return undefined
  }

  async function last({ after, upTo }: StoredRange): Promise<StoredMessage | undefined> {
    for (let to = upTo; to > after; to -= LIMITS.blockMessages) {
      const message = (await read(Math.max(after + 1, to - LIMITS.blockMessages + 1), to)).at(-1)
      if (message) return message
    }
    return undefined
  }

  /** Halves a range, in which server times never go back, until one read shows the rest. */
  async function halve({ after, upTo }: StoredRange, ts: number): Promise<StoredMessage | undefined> {
    let low = after + 1
    let high = upTo
    let found: StoredMessage | undefined
    while (high - low >= LIMITS.blockMessages) {
      const middle = Math.floor((low + high) / 2)
      const message = await first(middle, high)
      if (!message) high = middle - 1
      else if (message.ts < ts) low = message.seq + 1
      else {
        found = message
        high = middle - 1
      }
    }
    return (await read(low, high)).find((message) => message.ts >= ts) ?? found
  }

  return {
    async message(id) {
      const text = JSON.stringify(id)
      const isIt = (message: StoredMessage) =>
        message.messageId === id || (message.from === user && message.id === id)
      for (const { after, upTo } of [...ranges()].reverse()) {
        for (let to = upTo; to > after; to -= SEARCH) {
          const found = await search(Math.max(after + 1, to - SEARCH + 1), to, text)
          const message = found.find(isIt)
          if (message) return message
        }
      }
      return undefined
    },
    async time(ts) {
      const held = [...ranges()].reverse()
      for (const [i, range] of held.entries()) {
        const newest = await last(range)
        if (!newest) return undefined
        if (newest.ts < ts) return i === 0 ? 'beyond' : undefined
        const oldest = await first(range.after + 1, range.upTo)
        if (oldest && (oldest.ts < ts || range.after === 0)) return halve(range, ts)
      }
      return undefined
    },
    async from(seq) {
      const range = rangeAt(ranges(), seq)
      return range && first(seq, range.upTo)
    },
  }
}
