import { CLOSE, type ClientFrame, type ClientFrames, type ServerFrame, WIRE } from 'tidings/protocol'
import { createAsking } from './asking.js'
import type { Context } from './context.js'
import { createExpiry, createHeartbeat } from './heartbeat.js'
import { DEDUPE_FOR_EVER_MS, UNLIMITED_RATE } from './limits.js'
import { createOperations, nack, type OperationFrame } from './operations.js'
import type { Peer } from './peer.js'
import type { Identity, Origin, Verified } from './seams.js'
import { whenSettled } from './settled.js'
import { createStreams } from './streams.js'
import { createSubscriptions } from './subscriptions.js'
import type { FrameHead, Wire } from './wire.js'

/** A greeted connection: everything that needs to know whose it is. */
export interface Session {
  readonly user: string
  /** Welcomes, and resumes the rooms that the hello names. */
  start(hello: ClientFrames['hello']): void
  take(frames: readonly ClientFrame[]): void
  heard(): void
  /** Answers an operation that did not fit its shape. */
  refuse(id: string, message: string): void
  kick(room: string, code: string, retryable: boolean): void
  /** Calls back when nothing is in flight, or when that takes too long. */
  drain(retryAfter: number, done: () => void): void
  end(): void
}

export interface SessionOptions {
  readonly context: Context
  readonly wire: Wire
  readonly origin: Origin
  readonly identity: Identity
  readonly close: (code: number, why: string) => void
}

/** What is known of the connection now; only its session changes it. */
type OwnPeer = Peer & { open: boolean; rights: unknown }

function createPeer({ context, wire, identity }: SessionOptions): OwnPeer {
  const { outgoing } = context
  const { user, rights } = identity
  const session = context.random.id()
  const sendText = (head: FrameHead, text: string) => {
    if (!outgoing || outgoing(head, { session, user }) === 'pass') wire.send(text)
  }
  return {
    session,
    user,
    rights,
    open: true,
    buffered: wire.buffered,
    send: (frame) => sendText(frame, JSON.stringify(frame)),
    sendText,
  }
}

function welcomeOf({ clock, limits, node, log, connected }: Context, peer: Peer): ServerFrame {
  const windowMs = Math.ceil((connected() * 1000) / limits.acceptPerSecond)
  return {
    type: 'welcome',
    session: peer.session,
    user: peer.user,
    node,
    t: clock.now(),
    ping: { interval: limits.pingIntervalMs, timeout: limits.pingTimeoutMs },
    limits: {
      frame: WIRE.clientTextBytes,
      body: WIRE.bodyBytes,
      rooms: limits.roomsPerConnection,
      page: WIRE.pageMessages,
      dedupeWindow: log.dedupeMs ?? DEDUPE_FOR_EVER_MS,
      rate: limits.rate ?? UNLIMITED_RATE,
    },
    // Below a second a herd is no herd.
    ...(windowMs >= 1_000 && { reconnectWindow: windowMs }),
  }
}

const isOperation = (frame: ClientFrame): frame is OperationFrame =>
  frame.type === 'message' || frame.type === 'message_update'

export function createSession(options: SessionOptions): Session {
  const { context, close, identity, origin } = options
  const { clock, limits, quotas, log, authorize, rooms, receipts, sees, screen, typing, presence } = context
  let cancelDrain = () => {}
  const peer = createPeer(options)
  const asking = createAsking()
  const streams = createStreams({ peer, log, clock, limits, sees, asking })
  const subscriptions = createSubscriptions({
    peer,
    rooms,
    streams,
    receipts,
    log,
    limits,
    authorize,
    asking,
  })
  const operations = createOperations({ peer, log, clock, limits, quotas, authorize, screen })
  const heartbeat = createHeartbeat({
    clock,
    limits,
    ping: () => peer.send({ type: 'ping', t: clock.now() }),
    dead: () => close(CLOSE.pingTimeout, 'ping_timeout'),
  })
  const expiry = createExpiry({
    clock,
    limits,
    expiring() {
      const message = 'The token is about to end.'
      peer.send({ type: 'error', code: 'token_expiring', message, retryable: true })
    },
    expired: () => close(CLOSE.tokenExpired, 'token_expired'),
  })

  const takeAway = (room: string, code: string, retryable: boolean) => {
    subscriptions.expel(room)
    typing.left(peer, room)
    peer.send({ type: 'unsubscribed', room, code, retryable })
  }
  const refresh = ({ id, token }: ClientFrames['auth']) => {
    const refused = (code: string, retryable: boolean) => {
      const message = 'The token was not taken.'
      if (peer.open) peer.send({ type: 'error', code, message, retryable, re: id })
    }
    const answered = (verified: Verified) => {
      if (!peer.open) return
      if (verified === 'refused' || verified === 'expired') refused('unauthorised', verified === 'expired')
      else if (verified.user !== peer.user) close(CLOSE.unauthorised, 'wrong_user')
      else {
        peer.send({ type: 'ack', id })
        peer.rights = verified.rights
        expiry.set(verified.expiresAt)
        subscriptions.review((room, code) => {
          presence.excluded(peer, room)
          takeAway(room, code, false)
        })
      }
    }
    whenSettled(
      () => context.verify(token, origin),
      answered,
      () => refused('unavailable', true),
    )
  }

  const dispatch = (frame: Exclude<ClientFrame, OperationFrame>) => {
    switch (frame.type) {
      case 'hello':
        close(CLOSE.protocolError, 'second_hello')
        break
      case 'auth':
        refresh(frame)
        break
      case 'subscribe':
        subscriptions.enter(frame.rooms, frame.id)
        break
      case 'unsubscribe':
        subscriptions.leave(frame.rooms)
        for (const room of frame.rooms) typing.left(peer, room)
        break
      case 'sync_request':
        subscriptions.sync(frame)
        break
      case 'sync_credit':
        streams.credit(frame)
        break
      case 'typing_start':
        typing.start(peer, frame)
        break
      case 'typing_stop':
        typing.stop(peer, frame)
        break
      case 'read_receipt':
        receipts.take(peer, frame)
        break
      case 'presence':
        presence.take(peer, frame)
        break
      case 'ping':
        peer.send({ type: 'pong', t: frame.t, now: clock.now() })
        break
      case 'pong':
        break
    }
  }

  return {
    user: peer.user,
    start(hello) {
      peer.send(welcomeOf(context, peer))
      expiry.set(identity.expiresAt)
      // A token may have run out since it was checked.
      if (!peer.open) return
      presence.enter(peer)
      if (hello.rooms) subscriptions.enter(hello.rooms)
    },
    take(frames) {
      // Operations go in together: one append, and refusals that know what else was in the array.
      const batch: OperationFrame[] = []
      for (const frame of frames) {
        if (!peer.open) return
        if (isOperation(frame)) batch.push(frame)
        else dispatch(frame)
      }
      if (peer.open && batch.length > 0) operations.submit(batch)
      if (operations.refused > limits.frameRate.burst) close(CLOSE.rateLimited, 'rate_limited')
    },
    heard: heartbeat.heard,
    refuse: (id, message) => nack(peer, id, { code: 'invalid', message }),
    kick: takeAway,
    drain(retryAfter, done) {
      operations.pause(retryAfter)
      cancelDrain = clock.after(limits.drainMs, done)
      operations.whenIdle(done)
    },
    end() {
      peer.open = false
      cancelDrain()
      heartbeat.stop()
      expiry.stop()
      streams.end()
      // Before its rooms: who left the server is in them for a little longer.
      presence.leave(peer, heartbeat.heardAt)
      rooms.leaveAll(peer)
      typing.gone(peer)
    },
  }
}
