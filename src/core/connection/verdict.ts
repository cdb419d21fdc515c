import { CLOSE, isFinalClose, type ServerFrame } from '../../protocol/index.js'
import { TidingsError } from '../errors.js'
import type { Closed } from '../seams/transport.js'

/** How a transport, or an attempt at one, comes to its end. */
export type End =
  /** Nothing that this client can do by itself will help. */
  | { readonly kind: 'final'; readonly error: TidingsError }
  /** The token was not accepted. */
  | { readonly kind: 'refused-token' }
  /** The server gave this client a slot to come back at. */
  | { readonly kind: 'slot'; readonly leftMs: number }
  /** Anything else: another attempt may succeed. */
  | {
      readonly kind: 'again'
      readonly reason: string
      readonly error?: TidingsError
      /** The server asked everybody to stay away this long. */
      readonly retryAfterMs?: number | undefined
      /** Nothing is wrong with server or network: no wait, unless the time before failed too. */
      readonly atOnce?: boolean
      /** This device's network is what failed, so nobody else comes back with us. */
      readonly ownNetwork?: boolean
      /** How to close what is still open. */
      readonly closeCode?: number
    }

/** The wait that a close reason asks for, in ms. Reasons are JSON by agreement; anything else says nothing. */
function retryAfterOf(reason: string): number | undefined {
  try {
    const said: unknown = JSON.parse(reason)
    if (typeof said !== 'object' || said === null) return undefined
    const ms: unknown = Reflect.get(said, 'retryAfter')
    return typeof ms === 'number' ? ms : undefined
  } catch {
    return undefined
  }
}

/** The wait that frames ask for, in ms, where they speak of the connection and not of one request. */
export function adviceOf(frames: readonly ServerFrame[]): number | undefined {
  for (const frame of frames)
    if (frame.type === 'error' && frame.re === undefined && frame.retryAfter !== undefined)
      return frame.retryAfter
  return undefined
}

/** The error of a refusal for good. `serverCode` is the close code or the code of an error frame. */
export function refusal(serverCode: string): TidingsError {
  const unsupported = serverCode === String(CLOSE.unsupportedVersion) || serverCode === 'unsupported'
  return unsupported
    ? new TidingsError(
        'unsupported_version',
        'The server does not speak this version of the protocol. Update tidings on the older side.',
        { serverCode },
      )
    : new TidingsError(
        'connection_refused',
        `The server refused the connection (${serverCode}). What is queued is kept; connect() tries again.`,
        { serverCode },
      )
}

/** Reads a close. Pure: what follows from it depends on what went before, and is the connection's to decide. */
export function judge({ code, reason }: Closed): End {
  if (code === CLOSE.unauthorised) return { kind: 'refused-token' }
  if (code === CLOSE.tokenExpired) return { kind: 'again', reason: 'token expired', atOnce: true }
  if (isFinalClose(code)) return { kind: 'final', error: refusal(String(code)) }
  return { kind: 'again', reason: `closed ${code}`, retryAfterMs: retryAfterOf(reason) }
}
