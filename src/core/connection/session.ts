import {
  CLOSE,
  type ClientFrame,
  type RefusedFrame,
  type RoomRequest,
  type ServerFrame,
  type ServerFrames,
  WIRE,
} from '../../protocol/index.js'
import { TidingsError } from '../errors.js'
import * as LIMITS from '../limits.js'
import type { Transport } from '../seams/transport.js'
import { slotMs } from './backoff.js'
import type { ConnectionOptions, Lane } from './contract.js'
import { createFlow } from './flow.js'
import { subscriptionsOf } from './hello.js'
import { headerOf, isOwn, type OwnFrame } from './own.js'
import { createPulse, type Doubt } from './pulse.js'
import type { TokenFlight } from './token.js'
import type { End } from './verdict.js'

/** What a session runs on and whom it tells. */
export interface SessionOptions {
  /** What the owner asked for, its functions wrapped so that none throws. */
  readonly options: ConnectionOptions
  readonly transport: Transport
  readonly welcome: ServerFrames['welcome']
  readonly flight: TokenFlight | undefined
  /** The transport is of no more use. */
  readonly onEnd: (end: End) => void
  /** A fresh token was refused on the open connection. */
  readonly onTokenRefused: () => void
  readonly onTokenAccepted: () => void
  /** A probe was answered. `offsetMs` where the server told its time. */
  readonly onMeasured: (rttMs: number | null, offsetMs: number | undefined) => void
}

/** One welcomed transport: everything between welcome and its end. */
export interface Session {
  readonly welcome: ServerFrames['welcome']
  /** Lets the owner begin: welcome, then what came in the same text behind it. */
  begin(
    unasked: readonly RoomRequest[],
    frames: readonly ServerFrame[],
    refused: readonly RefusedFrame[],
  ): void
  received(frames: readonly ServerFrame[], refused: readonly RefusedFrame[]): void
  send(frames: readonly ClientFrame[], lane: Lane): boolean
  /** Asks for a new token and proves it on the open connection. */
  renew(): void
  probe(doubt: Doubt): void
  settled(): void
  /** Whether it was what an attempt is for: open long enough, and the owner got going. */
  succeeded(): boolean
  /** Ms until the slot that the server gave, if it gave one. */
  slotLeftMs(): number | undefined
  /** Hands over what this tick gathered. */
  flush(): void
  stop(): void
}

/** The bound of a ping interval that a server may name: too short would be a storm, too long no heartbeat. */
const silenceOf = ({ interval, timeout }: ServerFrames['welcome']['ping']): number =>
  Math.min(LIMITS.retryAfterCapMs, Math.max(LIMITS.probeTimeoutMs, interval + timeout))

/** A session on a transport that was welcomed just now. */
export function createSession(given: SessionOptions): Session {
  const { options, transport, welcome, flight } = given
  const { clock, trace } = options
  const since = clock.now()
  let over = false
  let settled = false
  /** The renewal of the token under way: asked of the provider, or sent under this id. */
  let renewal: { readonly id?: string } | undefined
  /** What the unanswered ping carried. */
  let pinged: number | undefined

  const flow = createFlow({
    transport,
    textBytes: Math.min(WIRE.clientTextBytes, welcome.limits.frame),
    onCrowded: () => pulse.crowd(),
    onRoom: options.onRoom,
    onTooLarge(frame, bytes) {
      const message = `A ${frame.type} frame of ${bytes} bytes is more than a message may hold. It was not sent.`
      options.onError(
        new TidingsError('too_large', message, 'id' in frame ? { operation: frame.id } : undefined),
      )
    },
    onFault: () => given.onEnd({ kind: 'again', reason: 'send failed' }),
  })

  const pulse = createPulse({
    clock,
    silenceMs: silenceOf(welcome.ping),
    crowded: () => flow.waiting,
    onLook: flow.look,
    onPing() {
      pinged = Math.max(0, Math.floor(clock.now()))
      control({ type: 'ping', t: pinged })
    },
    onDead: (doubt) =>
      given.onEnd({
        kind: 'again',
        reason: 'no answer',
        ownNetwork: doubt === 'wake',
        closeCode: CLOSE.pingTimeout,
      }),
    onSlot: () => given.onEnd({ kind: 'slot', leftMs: 0 }),
  })

  function send(frames: readonly ClientFrame[], lane: Lane): boolean {
    if (over) return false
    pulse.touched()
    const taken = flow.send(frames, lane)
    if (trace && taken) for (const frame of frames) trace(`> ${headerOf(frame)}`)
    return taken
  }

  const control = (...frames: readonly ClientFrame[]): boolean => send(frames, 'control')

  function received(frames: readonly ServerFrame[], refused: readonly RefusedFrame[]): void {
    pulse.heard()
    const own: OwnFrame[] = []
    const others: ServerFrame[] = []
    for (const frame of frames) {
      if (isOwn(frame, renewal?.id)) own.push(frame)
      else others.push(frame)
    }
    // The owner first: what the connection makes of the rest may end it.
    if (others.length > 0 || refused.length > 0) options.onFrames(others, refused)
    for (const frame of own) if (!over) take(frame)
  }

  function take(frame: OwnFrame): void {
    switch (frame.type) {
      case 'ping':
        control({ type: 'pong', t: frame.t })
        return
      case 'pong':
        measure(frame)
        return
      case 'goaway':
        pulse.leaveIn(slotMs(frame.retryAfter))
        return
      case 'ack':
        renewal = undefined
        given.onTokenAccepted()
        return
      case 'error':
        answer(frame)
        return
      case 'welcome':
        // Only the first one counts.
        return
    }
  }

  function answer(error: ServerFrames['error']): void {
    if (error.code === 'token_expiring') renew()
    else if (error.re === undefined) given.onEnd({ kind: 'refused-token' })
    else {
      renewal = undefined
      if (error.code === 'unauthorised') given.onTokenRefused()
    }
  }

  /** The last answer counts, not an average: after a jump of the wall clock an average would be wrong for long. */
  function measure({ t, now }: ServerFrames['pong']): void {
    if (t !== pinged) return
    pinged = undefined
    const roundTrip = clock.now() - t
    // Otherwise the wall clock jumped under way.
    const believed = roundTrip >= 0 && roundTrip <= LIMITS.connectTimeoutMs
    given.onMeasured(
      believed ? roundTrip : null,
      now === undefined ? undefined : now + (believed ? roundTrip / 2 : 0) - clock.now(),
    )
  }

  function renew(): void {
    if (renewal || !flight) return
    renewal = {}
    flight.fetch().then(
      (token) => {
        const id = options.random.id()
        renewal = { id }
        control({ type: 'auth', id, token })
      },
      (cause: unknown) => {
        renewal = undefined
        const message = 'The token provider failed. It is asked again when the token is over.'
        // The next attempt may have joined this request, and then tells it itself.
        if (!over) options.onError(new TidingsError('token_failed', message, { cause }))
      },
    )
  }

  return {
    welcome,
    begin(unasked, frames, refused) {
      control(...subscriptionsOf(unasked, options.random.id))
      options.onWelcome(welcome)
      if (!over) received(frames, refused)
    },
    received,
    send,
    renew,
    probe: pulse.probe,
    settled() {
      settled = true
    },
    succeeded: () => settled && clock.now() - since >= LIMITS.stableAfterMs,
    slotLeftMs: pulse.slotLeftMs,
    flush: flow.flush,
    stop() {
      over = true
      pulse.stop()
      flow.stop()
    },
  }
}
