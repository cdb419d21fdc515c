import {
  CLOSE,
  type ClientFrame,
  type ClientFrames,
  type Decoded,
  decodeClientText,
  PROTOCOL_VERSION,
  type RefusedFrame,
  WIRE,
} from 'tidings/protocol'
import { createBucket } from './bucket.js'
import type { Connection, Context } from './context.js'
import type { Quota } from './quotas.js'
import type { Identity, Origin, Socket, Verified } from './seams.js'
import { createSession, type Session } from './session.js'
import { whenSettled } from './settled.js'
import { createWire } from './wire.js'

type State =
  | { readonly is: 'fresh' }
  | { readonly is: 'greeting' }
  | { readonly is: 'open'; readonly session: Session }
  | { readonly is: 'closed' }

/** A close reason fits a close frame: JSON of at most 123 bytes. */
const reasonOf = (code: string, more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ code, ...more })

/** Malformed texts until the connection is given up, and for how long they count. */
const MALFORMED_WITHIN_MS = 10_000

export function createConnection(socket: Socket, origin: Origin, context: Context): Connection {
  const { clock, limits, tick } = context
  let state: State = { is: 'fresh' }
  let malformedAt: number | undefined
  const frames = limits.rate && createBucket(limits.frameRate, clock)

  const end = () => {
    if (state.is === 'closed') return false
    cancelHello()
    const before = state
    state = { is: 'closed' }
    if (before.is === 'open') before.session.end()
    context.left(connection)
    return true
  }
  const wire = createWire(socket, tick, limits, end)
  const close = (code: number, why: string, more?: Readonly<Record<string, unknown>>) => {
    if (end()) wire.close(code, reasonOf(why, more))
  }
  const cancelHello = clock.after(limits.helloMs, () => close(CLOSE.noHello, 'no_hello'))
  const error = (code: string, message: string, re?: string, retryAfter?: number) =>
    wire.send(
      JSON.stringify({
        type: 'error',
        code,
        message,
        retryable: retryAfter !== undefined,
        ...(retryAfter !== undefined && { retryAfter }),
        ...(re !== undefined && { re }),
      }),
    )

  const greet = (hello: ClientFrames['hello']) => {
    if (hello.v !== PROTOCOL_VERSION) {
      close(CLOSE.unsupportedVersion, 'unsupported_version', { supported: [PROTOCOL_VERSION] })
      return
    }
    if (context.draining) {
      connection.drain(context.slot(), 'draining', undefined)
      return
    }
    state = { is: 'greeting' }
    const verify = () =>
      whenSettled(
        () => context.verify(hello.token, origin),
        (verified) => welcome(hello, verified),
        () => close(CLOSE.internal, 'unavailable'),
      )
    if (origin.address === undefined) verify()
    else within('attempts', origin.address, verify)
  }
  /** Goes on while there is some left of a quota. */
  const within = (quota: Quota, who: string, goOn: () => void) =>
    whenSettled(
      () => context.quotas.use(quota, who),
      (retryAfter) => (retryAfter > 0 ? close(CLOSE.rateLimited, 'rate_limited', { retryAfter }) : goOn()),
      goOn,
    )
  const welcome = (hello: ClientFrames['hello'], verified: Verified) => {
    if (state.is !== 'greeting') return
    if (verified === 'expired') close(CLOSE.tokenExpired, 'token_expired')
    else if (verified === 'refused' || !isUserName(verified.user) || verified.user === context.author)
      close(CLOSE.unauthorised, 'unauthorised')
    else within('connections', verified.user, () => enter(hello, verified))
  }
  const enter = (hello: ClientFrames['hello'], identity: Identity) => {
    if (state.is !== 'greeting') return
    if (context.connected(identity.user) >= limits.connectionsPerUser) {
      close(CLOSE.tooManyConnections, 'too_many_connections')
      return
    }
    cancelHello()
    const session = createSession({ context, wire, close, origin, identity })
    state = { is: 'open', session }
    context.greeted(connection, identity.user)
    session.start(hello)
  }

  const refused = (fault: RefusedFrame) => {
    if (fault.fault === 'unknown_type') return
    if (fault.fault === 'too_large') {
      close(1009, 'too_large')
      return
    }
    const path = fault.path === undefined ? '' : ` at ${fault.path}`
    const isOperation = fault.type === 'message' || fault.type === 'message_update'
    if (isOperation && fault.id !== undefined && state.is === 'open')
      state.session.refuse(fault.id, `The frame does not fit its shape${path}.`)
    else error('invalid', `${fault.fault}${path}`, fault.id)
    // A frame with a type is a peer's mistake; what is no frame at all is no peer of ours, if it goes on.
    if (fault.type !== undefined) return
    const now = clock.now()
    if (malformedAt !== undefined && now - malformedAt < MALFORMED_WITHIN_MS)
      close(CLOSE.protocolError, 'malformed')
    malformedAt = now
  }

  const first = (decoded: Decoded<ClientFrame>) => {
    const [hello, ...rest] = decoded.frames
    if (hello?.type !== 'hello' || rest.length > 0 || decoded.refused.length > 0)
      close(CLOSE.protocolError, 'hello_first')
    else greet(hello)
  }
  const take = (decoded: Decoded<ClientFrame>) => {
    if (state.is === 'fresh') {
      first(decoded)
      return
    }
    // Between hello and welcome nobody knows yet for whom the frames would speak.
    if (state.is === 'greeting' && decoded.frames.some(({ type }) => type !== 'ping' && type !== 'pong'))
      close(CLOSE.protocolError, 'welcome_first')
    for (const fault of decoded.refused) refused(fault)
    if (state.is === 'open') state.session.take(decoded.frames)
  }
  /** Whether there is a token for each of so many frames. */
  const afford = (count: number): boolean => {
    let retryAfter = 0
    for (let i = 0; i < count; i++) retryAfter = Math.max(retryAfter, frames ? frames.take() : 0)
    if (retryAfter === 0) return true
    if (frames && frames.refused > limits.frameRate.burst) close(CLOSE.rateLimited, 'rate_limited')
    else error('rate_limited', 'Too many frames.', undefined, retryAfter)
    return false
  }

  const connection: Connection = {
    get user() {
      return state.is === 'open' ? state.session.user : undefined
    },
    received(text) {
      if (state.is === 'closed') return
      if (state.is === 'open') state.session.heard()
      // A text costs one before it is even parsed, and each further frame in it another.
      if (!afford(1)) return
      const decoded = decodeClientText(text)
      if (afford(decoded.frames.length + decoded.refused.length - 1)) take(decoded)
    },
    closed() {
      wire.lost()
      end()
    },
    kick(room, code, retryable) {
      if (state.is === 'open') state.session.kick(room, code, retryable)
    },
    drain(retryAfter, reason, url) {
      if (state.is === 'closed') return
      const goaway = { type: 'goaway', retryAfter, reason, ...(url !== undefined && { url }) }
      wire.send(JSON.stringify(goaway))
      const leave = () => close(CLOSE.goingAway, 'going_away', { retryAfter })
      if (state.is === 'open') state.session.drain(retryAfter, leave)
      else leave()
    },
    close,
  }
  return connection
}

// The rule of every name on the wire; SQLite would also cut a name at a NUL.
const USER_NAME = /^[^\p{Cc}\p{Cs}]+$/u
const isUserName = (user: string): boolean => user.length <= WIRE.idChars && USER_NAME.test(user)
