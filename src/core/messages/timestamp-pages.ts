import type { ClientFrame, LogEntry, ServerFrame } from '../../protocol/index.js'
import { WIRE } from '../../protocol/index.js'
import { TidingsError } from '../errors.js'

/** What a page is asked for. */
export interface TimestampRequest {
  /** Rows from this server timestamp on, itself included, in ms since the epoch. */
  readonly since: number
  /** How many rows at most. */
  readonly limit: number
  /** Calls back when the answer is not wanted any more. */
  readonly onAbort: (fn: () => void) => void
}

/** Rows oldest first. `hasMore`: there are rows behind the last one. */
export interface TimestampPage<T> {
  readonly messages: readonly T[]
  readonly hasMore: boolean
  /** Rows of the page that could not be read; 0 unless given. */
  readonly unreadable?: number
}

/** Gets one page; rejects with a TidingsError when it cannot. */
export type FetchTimestampPage<T> = (request: TimestampRequest) => Promise<TimestampPage<T>>

/** As much of a `fetch` answer as is needed. */
interface HttpAnswer {
  readonly ok: boolean
  readonly status: number
  json(): Promise<unknown>
}

/** How pages are fetched over HTTP. `Signal` is the platform's AbortSignal. */
export interface TimestampHttpParts<T, Signal> {
  /** `since` and `limit` are appended as query parameters; it may have others. */
  readonly url: string
  readonly fetch: (
    url: string,
    request: { readonly headers: Record<string, string>; readonly signal?: Signal },
  ) => Promise<HttpAnswer>
  /** Turns a row of the answer into a message; undefined when it is none, and so is one at which it throws. */
  readonly rowOf: (row: unknown) => T | undefined
  /** Sent as `Authorization: Bearer`, never in the url. Asked for every page. */
  readonly token?: () => string | Promise<string>
  /** The longest page the server gives; 500 unless told. More rows than this with one timestamp cannot be read past: `sync_stuck`. */
  readonly mostRows?: number
  /** `() => new AbortController()`: lets a page that is not wanted any more be aborted; without it its answer is ignored. */
  readonly controller?: () => { readonly signal: Signal; abort(): void }
}

/**
 * Pages from `GET url?since=&limit=`, answered by JSON `{messages, hasMore}`. Rejects with `unauthorised` (401), `room_refused` (403, 404),
 * `token_failed`, `bad_frame` (no such JSON) or `server` (all else: try later).
 */
export function timestampPagesOverHttp<T, Signal>(
  parts: TimestampHttpParts<T, Signal>,
): FetchTimestampPage<T> {
  const { url, fetch, rowOf, token, controller, mostRows = WIRE.pageMessages } = parts
  const join = url.includes('?') ? '&' : '?'

  return async ({ since, limit, onAbort }) => {
    const headers: Record<string, string> = { accept: 'application/json' }
    if (token) headers['authorization'] = `Bearer ${await askFor(token)}`
    const abort = controller?.()
    if (abort) onAbort(() => abort.abort())
    let answer: HttpAnswer
    try {
      answer = await fetch(`${url}${join}since=${since}&limit=${Math.min(limit, mostRows)}`, {
        headers,
        ...(abort && { signal: abort.signal }),
      })
    } catch (cause) {
      throw new TidingsError('server', 'The server was not reached; nothing was lost, sync again later', {
        cause,
      })
    }
    if (!answer.ok) throw refusal(answer.status)
    return pageOf(await bodyOf(answer), rowOf)
  }
}

const askFor = async (token: () => string | Promise<string>): Promise<string> => {
  try {
    return await token()
  } catch (cause) {
    throw new TidingsError('token_failed', 'No token could be had for this page; sync again later', { cause })
  }
}

const refusal = (status: number): TidingsError => {
  const serverCode = String(status)
  if (status === 401)
    return new TidingsError('unauthorised', 'The server wants a new token for this page', { serverCode })
  if (status === 403 || status === 404)
    return new TidingsError('room_refused', 'The server does not let this user read here', { serverCode })
  return new TidingsError('server', `The server answered ${status}; nothing was lost, sync again later`, {
    serverCode,
  })
}

const bodyOf = async (answer: HttpAnswer): Promise<unknown> => {
  try {
    return await answer.json()
  } catch (cause) {
    throw new TidingsError('bad_frame', 'The answer is no JSON', { cause })
  }
}

const own = (value: object, key: string): unknown =>
  Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined

function pageOf<T>(body: unknown, rowOf: (row: unknown) => T | undefined): TimestampPage<T> {
  const isPage = typeof body === 'object' && body !== null
  const rows = isPage ? own(body, 'messages') : undefined
  const hasMore = isPage ? own(body, 'hasMore') : undefined
  if (!Array.isArray(rows) || typeof hasMore !== 'boolean')
    throw new TidingsError('bad_frame', 'The answer is not a page: {messages: [...], hasMore: boolean}')
  return readable(rows, rowOf, hasMore)
}

function readable<R, T>(
  rows: readonly R[],
  rowOf: (row: R) => T | undefined,
  hasMore: boolean,
): TimestampPage<T> {
  const read = (row: R): T | undefined => {
    try {
      return rowOf(row)
    } catch {
      return undefined
    }
  }
  const messages = rows.map(read).filter((row) => row !== undefined)
  return { messages, hasMore, unreadable: rows.length - messages.length }
}

/** How pages are asked for over a connection. */
export interface TimestampFramesParts {
  readonly room: string
  readonly newId: () => string
  /** Takes a frame; false when it cannot go now. */
  readonly send: (frame: ClientFrame) => boolean
}

/** Pages over frames. The owner of the connection passes on what arrives and says when it is down. */
export interface TimestampFrames {
  readonly fetchPage: FetchTimestampPage<LogEntry>
  /** True when the frame answered a request of this reader. */
  receive(frame: ServerFrame): boolean
  /** Requests without an answer are rejected with `server`. */
  down(): void
}

interface Waiting {
  readonly resolve: (page: TimestampPage<LogEntry>) => void
  readonly reject: (error: TidingsError) => void
}

/** Pages by `sync_request {lastSyncTimestamp}` and `sync_response`; at most 500 rows a page. */
export function timestampPagesOverFrames({ room, newId, send }: TimestampFramesParts): TimestampFrames {
  const waiting = new Map<string, Waiting>()
  const take = (id: string): Waiting | undefined => {
    const found = waiting.get(id)
    waiting.delete(id)
    return found
  }
  const lost = () => new TidingsError('server', 'The connection is down; sync again when it is up', { room })

  return {
    fetchPage: ({ since, limit, onAbort }) =>
      new Promise((resolve, reject) => {
        const id = newId()
        const pageLimit = Math.min(limit, WIRE.pageMessages)
        if (!send({ type: 'sync_request', id, room, limit: pageLimit, lastSyncTimestamp: since })) {
          reject(lost())
          return
        }
        waiting.set(id, { resolve, reject })
        onAbort(() => take(id))
      }),
    receive(frame) {
      if (frame.type === 'sync_response') {
        const answered = take(frame.id)
        answered?.resolve(
          readable(
            frame.messages,
            (entry) => (entry.kind === 'unreadable' ? undefined : entry),
            frame.hasMore,
          ),
        )
        return answered !== undefined
      }
      if (frame.type !== 'error' || frame.re === undefined) return false
      const refused = take(frame.re)
      const code = frame.retryable ? 'server' : 'room_refused'
      refused?.reject(new TidingsError(code, 'The server refused a page', { room, serverCode: frame.code }))
      return refused !== undefined
    },
    down() {
      const all = [...waiting.values()]
      waiting.clear()
      for (const { reject } of all) reject(lost())
    },
  }
}
