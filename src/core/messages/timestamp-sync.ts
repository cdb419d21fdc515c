import { formatStamp, NODE_LENGTH } from '../../protocol/index.js'
import { TidingsError } from '../errors.js'
import { LIMITS } from '../limits.js'
import type { Clock } from '../seams/clock.js'
import type { FetchTimestampPage, TimestampPage } from './timestamp-pages.js'

/**
 * Catching up with a backend that has no cursors, by server timestamps. Best effort by nature: a row that is committed more than the
 * overlap after its timestamp is never seen, and a deletion is seen only where the backend keeps the row and raises its timestamp.
 */

/** How far a client has read. Plain JSON. */
export interface TimestampPosition {
  /** The largest server timestamp received in a page, ms since the epoch. */
  readonly timestamp: number
  /** The ids that the next run will meet again, each with the timestamp it had. */
  readonly seen: readonly (readonly [id: string, timestamp: number])[]
}

/** Where messages and position are kept. */
export interface TimestampStore<T> {
  load(): Promise<TimestampPosition | undefined>
  /** Writes both or neither: a position without what it covers is a loss, the reverse a repetition. */
  commit(messages: readonly T[], position: TimestampPosition): Promise<void>
}

/** What the timestamp profile is made of. */
export interface TimestampSyncParts<T> {
  readonly clock: Clock
  readonly fetchPage: FetchTimestampPage<T>
  readonly idOf: (message: T) => string
  /** Server time of the row's last change, ms since the epoch. A known id with a greater one is a revision, and is news. */
  readonly timestampOf: (message: T) => number
  readonly store: TimestampStore<T>
  /** Takes what is new, stored by then, each once. What it throws is reported, and the messages count as given. */
  readonly onMessages: (messages: readonly T[]) => void
  /** Told of what no call can be told: rows that cannot be read, a listener that threw. */
  readonly onError?: (error: TidingsError) => void
  /** How far the first request of a run goes back behind the position; 60 s unless told. */
  readonly overlapMs?: number
  /** Rows of the first page; 200 unless told. Doubles, up to 65,536, while pages bring nothing new or share one timestamp. */
  readonly limit?: number
  /** A page that takes longer is given up; 10 s unless told. */
  readonly timeoutMs?: number
}

/** Catches up when asked to. */
export interface TimestampSync<T> {
  /**
   * Reads all that is new, and tells how many. One run at a time: who asks meanwhile gets the same promise. Rejects with a TidingsError;
   * what came before is stored, and the next run goes on from there. `sync_stuck`: the server repeats itself instead of going on.
   */
  sync(): Promise<number>
  /** Takes messages that arrived by themselves, such as live frames. Never moves the position: only pages say that nothing lies between. */
  receive(messages: readonly T[]): Promise<void>
  /** Ends a run that is under way and refuses others, with `destroyed`. */
  stop(): void
}

const OVERLAP_MS = 60_000
const MOST_ROWS = 65_536
const START: TimestampPosition = { timestamp: 0, seen: [] }

/** The stamp of a row that has only a timestamp: rows of one millisecond are told apart by their ids. */
export const stampOfTimestamp = (ms: number): string => formatStamp(ms, 0, '-'.repeat(NODE_LENGTH))

export function createTimestampSync<T>(parts: TimestampSyncParts<T>): TimestampSync<T> {
  const { clock, fetchPage, idOf, timestampOf, store, onMessages } = parts
  const { overlapMs = OVERLAP_MS, limit: firstLimit = LIMITS.pageMessages } = parts
  const { timeoutMs = LIMITS.pageTimeoutMs } = parts
  let timestamp = 0
  let seen = new Map<string, number>()
  let loaded = false
  let running: Promise<number> | undefined
  let last: Promise<unknown> = Promise.resolve()
  let giveUp: ((error: TidingsError) => void) | undefined
  let stopped = false

  const report = (error: TidingsError) => {
    try {
      parts.onError?.(error)
    } catch {
      // Nobody is left to tell.
    }
  }
  const ended = () => new TidingsError('destroyed', 'This sync was stopped; what it had received is stored')

  /** One thing at a time: a page and a live message must not decide on the same id at once. */
  const inTurn = <R>(fn: () => Promise<R>): Promise<R> => {
    const turn = last.then(fn)
    last = turn.catch(() => undefined)
    return turn
  }

  const load = async () => {
    if (loaded) return
    const found = await stored(() => store.load())
    const position = found === undefined || isPosition(found) ? found : START
    if (position !== found)
      report(new TidingsError('bad_record', 'The stored position cannot be read: everything is read again'))
    timestamp = position?.timestamp ?? 0
    seen = new Map(position?.seen)
    loaded = true
  }

  const isPlaceable = (row: T): boolean => {
    try {
      const [at, id]: readonly unknown[] = [timestampOf(row), idOf(row)]
      return Number.isSafeInteger(at) && Number(at) >= 0 && typeof id === 'string' && id !== ''
    } catch {
      return false
    }
  }

  /** Rows that can be placed; the others are reported and skipped, so that one bad row never holds the position. */
  const placeable = (page: TimestampPage<T>): T[] => {
    const good = page.messages.filter(isPlaceable)
    const bad = page.messages.length - good.length + (page.unreadable ?? 0)
    if (bad > 0)
      report(new TidingsError('bad_entry', `${bad} rows of a page cannot be read; they were skipped`))
    return good
  }

  /** Stores what is new with the position that covers it, then tells. */
  const take = (rows: readonly T[], covers: number): Promise<number> =>
    inTurn(async () => {
      await load()
      const met = new Map(seen)
      const fresh = rows.filter((row) => {
        const before = met.get(idOf(row))
        if (before !== undefined && before >= timestampOf(row)) return false
        met.set(idOf(row), timestampOf(row))
        return true
      })
      const reached = Math.max(timestamp, covers)
      if (fresh.length === 0 && reached === timestamp) return 0
      const oldest = reached - overlapMs
      const kept = [...met].filter(([, at]) => at >= oldest)
      await stored(() => store.commit(fresh, { timestamp: reached, seen: kept }))
      timestamp = reached
      seen = new Map(kept)
      if (fresh.length > 0) tell(fresh)
      return fresh.length
    })

  const tell = (fresh: readonly T[]) => {
    try {
      onMessages(fresh)
    } catch (cause) {
      report(new TidingsError('listener', 'onMessages threw; its messages are stored', { cause }))
    }
  }

  const fetchInTime = (since: number, limit: number): Promise<TimestampPage<T>> =>
    new Promise((resolve, reject) => {
      const aborts: (() => void)[] = []
      let over = false
      const end = (settle: () => void) => {
        if (over) return
        over = true
        cancel()
        giveUp = undefined
        settle()
      }
      giveUp = (error) =>
        end(() => {
          reject(error)
          for (const abort of aborts) abort()
        })
      const cancel = clock.after(timeoutMs, () =>
        giveUp?.(new TidingsError('server', `No page within ${timeoutMs} ms; sync again later`)),
      )
      // Whoever begins late, because a token took its time, hears at once that nobody waits any more.
      const onAbort = (fn: () => void): void => (over ? fn() : void aborts.push(fn))
      const ask = async () => fetchPage({ since, limit, onAbort })
      ask().then(
        (page) => end(() => resolve(page)),
        (cause: unknown) => end(() => reject(asTidings(cause))),
      )
    })

  const run = async (): Promise<number> => {
    await inTurn(load)
    const progress = createProgress(firstLimit)
    let since = Math.max(0, timestamp - overlapMs)
    let received = 0
    for (;;) {
      if (stopped) throw ended()
      const page = await fetchInTime(since, progress.limit())
      const rows = placeable(page)
      const times = rows.map(timestampOf)
      if (page.hasMore) mustAscend(times, since)
      const newest = times.reduce((most, at) => Math.max(most, at), since)
      const fresh = await take(rows, newest)
      received += fresh
      if (!page.hasMore) return received
      progress.note({
        rows: page.messages.length + (page.unreadable ?? 0),
        fresh,
        advanced: newest > since,
        oneTime: times.every((at) => at === times[0]),
      })
      since = newest
    }
  }

  return {
    sync() {
      if (stopped) return Promise.reject(ended())
      running ??= run().finally(() => {
        running = undefined
      })
      return running
    },
    async receive(messages) {
      if (stopped) throw ended()
      await take(placeable({ messages, hasMore: false }), 0)
    },
    stop() {
      stopped = true
      giveUp?.(ended())
    },
  }
}

/** Decides on the next page's size, and when a server only repeats itself. */
function createProgress(firstLimit: number) {
  let limit = firstLimit
  let longest = 0
  let idlePages = 0
  return {
    limit: () => limit,
    note(page: { rows: number; fresh: number; advanced: boolean; oneTime: boolean }) {
      if (page.fresh === 0 || page.oneTime) limit = Math.min(limit * 2, MOST_ROWS)
      const grew = page.rows > longest
      const moved = page.fresh > 0 || page.advanced
      longest = Math.max(longest, page.rows)
      idlePages = moved || grew ? 0 : idlePages + 1
      if (idlePages >= LIMITS.stuckPages)
        throw new TidingsError(
          'sync_stuck',
          'The server says that there is more and gives the same rows again: it ignores `since` or `limit`, or more rows share ' +
            'one timestamp than its pages hold. What was received is stored',
        )
    },
  }
}

/** A page that is not oldest first would move the position past rows that were never sent. */
const mustAscend = (times: readonly number[], since: number) => {
  let before = since
  for (const at of times) {
    if (at < before)
      throw new TidingsError(
        'bad_frame',
        'A page must be oldest first, from `since` on; nothing of it was taken',
      )
    before = at
  }
}

const isPosition = ({ timestamp, seen }: TimestampPosition): boolean =>
  Number.isSafeInteger(timestamp) &&
  Array.isArray(seen) &&
  seen.every((pair) => Array.isArray(pair) && typeof pair[0] === 'string' && typeof pair[1] === 'number')

const stored = async <R>(fn: () => Promise<R>): Promise<R> => {
  try {
    return await fn()
  } catch (cause) {
    throw new TidingsError('storage', 'The position could not be stored or read; it stays where it was', {
      cause,
    })
  }
}

const asTidings = (cause: unknown): TidingsError =>
  cause instanceof TidingsError
    ? cause
    : new TidingsError('server', 'A page could not be fetched; nothing was lost, sync again later', { cause })
