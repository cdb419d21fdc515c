import { decodeServerText, encodeFrames, type RefusedFrame, type RoomRequest } from '../../protocol/index.js'
import { createCell } from '../emitter.js'
import { TidingsError } from '../errors.js'
import * as LIMITS from '../limits.js'
import type { LifecycleSignal } from '../seams/lifecycle.js'
import type { Transport } from '../seams/transport.js'
import { addressOf } from './address.js'
import { directedDelayMs, retryDelayMs } from './backoff.js'
import type { Connection, ConnectionOptions } from './contract.js'
import { readGreeting, type Welcome } from './greeting.js'
import { helloOf } from './hello.js'
import { headerOf } from './own.js'
import { ownerOf } from './owner.js'
import { createSession } from './session.js'
import { isWanted, type Opening, type State } from './state.js'
import { type Facts, sameStatus, statusOf } from './status.js'
import { createTokenFlight } from './token.js'
import { adviceOf, type End, judge } from './verdict.js'

const NORMAL_CLOSE = 1000
/** Signals after which a transport that looks open may be dead, and a wait may have become pointless. */
const WAKES: ReadonlySet<LifecycleSignal> = new Set(['online', 'offline', 'visible', 'resume', 'pageshow'])

/**
 * One logical connection over many transports. Inert until `connect()`; from then on it never gives up by itself, except on what the
 * server calls final. The drawing of its states stands in `state.ts`.
 */
export function createConnection(options: ConnectionOptions): Connection {
  const owner = ownerOf(options)
  const { clock, random, trace } = owner.options
  const flight = options.token && createTokenFlight(options.token)
  let state: State = { kind: 'idle', reason: 'idle' }
  let facts: Facts = { rttMs: null, lastInboundAt: null, serverOffsetMs: 0, windowMs: 0 }
  /** Attempts that failed since the last success, and fresh tokens refused in a row. */
  let failures = 0
  let refusals = 0
  /** What the platform said last about the network. */
  let offline = false
  /** The wait that the last text asked for, in case that it was the last. */
  let adviceMs: number | undefined
  let stopListening: (() => void) | undefined
  const status = createCell(statusOf(state, facts), owner.onThrow)

  function publish(): void {
    const next = statusOf(state, facts)
    if (!sameStatus(next, status.get())) status.set(next)
  }

  /** Whether a transport is the current one. Whatever else calls back was abandoned. */
  const runsOn = (transport: Transport): boolean => 'transport' in state && state.transport === transport

  /** The only assignment of the state. What lived in the last one and does not live on in the next ends here. */
  function enter(next: State, closeCode = NORMAL_CLOSE, tell?: () => void): void {
    const before = state
    state = next
    if ('cancel' in before) before.cancel()
    if ('transport' in before && !runsOn(before.transport)) before.transport.close(closeCode)
    if (isWanted(next)) stopListening ??= options.lifecycle.listen(onSignal)
    else {
      stopListening?.()
      stopListening = undefined
    }
    trace?.(`state ${next.kind}${'reason' in next ? `: ${next.reason}` : ''}`)
    // The owner before the listeners of the status, so that what these say to it holds together.
    if (before.kind === 'connected') owner.options.onDown()
    tell?.()
    publish()
  }

  function attempt(reason: string): void {
    if (!flight) {
      open(reason, undefined)
      return
    }
    const timedOut = (): void => {
      flight.abandon()
      tokenFailed(new Error(`No token after ${LIMITS.tokenTimeoutMs} ms.`))
    }
    const mine: State = { kind: 'fetching', reason, cancel: clock.after(LIMITS.tokenTimeoutMs, timedOut) }
    enter(mine)
    if (state !== mine) return
    flight.fetch().then(
      (token) => {
        if (state === mine) open(reason, token)
      },
      (cause: unknown) => {
        if (state === mine) tokenFailed(cause)
      },
    )
  }

  function open(reason: string, token: string | undefined): void {
    const url = addressOf(options.url)
    if (typeof url !== 'string') return end({ kind: 'again', reason: 'no server named', error: url })
    adviceMs = undefined
    let unasked: readonly RoomRequest[] = []
    const transport = options.connect(url, {
      onOpen() {
        if (state !== mine) return
        const { hello, rest } = helloOf({ token, device: options.device, rooms: owner.options.rooms() })
        unasked = rest
        transport.send(encodeFrames([hello]))
        trace?.('> hello')
      },
      onText(text) {
        if (runsOn(transport)) received(text, unasked)
      },
      onClose(closed) {
        if (!runsOn(transport)) return
        const how = judge(closed)
        end(how.kind === 'again' ? { ...how, retryAfterMs: how.retryAfterMs ?? adviceMs } : how)
      },
    })
    const timedOut = (): void => end({ kind: 'again', reason: 'timed out' })
    const cancel = clock.after(LIMITS.connectTimeoutMs, timedOut)
    const mine: State = { kind: 'opening', reason, transport, cancel }
    enter(mine)
  }

  function received(text: string, unasked: readonly RoomRequest[]): void {
    const { frames, refused } = decodeServerText(text)
    const now = clock.now()
    adviceMs = adviceOf(frames)
    if (trace) {
      for (const frame of frames) trace(`< ${headerOf(frame)}`)
      for (const { fault, type } of refused) trace(`< ${fault} ${type ?? ''}`)
    }
    const shownMs = Math.abs(now - (facts.lastInboundAt ?? Number.NEGATIVE_INFINITY))
    if (shownMs >= LIMITS.inboundGrainMs) facts = { ...facts, lastInboundAt: now }
    if (state.kind === 'connected') state.session.received(frames, refused)
    else if (state.kind === 'opening') {
      const greeting = readGreeting(frames, refused, options.user)
      if (greeting?.kind === 'welcome') connected(state, greeting, unasked, refused)
      else if (greeting) end(greeting)
    }
    // Last: a listener may leave this transport, and what it said is not for the next.
    if (shownMs >= LIMITS.inboundGrainMs) publish()
  }

  function connected(
    { transport }: Opening,
    { welcome, rest }: Welcome,
    unasked: readonly RoomRequest[],
    refused: readonly RefusedFrame[],
  ): void {
    refusals = 0
    offline = false
    facts = { ...facts, serverOffsetMs: welcome.t - clock.now(), windowMs: welcome.reconnectWindow ?? 0 }
    const session = createSession({
      options: owner.options,
      transport,
      welcome,
      flight,
      onEnd: end,
      onTokenAccepted() {
        refusals = 0
      },
      onTokenRefused() {
        if (!isRefusedForGood()) session.renew()
      },
      onMeasured(rttMs, serverOffsetMs = facts.serverOffsetMs) {
        facts = { ...facts, rttMs: rttMs ?? facts.rttMs, serverOffsetMs }
        publish()
      },
    })
    enter({ kind: 'connected', transport, session, cancel: session.stop }, NORMAL_CLOSE, () =>
      session.begin(unasked, rest, refused),
    )
  }

  function tokenFailed(cause: unknown): void {
    const message = 'The token provider failed. Nothing is lost; it is asked again.'
    end({
      kind: 'again',
      reason: 'token failed',
      error: new TidingsError('token_failed', message, { cause }),
    })
  }

  /** Counts a refused token; a second fresh one in a row, or the first where no other can be had, is the end. */
  function isRefusedForGood(): boolean {
    refusals++
    if (flight && refusals < LIMITS.tokenRefusals) return false
    const message = 'The server refused the token. Sign in again; what is queued is kept.'
    end({ kind: 'final', error: new TidingsError('unauthorised', message) })
    return true
  }

  /** What follows from the end of a transport or of an attempt. */
  function end(how: End): void {
    switch (how.kind) {
      case 'final':
        enter({ kind: 'failed', error: how.error })
        break
      case 'slot':
        if (how.leftMs > 0) wait('going away', how.leftMs, true)
        else attempt('going away')
        break
      case 'refused-token':
        if (!isRefusedForGood()) retry({ kind: 'again', reason: 'token refused' })
        break
      case 'again':
        retry(how)
    }
    if ('error' in how && how.error) owner.options.onError(how.error)
  }

  function retry(how: End & { kind: 'again' }): void {
    const session = state.kind === 'connected' ? state.session : undefined
    const before = session?.succeeded() ? 0 : failures
    failures = before + 1
    const slotLeftMs = session?.slotLeftMs()
    if (how.ownNetwork) facts = { ...facts, windowMs: 0 }
    // It counts until there is a connection again: those who were refused are still many.
    const windowMs = offline ? 0 : facts.windowMs
    if (slotLeftMs !== undefined) wait(how.reason, slotLeftMs, true)
    else if (how.retryAfterMs !== undefined)
      wait(how.reason, directedDelayMs(how.retryAfterMs, random.next()), true)
    // A server that ends every connection this way must not be asked without a pause.
    else if (how.atOnce && before === 0) attempt(how.reason)
    else wait(how.reason, retryDelayMs(before, random.next(), windowMs), false, how.closeCode)
  }

  function wait(reason: string, ms: number, directed: boolean, closeCode?: number): void {
    const cancel = clock.after(ms, () => attempt(reason))
    enter({ kind: 'waiting', reason, dueAt: clock.now() + ms, directed, cancel }, closeCode)
  }

  /** Something says that now is a good moment. It shortens a wait, never below the floor, and the counter stays: hints may lie. */
  function nudge(): void {
    if (state.kind !== 'waiting' || state.directed) return
    const leftMs = state.dueAt - clock.now()
    const ms = retryDelayMs(0, random.next())
    // Where nothing is left by the wall clock, that clock jumped: the timer may still be far away.
    if (leftMs <= 0 || ms < leftMs) wait(state.reason, ms, false)
  }

  function onSignal(signal: LifecycleSignal): void {
    if (!WAKES.has(signal)) return
    if (signal === 'offline' || signal === 'online') offline = signal === 'offline'
    if (state.kind === 'connected') state.session.probe('wake')
    else if (signal !== 'offline') nudge()
  }

  return {
    status,
    serverOffsetMs: () => facts.serverOffsetMs,
    connect() {
      if (state.kind === 'waiting') nudge()
      if (state.kind !== 'idle' && state.kind !== 'failed') return
      failures = 0
      refusals = 0
      facts = { ...facts, windowMs: 0 }
      attempt('connecting')
    },
    disconnect(reason = 'disconnected') {
      if (state.kind === 'destroyed' || state.kind === 'idle') return
      if (state.kind === 'connected') state.session.flush()
      enter({ kind: 'idle', reason })
    },
    send: (frames, lane) => state.kind === 'connected' && state.session.send(frames, lane),
    settled() {
      if (state.kind === 'connected') state.session.settled()
    },
    probe() {
      if (state.kind === 'connected') state.session.probe('silence')
    },
    destroy(error) {
      if (state.kind === 'destroyed') return
      if (state.kind === 'connected') state.session.flush()
      enter({ kind: 'destroyed', error: error ?? null })
    },
  }
}
