import type { IncomingMessage, ServerResponse } from 'node:http'
import { CLOSE, type LogEntry, STREAM_EVENTS } from 'tidings/protocol'
import { bearerOf, fail, json, NAME, PERMIT_STATUS, type Route } from './answers.js'
import type { Clock, Permit, Random, Verify } from './core/seams.js'
import type { ServerCore } from './core/server.js'
import type { Origins } from './origins.js'
import { type EventStream, openEventStream } from './sockets/event-stream.js'
import { readRoom } from './sockets/room-reader.js'
import { TICKET_MS, type Tickets } from './tickets.js'

/** What readers that have nothing but an EventSource are made of. */
export interface ReadersOptions {
  readonly core: Pick<ServerCore, 'opened'>
  readonly tickets: Tickets
  readonly clock: Pick<Clock, 'after'>
  readonly random: Pick<Random, 'id'>
  readonly verify: Verify
  readonly origins: Pick<Origins, 'of'>
  /** ms until the user may ask for another ticket; 0 is now. */
  readonly ration: (user: string) => number | Promise<number>
}

/** The cookie that holds a token, for pages of the server's own origin. */
export const TOKEN_COOKIE = 'tidings_token'
const CURSOR = /^[^\p{Cc}\p{Cs}]{1,128}$/u

/** What a close before the first event means to somebody who asked by HTTP. */
const CLOSED: Readonly<Record<number, readonly [number, string]>> = {
  [CLOSE.unauthorised]: [401, 'unauthorised'],
  [CLOSE.tokenExpired]: [401, 'token_expired'],
  [CLOSE.tooManyConnections]: [429, 'too_many_connections'],
}
const UNAVAILABLE = [503, 'unavailable'] as const

const isPermit = (code: string): code is Exclude<Permit, 'allow'> => Object.hasOwn(PERMIT_STATUS, code)

/** A cookie is added by the browser, whoever asks: it counts only for pages of this very origin. */
function cookieOf({ headers }: IncomingMessage): string | undefined {
  const site = headers['sec-fetch-site']
  if (headers.origin !== undefined || (site !== undefined && site !== 'same-origin')) return undefined
  for (const part of (headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=')
    if (name === TOKEN_COOKIE) return value
  }
  return undefined
}

/** The header that an EventSource sends by itself; a page that begins anew says it in the address. */
const cursorOf = ({ headers }: IncomingMessage, query: URLSearchParams): string | undefined => {
  const said = headers['last-event-id'] ?? query.get('after') ?? ''
  return said === '' ? undefined : String(said)
}

/** Events of one room for those who only look on, and the tickets by which they come. */
export function createReaders(options: ReadersOptions): Route {
  const { core, tickets, clock, random, verify, origins, ration } = options

  const read = (
    request: IncomingMessage,
    response: ServerResponse,
    room: string,
    token: string | undefined,
    cursor: string | undefined,
  ) => {
    let stream: EventStream | undefined
    /** When to come back, as the server that goes said it. */
    let awayMs: number | undefined
    const tell = (entries: readonly LogEntry[], id: string) =>
      stream?.send({ id, ...(entries.length > 0 && { data: JSON.stringify(entries) }) })
    const refuse = (status: number, code: string) => {
      const more = awayMs === undefined ? {} : { retryAfter: awayMs }
      fail(response, status, code, 'The events of this room cannot be had.', more)
    }
    const device = `events-${random.id()}`
    const origin = origins.of(request)
    const inbound = readRoom(
      { opened: core.opened, origin, token, device, room, from: cursor === undefined ? 'head' : { cursor } },
      {
        onOpen() {
          stream ??= openEventStream(response, clock, () => inbound.closed())
        },
        onEntries: tell,
        onReset({ reason, head }, id) {
          stream?.send({ event: STREAM_EVENTS.reset, id, data: JSON.stringify({ reason, head }) })
        },
        onAway(retryAfterMs) {
          awayMs = retryAfterMs
          stream?.send({ retry: retryAfterMs })
        },
        onEnd(end) {
          if (stream) stream.end()
          else if ('code' in end) refuse(...(CLOSED[end.code] ?? UNAVAILABLE))
          else refuse(isPermit(end.refused) ? PERMIT_STATUS[end.refused] : 403, end.refused)
        },
        get bufferedAmount() {
          return stream?.bufferedAmount ?? 0
        },
      },
    )
    // Whoever goes before the first event.
    request.on('close', () => inbound.closed())
  }

  const events = (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => {
    const room = query.get('room') ?? ''
    const cursor = cursorOf(request, query)
    if (!NAME.test(room) || (cursor !== undefined && !CURSOR.test(cursor))) {
      fail(response, 400, 'invalid', 'room is a name, after a cursor.')
      return
    }
    const ticket = query.get('ticket')
    const token = ticket === null ? (bearerOf(request) ?? cookieOf(request)) : tickets.take(ticket)
    if (token === undefined)
      fail(response, 401, 'unauthorised', 'A ticket, a cookie of this origin or a token is needed.')
    else read(request, response, room, token, cursor)
  }

  const ticket = async (request: IncomingMessage, response: ServerResponse) => {
    const token = bearerOf(request)
    const verified = await verify(token, origins.of(request))
    if (typeof verified === 'string' || token === undefined) {
      fail(response, 401, 'unauthorised', 'A valid Bearer token is needed.')
      return
    }
    const retryAfter = await ration(verified.user)
    if (retryAfter > 0) fail(response, 429, 'rate_limited', 'Too many requests.', { retryAfter })
    else json(response, 200, JSON.stringify({ ticket: tickets.issue(token), expiresIn: TICKET_MS }))
  }

  return async (route, request, response, query) => {
    if (route === 'GET /v1/events') events(request, response, query)
    else if (route === 'POST /v1/ticket') await ticket(request, response)
    else return false
    return true
  }
}
