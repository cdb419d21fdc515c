import {
  type ClientFrame,
  decodeServerText,
  encodeFrames,
  formatStamp,
  type ServerFrame,
  type ServerFrames,
} from 'tidings/protocol'
import {
  createMemoryLog,
  createServerCore,
  type Log,
  type ServerCore,
  type ServerCoreOptions,
  type Socket,
  type Verified,
} from '../../src/index.js'
import { createCounting, createTimeline, type Timeline } from './timeline.js'

type FrameOf<T extends ServerFrame['type']> = ServerFrames[T]

/** A client that does exactly what a test says, at the other end of a socket in memory. */
export interface Puppet {
  /** Sends frames as one text and lets the server answer. */
  send(...frames: ClientFrame[]): Promise<void>
  /** Sends anything at all. */
  raw(text: unknown): Promise<void>
  hello(more?: Partial<Extract<ClientFrame, { type: 'hello' }>>): Promise<void>
  /** Everything received since the last call. */
  take(): ServerFrame[]
  /** The same, of one type only; the others are gone as well. */
  takeOnly<T extends ServerFrame['type']>(type: T): FrameOf<T>[]
  /** Texts received, as they came. */
  readonly texts: string[]
  readonly closed: { readonly code: number; readonly reason: Record<string, unknown> } | undefined
  /** Drops the connection from this side. */
  hangUp(): Promise<void>
  /** `mute` leaves pings unanswered and shows them; otherwise the puppet answers them by itself. */
  readonly socket: { buffered: number; broken: boolean; mute: boolean }
}

export interface Bench {
  readonly time: Timeline
  readonly log: Log
  readonly core: ServerCore
  connect(user?: string): Puppet
  /** Connected, welcomed, and in these rooms. */
  join(user: string, ...rooms: string[]): Promise<Puppet>
  settle(): Promise<void>
  stamp(): string
}

const isType =
  <T extends ServerFrame['type']>(type: T) =>
  (frame: ServerFrame): frame is FrameOf<T> =>
    frame.type === type

export const byName = (token: string | undefined): Verified => {
  if (token === undefined || token === '') return 'refused'
  return token === 'expired' ? 'expired' : { user: token }
}

function createPuppet(core: ServerCore, settle: () => Promise<void>, user: string): Puppet {
  const texts: string[] = []
  let frames: ServerFrame[] = []
  let closed: Puppet['closed']
  const state = { buffered: 0, broken: false, mute: false }
  const socket: Socket = {
    send(text) {
      if (closed) throw new Error('Nothing is sent after a close.')
      if (state.broken) throw new Error('broken pipe')
      texts.push(text)
      const decoded = decodeServerText(text)
      if (decoded.refused.length > 0) throw new Error(`not our wire: ${text.slice(0, 500)}`)
      for (const frame of decoded.frames)
        if (frame.type !== 'ping' || state.mute) frames.push(frame)
        else inbound.received(encodeFrames([{ type: 'pong', t: frame.t }]))
    },
    close(code, reason) {
      if (closed) throw new Error('A socket is closed once.')
      if (Buffer.byteLength(reason) > 123) throw new Error('The reason is too long.')
      closed = { code, reason: JSON.parse(reason) }
    },
    get bufferedAmount() {
      return state.buffered
    },
  }
  const inbound = core.opened(socket)
  const raw = async (text: unknown) => {
    inbound.received(text)
    await settle()
  }
  const take = () => {
    const taken = frames
    frames = []
    return taken
  }
  return {
    texts,
    raw,
    take,
    send: (...sent) => raw(encodeFrames(sent)),
    hello: (more) => raw(encodeFrames([{ type: 'hello', v: 1, token: user, device: 'd', ...more }])),
    takeOnly: (type) => take().filter(isType(type)),
    get closed() {
      return closed
    },
    async hangUp() {
      closed ??= { code: 1006, reason: {} }
      inbound.closed()
      await settle()
    },
    socket: state,
  }
}

export function createBench(options: Partial<ServerCoreOptions> & { time?: Timeline } = {}): Bench {
  const { time = createTimeline(), ...more } = options
  const log = options.log ?? createMemoryLog({ clock: time })
  const core = createServerCore({
    ...{ log, clock: time, random: createCounting(), verify: byName, authorize: () => 'allow' },
    ...more,
    // Many tests look at what a connection leaves behind: here its user is gone with it, and what changes is told at once.
    limits: { presenceGraceMs: 0, presenceRestMs: 0, ...options.limits },
  })
  const settle = () => time.advance(0)
  const connect = (user = 'alice') => createPuppet(core, settle, user)
  let counter = 0
  return {
    ...{ time, log, core, connect, settle },
    async join(user, ...rooms) {
      const puppet = connect(user)
      await puppet.hello({ rooms: rooms.map((room) => ({ room })) })
      puppet.take()
      return puppet
    },
    stamp: () => formatStamp(time.now(), ++counter, 'puppet-----'),
  }
}

/** Frames that a client sends, with everything that a test does not care about filled in. */
export const frames = (bench: Pick<Bench, 'stamp' | 'time'>) => ({
  message: (id: string, more: Partial<Extract<ClientFrame, { type: 'message' }>> = {}) => ({
    ...{ type: 'message' as const, id, room: 'general', stamp: bench.stamp(), body: { text: id } },
    ...{ attempt: 1, at: bench.time.now() },
    ...more,
  }),
  update: (
    id: string,
    op: 'edit' | 'delete' | 'react' | 'unreact',
    messageId: string,
    more: Partial<Extract<ClientFrame, { type: 'message_update' }>> = {},
  ) => ({
    ...{ type: 'message_update' as const, id, room: 'general', op, messageId, stamp: bench.stamp() },
    ...{ attempt: 1, at: bench.time.now() },
    ...more,
  }),
})
