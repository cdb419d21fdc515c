import type { IncomingMessage, ServerResponse } from 'node:http'
import { CLOSE, framesBody, readAs, WIRE } from 'tidings/protocol'
import { bearerOf, fail, originOf, type Route } from './answers.js'
import type { Clock } from './core/seams.js'
import { readBody, type Unread } from './sockets/body.js'
import type { HttpSessions, Refusal } from './sockets/http-sessions.js'

export interface StreamsOptions {
  readonly sessions: HttpSessions
  readonly clock: Clock
  /** Bytes of frames in one request; as many as one text message may have unless given. */
  readonly mostBytes?: number
}

/** What stands around the frames of a request. */
const ENVELOPE_BYTES = 1024
/** When to come back after too many at once: the others are checked within a moment. */
const FULL_RETRY_MS = 1_000

const UNREAD: Readonly<Record<Exclude<Unread, 'gone'>, readonly [number, number]>> = {
  too_large: [413, 1009],
  timeout: [408, CLOSE.stateLost],
}
const REFUSED: Readonly<Record<Refusal, readonly [number, number, string]>> = {
  unknown_session: [404, CLOSE.stateLost, 'There is no such session here.'],
  busy: [409, CLOSE.stateLost, 'Another request of this session is not answered yet.'],
  unauthorised: [401, CLOSE.unauthorised, "The token is not one of the session's user."],
  unavailable: [503, CLOSE.internal, 'Tokens cannot be checked now.'],
}

/** Connections over HTTP: one request opens a stream, others carry frames. */
export function createStreams({ sessions, clock, mostBytes = WIRE.clientTextBytes }: StreamsOptions): Route {
  const bodyOf = async (request: IncomingMessage, response: ServerResponse, mostBytes: number) => {
    const body = await readBody(request, mostBytes, clock)
    if (typeof body === 'string') return body
    if (body.unread === 'gone') return undefined
    const [status, close] = UNREAD[body.unread]
    // What was not read stays in the way of every other request on this line.
    response.setHeader('connection', 'close')
    fail(response, status, body.unread, 'The body cannot be taken.', { close })
    return undefined
  }

  const stream = async (request: IncomingMessage, response: ServerResponse) => {
    const hello = await bodyOf(request, response, WIRE.clientTextBytes)
    if (hello === undefined || sessions.open(response, hello, originOf(request))) return
    const more = { close: CLOSE.rateLimited, retryAfter: FULL_RETRY_MS }
    fail(response, 429, 'rate_limited', 'Too many new connections from one address.', more)
  }

  const frames = async (request: IncomingMessage, response: ServerResponse) => {
    const text = await bodyOf(request, response, mostBytes + ENVELOPE_BYTES)
    if (text === undefined) return
    const body = readAs(framesBody, text)
    if (!body) {
      const rule = 'The body is {session, frames}.'
      fail(response, 400, 'invalid', rule, { close: CLOSE.protocolError })
      return
    }
    const texts = body.frames.map((each) => JSON.stringify(each))
    const refusal = await sessions.take(body.session, bearerOf(request), texts)
    if (refusal === undefined) response.writeHead(204, { 'cache-control': 'no-store' }).end()
    else {
      const [status, close, message] = REFUSED[refusal]
      fail(response, status, refusal, message, { close })
    }
  }

  return async (route, request, response) => {
    switch (route) {
      case 'POST /v1/stream':
        await stream(request, response)
        return true
      case 'POST /v1/frames':
        await frames(request, response)
        return true
      default:
        return false
    }
  }
}
