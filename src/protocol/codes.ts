/**
 * The answers of a server to an operation, and whether the same operation may succeed later.
 * `dedupe_expired` is neither: the client parks the operation as `unknown` and asks the user.
 */
export const NACK_CODES = {
  rate_limited: { retryable: true },
  unavailable: { retryable: true },
  timeout: { retryable: true },
  not_ready: { retryable: true },
  conflict: { retryable: false },
  forbidden: { retryable: false },
  not_member: { retryable: false },
  not_found: { retryable: false },
  deleted: { retryable: false },
  too_large: { retryable: false },
  invalid: { retryable: false },
  id_conflict: { retryable: false },
  room_gone: { retryable: false },
  content_rejected: { retryable: false },
  dedupe_expired: { retryable: false },
} as const

/** A code that this version of the protocol knows. Receivers accept others and go by `retryable`. */
export type NackCode = keyof typeof NACK_CODES

/** WebSocket close codes of the protocol. 4500 and above are final: the client does not come back by itself. */
export const CLOSE = {
  goingAway: 4001,
  slowConsumer: 4002,
  pingTimeout: 4003,
  noHello: 4004,
  internal: 4005,
  rateLimited: 4006,
  stateLost: 4007,
  tokenExpired: 4009,
  protocolError: 4500,
  unauthorised: 4501,
  forbidden: 4503,
  unsupportedVersion: 4506,
  tooManyConnections: 4509,
  replaced: 4510,
} as const

/** Whether a close code ends the connection for good. */
export const isFinalClose = (code: number): boolean => code >= 4500 && code <= 4999

/** Codes of `error` frames. Receivers accept others and go by `retryable`. */
export type ErrorCode =
  | 'token_expiring'
  | 'unauthorised'
  | 'invalid'
  | 'too_large'
  | 'rate_limited'
  | 'unavailable'
  | 'not_found'
  | 'unsupported'

/** Why a room's log can no longer be followed from where the client stands. */
export type ResetReason = 'fork' | 'trimmed' | 'restored' | 'unknown'
