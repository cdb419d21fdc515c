import { createConnection } from '../../../src/core/connection/connection.js'
import type { ConnectionOptions } from '../../../src/core/connection/contract.js'
import type { TidingsError } from '../../../src/core/errors.js'
import type { Closed, Connect, TransportEvents } from '../../../src/core/seams/transport.js'
import type { ClientFrame, ServerFrame, ServerFrames } from '../../../src/protocol/index.js'
import { createPuppetLifecycle } from '../../../src/testing/lifecycle.js'
import { createSeededRandom } from '../../../src/testing/seeded-random.js'
import { createTimeline, type Timeline, type TimelineClock } from '../../../src/testing/timeline.js'

/** One attempt at a connection, played by the test. */
export interface Socket {
  readonly url: string
  /** The texts as they were handed over. */
  readonly texts: string[]
  /** The frames in them. */
  readonly frames: ClientFrame[]
  /** How the client closed it. */
  closed: { readonly code: number | undefined } | undefined
  bufferedAmount: number
  /** Replaces `send`, for transports that break their law. */
  onSend: (() => void) | undefined
  open(): void
  say(...frames: ServerFrame[]): void
  text(text: string): void
  close(code?: number, reason?: string): void
}

/** Transports that do what the test says; a new one for every attempt. */
export function createSockets(clock: TimelineClock): { connect: Connect; all: Socket[]; times: number[] } {
  const all: Socket[] = []
  const times: number[] = []
  const connect: Connect = (url, events: TransportEvents) => {
    const socket: Socket = {
      url,
      texts: [],
      frames: [],
      closed: undefined,
      bufferedAmount: 0,
      onSend: undefined,
      open: () => events.onOpen(),
      say: (...frames) => events.onText(JSON.stringify(frames)),
      text: (text) => events.onText(text),
      close: (code = 1006, reason = '') => events.onClose({ code, reason } satisfies Closed),
    }
    all.push(socket)
    times.push(clock.now())
    return {
      kind: 'puppet',
      get bufferedAmount() {
        return socket.bufferedAmount
      },
      send(text) {
        socket.onSend?.()
        socket.texts.push(text)
        const said: ClientFrame | ClientFrame[] = JSON.parse(text)
        socket.frames.push(...(Array.isArray(said) ? said : [said]))
      },
      close(code) {
        socket.closed ??= { code }
      },
    }
  }
  return { connect, all, times }
}

/** A welcome for alice, with what a test changes. */
export const welcome = (change: Partial<ServerFrames['welcome']> = {}): ServerFrames['welcome'] => ({
  type: 'welcome',
  session: 's1',
  user: 'alice',
  node: 'n1',
  t: 0,
  ping: { interval: 25_000, timeout: 10_000 },
  limits: {
    frame: 65_536,
    body: 32_768,
    rooms: 256,
    page: 500,
    dedupeWindow: 604_800_000,
    rate: { perSecond: 50, burst: 100 },
  },
  ...change,
})

/** A message to send. */
export const message = (id: string, body = 'hello'): ClientFrame => ({
  type: 'message',
  id,
  room: 'general',
  stamp: '000000000000000000000000',
  body,
  attempt: 1,
  at: 0,
})

/** A frame for the owner. */
export const skip = (seq: number): ServerFrame => ({
  type: 'skip',
  room: 'general',
  seq,
  cursor: `c${seq}`,
  prev: `c${seq - 1}`,
})

/** A connection on a virtual timeline, between a played server and a watched owner. */
export function createLine(change: Partial<ConnectionOptions> = {}, timeline: Timeline = createTimeline()) {
  const clock = timeline.clock()
  const lifecycle = createPuppetLifecycle()
  const sockets = createSockets(clock)
  /** What the owner was told, one word each. */
  const told: string[] = []
  const errors: TidingsError[] = []
  const frames: ServerFrame[] = []
  const trace: string[] = []
  const connection = createConnection({
    url: 'wss://example.test',
    user: 'alice',
    device: 'd1',
    connect: sockets.connect,
    clock,
    random: createSeededRandom(1),
    lifecycle,
    rooms: () => [],
    onWelcome: () => told.push('welcome'),
    onFrames(received, refused) {
      told.push('frames')
      frames.push(...received)
      for (const { fault } of refused) told.push(`refused ${fault}`)
    },
    onDown: () => told.push('down'),
    onRoom: () => told.push('room'),
    onError(error) {
      told.push(`error ${error.code}`)
      errors.push(error)
    },
    trace: (line) => trace.push(line),
    ...change,
  })
  const last = (): Socket => {
    const socket = sockets.all.at(-1)
    if (!socket) throw new Error('no attempt was made')
    return socket
  }
  /** Lets the last attempt succeed. */
  const greet = (changed: Partial<ServerFrames['welcome']> = {}): Socket => {
    const socket = last()
    socket.open()
    socket.say(welcome(changed))
    return socket
  }
  /** Advances until there is a new attempt; gives how long it took, or undefined when there was none within `withinMs`. */
  const nextAttempt = async (withinMs = 40_000): Promise<number | undefined> => {
    const before = sockets.all.length
    const from = timeline.now()
    while (sockets.all.length === before) {
      const dueAt = connection.status.get().nextRetryAt
      const step = dueAt === null ? 1_000 : Math.max(1, dueAt - clock.now())
      if (timeline.now() + step - from > withinMs) return undefined
      await timeline.advance(step)
    }
    return timeline.now() - from
  }
  /** Connects and is welcomed at once. */
  const up = (changed: Partial<ServerFrames['welcome']> = {}): Socket => {
    connection.connect()
    return greet(changed)
  }
  const state = () => connection.status.get().state
  return {
    timeline,
    clock,
    lifecycle,
    sockets,
    told,
    errors,
    frames,
    trace,
    connection,
    last,
    greet,
    up,
    nextAttempt,
    state,
  }
}
