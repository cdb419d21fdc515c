import type { ServerResponse } from 'node:http'
import { CLOSE } from 'tidings/protocol'
import { fail } from './answers.js'

/** Why a request of a connection is refused: by which status, and by which close code the connection is over. */
const refusals = {
  invalid: [400, CLOSE.protocolError, 'The body is {session, frames}.'],
  unauthorised: [401, CLOSE.unauthorised, "The token is not one of the session's user."],
  forbidden_origin: [403, CLOSE.forbidden, 'This page may not talk to this server.'],
  unknown_session: [404, CLOSE.stateLost, 'There is no such session here.'],
  timeout: [408, CLOSE.stateLost, 'The body did not come in time.'],
  busy: [409, CLOSE.stateLost, 'Another request of this session is not answered yet.'],
  too_large: [413, 1009, 'The body is too large.'],
  rate_limited: [429, CLOSE.rateLimited, 'Too many new connections from one address.'],
  unavailable: [503, CLOSE.internal, 'Tokens cannot be checked now.'],
} as const satisfies Readonly<Record<string, readonly [number, number, string]>>

export type Refusal = keyof typeof refusals

/** All of them, for those who write them down. */
export const REFUSALS = Object.entries(refusals).map(([code, [status, close]]) => ({ status, code, close }))

/** Refuses a request of a connection, for so many ms where that is known. */
export function refuse(response: ServerResponse, code: Refusal, retryAfter?: number): void {
  const [status, close, message] = refusals[code]
  fail(response, status, code, message, { close, ...(retryAfter !== undefined && { retryAfter }) })
}
