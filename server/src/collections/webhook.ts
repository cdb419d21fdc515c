import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { WIRE } from 'tidings/protocol'
import { bearerOf, fail, json, NAME, type Route } from '../answers.js'
import { PublishError, type Publisher } from '../core/publish.js'
import type { Clock, Verify } from '../core/seams.js'
import type { Origins } from '../origins.js'
import { refuse } from '../refusals.js'
import { readBody } from '../sockets/body.js'
import { type Change, readChange, roomOfCollection } from './changes.js'

export interface WebhookOptions {
  readonly core: Pick<Publisher, 'publish'>
  /** Of tokens whose audience is `tidings-webhook`. */
  readonly verify: Verify
  readonly clock: Clock
  readonly origins: Pick<Origins, 'of'>
  /** ms until the caller may tell of another change; 0 is now. */
  readonly ration: (caller: string) => number | Promise<number>
}

/** A body of a message, and what stands around it. */
const MOST_BYTES = WIRE.bodyBytes + 4 * 1024

/** What a publisher's refusal is in HTTP. */
const STATUS: Readonly<Record<string, number>> = {
  invalid: 400,
  id_conflict: 409,
  too_large: 413,
  rate_limited: 429,
}

/** What is the same on every try. Hashed: it becomes an id, and its parts may be longer than one. */
const keyOf = ({ database, collection, id, action, timestamp }: Change): string =>
  createHash('sha256')
    .update(JSON.stringify([database, collection, id, action, timestamp]))
    .digest('base64url')

/** Changes of records elsewhere, as events of a room: `POST /webhook`. Told twice, a change is written once. */
export function createWebhook({ core, verify, clock, origins, ration }: WebhookOptions): Route {
  const callerOf = async (request: IncomingMessage): Promise<string | undefined> => {
    const verified = await verify(bearerOf(request), origins.of(request))
    return typeof verified === 'string' ? undefined : verified.user
  }

  const write = async (response: ServerResponse, change: Change, key: string) => {
    const room = roomOfCollection(change.database, change.collection)
    try {
      const { messageId, seq, ts, dup } = await core.publish(room, change, { id: key })
      json(response, 200, JSON.stringify({ room, messageId, seq, ts, dup }))
    } catch (cause) {
      if (!(cause instanceof PublishError)) throw cause
      fail(response, STATUS[cause.code] ?? 503, cause.code, cause.message)
    }
  }

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    // Before the body: whoever may not write costs nothing.
    const caller = await callerOf(request)
    if (caller === undefined) {
      response.setHeader('connection', 'close')
      fail(response, 401, 'unauthorised', 'A Bearer token with the audience tidings-webhook is needed.')
      return
    }
    const retryAfter = await ration(caller)
    if (retryAfter > 0) {
      fail(response, 429, 'rate_limited', 'Too many changes.', { retryAfter })
      return
    }
    const body = await readBody(request, MOST_BYTES, clock)
    if (typeof body !== 'string') {
      response.setHeader('connection', 'close')
      if (body.unread !== 'gone') refuse(response, body.unread)
      return
    }
    const change = readChange(body)
    const given = request.headers['idempotency-key']
    if (!change || (given !== undefined && !(typeof given === 'string' && NAME.test(given)))) {
      const shape = 'The body is {database, collection, id, action, timestamp, record}, all of them.'
      fail(response, 400, 'invalid', shape)
      return
    }
    await write(response, change, given ?? keyOf(change))
  }

  return async (route, request, response) => {
    if (route !== 'POST /webhook') return false
    await answer(request, response)
    return true
  }
}
