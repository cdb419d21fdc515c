import {
  CLOSE,
  type ClientFrame,
  decodeServerText,
  encodeFrames,
  type LogEntry,
  PROTOCOL_VERSION,
  type ServerFrame,
  type ServerFrames,
} from 'tidings/protocol'
import type { Inbound } from '../core/context.js'
import type { Origin, Socket } from '../core/seams.js'

/** What a reader of one room is told. */
export interface RoomReaderEvents {
  /** It may read; from here on it is told what happens. */
  onOpen(): void
  /** What happened up to a position: entries in order, none where they may not be seen. */
  onEntries(entries: readonly LogEntry[], cursor: string): void
  /** The position that it named is lost. It goes on with what is new, from the cursor. */
  onReset(reset: Pick<ServerFrames['reset'], 'reason' | 'head'>, cursor: string): void
  /** The server goes; it may come back in so many ms. */
  onAway(retryAfterMs: number): void
  /** It is over: by a close code, or because the room may not be read. */
  onEnd(end: { readonly code: number } | { readonly refused: string }): void
  readonly bufferedAmount: number
}

export interface RoomReaderOptions {
  readonly opened: (socket: Socket, origin: Origin) => Inbound
  readonly origin: Origin
  readonly token: string | undefined
  readonly device: string
  readonly room: string
  /** The beginning of the log, a place to go on from, or what is new. */
  readonly from: 'start' | 'head' | { readonly cursor: string }
}

/** Entries of a page that is asked for. */
const PAGE = 200
/** Names the requests of this reader. */
const ID = 'reader'

/** An ordinary client of the core that follows one room and says nothing. Returns what its end is told to. */
export function readRoom(options: RoomReaderOptions, events: RoomReaderEvents): Inbound {
  const { room, token, device, from } = options
  let at = typeof from === 'string' ? undefined : from.cursor
  let pages: 'wanted' | 'done' = from === 'head' ? 'done' : 'wanted'
  /** The newest position that was told while pages were still to come. */
  let missed = 0
  let lost: ServerFrames['reset'] | undefined
  let over = false

  const say = (...frames: readonly ClientFrame[]) => inbound.received(encodeFrames(frames))
  const end = (how: Parameters<RoomReaderEvents['onEnd']>[0]) => {
    if (over) return
    over = true
    inbound.closed()
    events.onEnd(how)
  }
  const ask = () => {
    pages = 'wanted'
    say({ type: 'sync_request', id: ID, room, limit: PAGE, ...(at !== undefined && { cursor: at }) })
  }

  const joined = ({ cursor }: ServerFrames['subscribed']) => {
    if (lost) {
      at = cursor
      pages = 'done'
      events.onReset(lost, cursor)
      lost = undefined
      return
    }
    if (pages === 'done') at ??= cursor
    // It is there to look on: nobody should see its user as present.
    say({ type: 'presence', status: 'offline' })
    events.onOpen()
  }
  const paged = ({ messages, cursor, seq, hasMore }: ServerFrames['sync_response']) => {
    if (cursor === null || lost) return
    at = cursor
    const entries = messages.filter((entry): entry is LogEntry => entry.kind !== 'unreadable')
    if (entries.length > 0) events.onEntries(entries, cursor)
    if (hasMore || seq < missed) ask()
    else pages = 'done'
  }
  const follows = (frame: ServerFrames['event' | 'skip']): boolean => {
    if (pages === 'done' && frame.prev === at) {
      at = frame.cursor
      return true
    }
    missed = Math.max(missed, frame.seq)
    if (pages === 'done' && !lost) ask()
    return false
  }

  const take = (frame: ServerFrame) => {
    switch (frame.type) {
      case 'ping':
        say({ type: 'pong', t: frame.t })
        break
      case 'subscribed':
        joined(frame)
        break
      case 'sync_response':
        paged(frame)
        break
      case 'event': {
        const { type: _type, room: _room, cursor, prev: _prev, ...entry } = frame
        if (follows(frame)) events.onEntries([entry], cursor)
        break
      }
      case 'skip':
        if (follows(frame)) events.onEntries([], frame.cursor)
        break
      case 'reset':
        lost = frame
        say({ type: 'subscribe', id: ID, rooms: [{ room, from: 'head' }] })
        break
      case 'unsubscribed':
        end({ refused: frame.code })
        break
      case 'goaway':
        events.onAway(frame.retryAfter)
        break
      case 'error':
        if (frame.re !== undefined) end({ code: CLOSE.internal })
        break
      default:
    }
  }

  const inbound = options.opened(
    {
      send(text) {
        for (const frame of decodeServerText(text).frames) if (!over) take(frame)
      },
      close: (code) => end({ code }),
      get bufferedAmount() {
        return events.bufferedAmount
      },
    },
    options.origin,
  )
  const request =
    from === 'head' ? { room, from } : { room, pages: 1, ...(at !== undefined && { cursor: at }) }
  say({ type: 'hello', v: PROTOCOL_VERSION, device, rooms: [request], ...(token !== undefined && { token }) })
  return inbound
}
