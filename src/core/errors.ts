import type { Json } from '../protocol/index.js'

/**
 * What an application can do about an error: nothing will help (`never`), the SDK or the user may try again (`later`),
 * a new sign-in is needed (`after-auth`).
 */
export type Retry = 'never' | 'later' | 'after-auth'

/** Every code, and what can be done about it. Decisions read codes, never messages. */
const CODES = {
  // Of the connection.
  unauthorised: 'after-auth',
  token_failed: 'later',
  wrong_user: 'after-auth',
  unsupported_version: 'never',
  connection_refused: 'never',
  server: 'later',
  bad_frame: 'later',
  // Of an operation.
  invalid_body: 'never',
  too_large: 'never',
  outbox_full: 'later',
  expired: 'later',
  rejected: 'later',
  conflict: 'later',
  delivery_unknown: 'later',
  not_found: 'never',
  // Of a room.
  room_refused: 'later',
  bad_entry: 'never',
  sync_stuck: 'later',
  // Of the device.
  storage: 'later',
  bad_record: 'never',
  no_random: 'never',
  // Of the application.
  listener: 'never',
  invalid_argument: 'never',
  destroyed: 'never',
  discarded: 'never',
  // Of signing out.
  unsent: 'later',
  signed_out: 'after-auth',
} as const satisfies Record<string, Retry>

/** The texts of an edit that did not come about, so that a page can show them side by side. Bodies as they travel. */
export interface FailedEdit {
  /** What this user wrote. */
  readonly yours: Json
  /** What the message says now; null when it was deleted. */
  readonly current: Json
  /** What it said when this user began; null when that is not known: only an edit that must not overwrite keeps it. */
  readonly base: Json
}

/** What a schema found wrong with a body. */
export interface BodyIssue {
  readonly message: string
  /** Where, as keys from the outside in; empty for the body itself. */
  readonly path: readonly string[]
}

/** What went wrong, as one word. */
export type TidingsErrorCode = keyof typeof CODES

/** More about an error, for people and logs. */
export interface TidingsErrorDetail {
  readonly cause?: unknown
  /** The server's own code, where it sent one. */
  readonly serverCode?: string
  readonly room?: string
  /** The operation it is about. */
  readonly operation?: string
  /** Of an edit that failed. */
  readonly edit?: FailedEdit
  /** Of a body that does not fit its schema. */
  readonly issues?: readonly BodyIssue[]
}

/** The one error class of the SDK. The message says what happened, what was kept and what to do. */
export class TidingsError extends Error {
  override readonly name = 'TidingsError'
  readonly retry: Retry
  readonly serverCode: string | undefined
  readonly room: string | undefined
  readonly operation: string | undefined
  readonly edit: FailedEdit | undefined
  /** Empty unless a body does not fit its schema. */
  readonly issues: readonly BodyIssue[]

  constructor(
    readonly code: TidingsErrorCode,
    message: string,
    detail: TidingsErrorDetail = {},
  ) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.retry = CODES[code]
    this.serverCode = detail.serverCode
    this.room = detail.room
    this.operation = detail.operation
    this.edit = detail.edit
    this.issues = detail.issues ?? []
  }
}

/** What a listener threw, as it is told. */
export const thrownByListener = (cause: unknown): TidingsError =>
  new TidingsError('listener', 'A listener threw. Nothing else was affected.', { cause })
