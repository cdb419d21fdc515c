import type { ServerResponse } from 'node:http'
import { STREAM_EVENTS } from 'tidings/protocol'
import type { Inbound } from '../core/context.js'
import type { Clock, Origin, Random, Verify } from '../core/seams.js'
import type { ServerCore } from '../core/server.js'
import type { Refusal } from '../refusals.js'
import { openEventStream } from './event-stream.js'

/** Why frames were not taken. */
export type NotTaken = Extract<Refusal, 'unknown_session' | 'busy' | 'unauthorised' | 'unavailable'>

/** A connection whose texts go down one answer and come up in requests. */
interface Session {
  readonly inbound: Inbound
  readonly origin: Origin
  /** The token that was found to be of the session's user. */
  token: string | undefined
  /** Frames are being looked at: a second request at the same time could overtake. */
  busy: boolean
}

/** The connections over HTTP of one server. */
export interface HttpSessions {
  /** Opens a connection with what its client says first, and answers with its stream. False when the address has too many that nobody vouched for. */
  open(response: ServerResponse, hello: string, origin: Origin): boolean
  /** Hands the texts of a request to the core. Undefined when they were taken. */
  take(session: string, token: string | undefined, texts: readonly string[]): Promise<NotTaken | undefined>
  /** Cuts what is still open. */
  terminate(): void
}

export interface HttpSessionsOptions {
  readonly core: Pick<ServerCore, 'opened'>
  readonly clock: Pick<Clock, 'after'>
  readonly random: Pick<Random, 'id'>
  readonly verify: Verify
  /** Connections of one address whose token was not checked yet; 64 unless given. */
  readonly freshPerAddress?: number
}

/** Checked ones are counted by user: an office behind one address is many users. */
const FRESH_PER_ADDRESS = 64

export function createHttpSessions(options: HttpSessionsOptions): HttpSessions {
  const { core, clock, random, verify, freshPerAddress = FRESH_PER_ADDRESS } = options
  const sessions = new Map<string, Session>()
  const responses = new Set<ServerResponse>()
  /** By address, those that were not greeted when somebody last looked. */
  const fresh = new Map<string, Set<Session>>()

  const freshOf = (address: string): Set<Session> => {
    const known = fresh.get(address) ?? new Set()
    for (const session of known) if (session.inbound.user !== undefined) known.delete(session)
    fresh.set(address, known)
    return known
  }
  const forget = (name: string, session: Session, address: string) => {
    sessions.delete(name)
    const rest = freshOf(address)
    rest.delete(session)
    if (rest.size === 0) fresh.delete(address)
  }
  /** Whether a token is of the session's user. One that was found to be is asked about no more: the core says when its time is over. */
  const isOwn = async (session: Session, token: string | undefined): Promise<boolean> => {
    if (token !== undefined && token === session.token) return true
    const verified = await verify(token, session.origin)
    if (typeof verified === 'string' || verified.user !== session.inbound.user) return false
    session.token = token
    return true
  }

  return {
    open(response, hello, origin) {
      const { address = '' } = origin
      const others = freshOf(address)
      if (others.size >= freshPerAddress) return false
      const name = random.id()
      responses.add(response)
      const stream = openEventStream(response, clock, () => {
        responses.delete(response)
        forget(name, session, address)
        session.inbound.closed()
      })
      stream.send({ event: STREAM_EVENTS.session, data: JSON.stringify({ session: name }) })
      const inbound = core.opened(
        {
          send: (text) => stream.send({ data: text }),
          close(code, reason) {
            stream.send({ event: STREAM_EVENTS.close, data: JSON.stringify({ code, reason }) })
            sessions.delete(name)
            stream.end()
          },
          get bufferedAmount() {
            return stream.bufferedAmount
          },
        },
        origin,
      )
      const session: Session = { inbound, origin, token: undefined, busy: false }
      sessions.set(name, session)
      others.add(session)
      inbound.received(hello)
      return true
    },
    async take(name, token, texts) {
      const session = sessions.get(name)
      if (!session) return 'unknown_session'
      // Before welcome nobody knows whose it is.
      if (session.busy || session.inbound.user === undefined) return 'busy'
      session.busy = true
      const refusal = await isOwn(session, token).then(
        (own) => (own ? undefined : 'unauthorised'),
        () => 'unavailable' as const,
      )
      session.busy = false
      if (sessions.get(name) !== session) return 'unknown_session'
      if (refusal !== undefined) return refusal
      for (const text of texts) session.inbound.received(text)
      return undefined
    },
    terminate() {
      for (const response of responses) response.destroy()
    },
  }
}
