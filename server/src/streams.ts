import type { IncomingMessage, ServerResponse } from 'node:http'
import { framesBody, readAs, WIRE } from 'tidings/protocol'
import { bearerOf, type Route } from './answers.js'
import type { Clock } from './core/seams.js'
import type { Origins } from './origins.js'
import { refuse } from './refusals.js'
import { readBody } from './sockets/body.js'
import type { HttpSessions } from './sockets/http-sessions.js'

export interface StreamsOptions {
  readonly sessions: HttpSessions
  readonly clock: Clock
  readonly origins: Pick<Origins, 'of'>
  /** Bytes of frames in one request; as many as one text message may have unless given. */
  readonly mostBytes?: number
}

/** What stands around the frames of a request. */
const ENVELOPE_BYTES = 1024
/** When to come back after too many at once: the others are checked within a moment. */
const FULL_RETRY_MS = 1_000

/** Connections over HTTP: one request opens a stream, others carry frames. */
export function createStreams(options: StreamsOptions): Route {
  const { sessions, clock, origins, mostBytes = WIRE.clientTextBytes } = options
  const bodyOf = async (request: IncomingMessage, response: ServerResponse, mostBytes: number) => {
    const body = await readBody(request, mostBytes, clock)
    if (typeof body === 'string') return body
    if (body.unread === 'gone') return undefined
    // What was not read stays in the way of every other request on this line.
    response.setHeader('connection', 'close')
    refuse(response, body.unread)
    return undefined
  }

  const stream = async (request: IncomingMessage, response: ServerResponse) => {
    const hello = await bodyOf(request, response, WIRE.clientTextBytes)
    if (hello === undefined || sessions.open(response, hello, origins.of(request))) return
    refuse(response, 'rate_limited', FULL_RETRY_MS)
  }

  const frames = async (request: IncomingMessage, response: ServerResponse) => {
    const text = await bodyOf(request, response, mostBytes + ENVELOPE_BYTES)
    if (text === undefined) return
    const body = readAs(framesBody, text)
    if (!body) {
      refuse(response, 'invalid')
      return
    }
    const texts = body.frames.map((each) => JSON.stringify(each))
    const refusal = await sessions.take(body.session, bearerOf(request), texts)
    if (refusal === undefined) response.writeHead(204, { 'cache-control': 'no-store' }).end()
    else refuse(response, refusal)
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
