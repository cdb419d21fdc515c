import type { Archive } from '../archive/seam.js'
import type { Link } from './link.js'
import { extentOf, rowText } from './record.js'
import { type Missing, type Window, windowOf } from './window.js'

/** What an append knows of the archive: nothing yet (''), or the head of the room when it was asked, and what it gave. */
export interface Recalled {
  readonly seen: string
  /** Rows, or the bare names of those that it does not have. */
  readonly texts: readonly string[]
}

/** What is done with the archive while somebody waits. */
export interface Recall {
  /** Names of messages that an append needs; the room's head when Redis missed them. */
  recall(room: string, head: string, names: readonly string[]): Promise<Recalled>
  /** Calls a function that reads a room. A room of which Redis knows nothing is gone on with behind its archive. */
  read(...asked: Parameters<Link['call']>): Promise<readonly string[]>
  /** What a rule makes of the rows of a window, and of what it misses there. */
  complete<T>(room: string, window: Window, rule: (window: Window) => T): Promise<T>
  /** Rooms may be other ones than they were. */
  forget(): void
}

/** Rooms that are empty and known to have no archive, so that whoever asks for them again needs none. */
const EMPTY_MOST = 10_000

/** Without an archive there is nothing but what Redis has. */
export const withoutArchive = ({ call }: Pick<Link, 'call'>): Recall => ({
  recall: async (_, seen) => ({ seen, texts: [] }),
  read: call,
  complete: async (_, window, rule) => rule(window),
  forget: () => {},
})

/** Goes on into the archive where Redis ends. Rejects when that is needed and the archive cannot be reached. */
export function createRecall({ call }: Pick<Link, 'call'>, archive: Archive): Recall {
  const empty = new Set<string>()

  /** Whether the archive has the room; then Redis goes on behind it. */
  const seed = async (room: string): Promise<boolean> => {
    const end = await archive.end(room)
    if (!end) return false
    const { first, before, head, mark, ts, stamp } = end
    await call('seed', room, String(first), before, String(head), mark, String(ts), stamp)
    return true
  }
  const bringRows = async (room: string, window: Window, from: number, to: number) => {
    const seqs = Array.from({ length: to - from + 1 }, (_, i) => from + i)
    // Redis first: what it lets go of in between is in the archive.
    const kept = windowOf(room, await call('rows', room, ...seqs.map(String)))
    const rows = seqs.flatMap((seq) => kept.at(room, seq) ?? [])
    window.add(rows)
    if (rows.length < seqs.length) window.add(await archive.range(room, from, to))
    if (!seqs.every((seq) => window.at(room, seq)))
      throw new Error(`Neither Redis nor the archive has all of ${from} to ${to} of the room.`)
  }
  const bring = async (room: string, window: Window, missing: Missing) => {
    if (!('messageId' in missing)) return bringRows(room, window, missing.from, missing.to)
    const found = await archive.find(room, missing.messageId)
    // Redis may have a newer one of a message that is older than all it keeps.
    if (found) await bringRows(room, window, found.seq, found.seq)
    else window.giveUp(missing.messageId)
  }
  return {
    async recall(room, head, names) {
      if (head === '0') await seed(room)
      const texts = names.map(async (name) => {
        const row = await archive.find(room, name)
        return row ? rowText(row) : name
      })
      return { seen: head, texts: await Promise.all(texts) }
    },
    async read(...asked) {
      const [, room] = asked
      const texts = await call(...asked)
      if (extentOf(texts[0] ?? '').head > 0 || empty.has(room)) return texts
      if (await seed(room)) return call(...asked)
      if (empty.size >= EMPTY_MOST) empty.clear()
      empty.add(room)
      return texts
    },
    async complete(room, window, rule) {
      let result = rule(window)
      for (let missing = window.missing(); missing; missing = window.missing()) {
        await bring(room, window, missing)
        result = rule(window)
      }
      return result
    },
    forget: () => empty.clear(),
  }
}
