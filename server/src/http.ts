import type { IncomingMessage, ServerResponse } from 'node:http'
import { WIRE } from 'tidings/protocol'
import { bearerOf, fail, json, NAME, PERMIT_STATUS, type Route } from './answers.js'
import type { Authorize, Log, Sees, Verify } from './core/seams.js'
import type { Files } from './files.js'
import type { Origins } from './origins.js'
import { refuse } from './refusals.js'

export interface HttpOptions {
  readonly log: Log
  readonly verify: Verify
  readonly authorize: Authorize
  readonly sees: Sees | undefined
  readonly origins: Origins
  readonly files: Files | undefined
  /** Makes a token for whoever asks. Given in development only; without it the address does not exist. */
  readonly devToken: ((user: string) => Promise<string>) | undefined
  /** Everything else that has an address here. */
  readonly routes: Route
  /** ms until the user may read history again; 0 is now. */
  readonly ration: (user: string) => number | Promise<number>
}

/** Rows of a page when nobody says. */
const PAGE_ROWS = 200

/** A whole number from the query; the one given when there is none, NaN when it is no such number. */
function wholeNumber(text: string | null, missing: number, max: number): number {
  if (text === null) return missing
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  return value <= max ? value : Number.NaN
}

async function sync(
  options: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
) {
  const { log, verify, authorize, sees, origins } = options
  const verified = await verify(bearerOf(request), origins.of(request))
  if (typeof verified === 'string') {
    fail(
      response,
      401,
      verified === 'expired' ? 'token_expired' : 'unauthorised',
      'A valid Bearer token is needed.',
    )
    return
  }
  const room = query.get('room') ?? ''
  const since = wholeNumber(query.get('since'), 0, Number.MAX_SAFE_INTEGER)
  const limit = wholeNumber(query.get('limit'), PAGE_ROWS, WIRE.pageMessages)
  if (!NAME.test(room) || Number.isNaN(since) || !(limit >= 1)) {
    const rule = `room is a name, since are ms since the epoch, limit is 1 to ${WIRE.pageMessages}.`
    fail(response, 400, 'invalid', rule)
    return
  }
  const { user, rights } = verified
  const retryAfterMs = await options.ration(user)
  if (retryAfterMs > 0) {
    fail(response, 429, 'rate_limited', 'Too many requests.', { retryAfter: retryAfterMs })
    return
  }
  const permit = await authorize({ user, verb: 'read', room, rights })
  if (permit !== 'allow') {
    fail(response, PERMIT_STATUS[permit], permit, 'This room cannot be read.')
    return
  }
  const { items, prev, cursor, seq, hasMore, head } = await log.since(room, since, limit)
  const visible = sees ? items.filter((item) => sees(user, { ...item, room })) : items
  const rest = JSON.stringify({ hasMore, prev, cursor, seq, head }).slice(1)
  json(response, 200, `{"messages":[${visible.map(({ text }) => text).join(',')}],${rest}`)
}

async function devToken({ devToken: sign }: HttpOptions, response: ServerResponse, query: URLSearchParams) {
  const user = query.get('user') ?? ''
  if (!sign) fail(response, 404, 'not_found', 'There is nothing here.')
  else if (!NAME.test(user)) fail(response, 400, 'invalid', 'user is a name of 1 to 128 characters.')
  else {
    const token = await sign(user)
    response
      .writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
      .end(token)
  }
}

/** Pages of other origins may read only when they are named. Tokens travel in a header, so cookies play no part. */
function allowOrigin({ origins }: HttpOptions, request: IncomingMessage, response: ServerResponse): boolean {
  const { origin } = request.headers
  response.setHeader('vary', 'Origin')
  if (origin === undefined) return true
  if (!origins.allow(origin)) return false
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('access-control-allow-headers', 'authorization, content-type')
  // Else a page of another origin asks before every request.
  response.setHeader('access-control-max-age', '600')
  return true
}

/** Where a request goes, and the file that this means; undefined for what does not decode. */
function addressOf({ url = '/' }: IncomingMessage): { readonly url: URL; readonly file: string } | undefined {
  try {
    const parsed = new URL(url, 'http://server')
    return { url: parsed, file: decodeURIComponent(parsed.pathname) }
  } catch {
    return undefined
  }
}

async function answer(
  options: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method } = request
  const address = addressOf(request)
  if (!address) {
    fail(response, 400, 'invalid', 'Bad address.')
    return
  }
  const { url, file } = address
  if (!allowOrigin(options, request, response)) {
    refuse(response, 'forbidden_origin')
    return
  }
  if (method === 'OPTIONS') {
    response.writeHead(204).end()
    return
  }
  if (await options.routes(`${method} ${url.pathname}`, request, response, url.searchParams)) return
  if (method !== 'GET' && method !== 'HEAD') {
    fail(response, 405, 'invalid', 'Only GET is answered here.')
    return
  }
  switch (url.pathname) {
    case '/v1/sync':
      return sync(options, request, response, url.searchParams)
    case '/dev/token':
      return devToken(options, response, url.searchParams)
  }
  const served = await options.files?.(file, response, method === 'HEAD')
  if (!served) fail(response, 404, 'not_found', 'There is nothing here.')
}

/** Answers HTTP requests. Nothing that it meets ends the process. */
export const createHttp =
  (options: HttpOptions) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    answer(options, request, response).catch(() => {
      if (response.headersSent) response.destroy()
      else fail(response, 503, 'unavailable', 'This cannot be answered now.')
    })
  }
