import type { Connect, TransportEvents } from 'tidings/core'
import {
  type ClientFrame,
  decodeClientText,
  encodeFrames,
  formatStamp,
  type Json,
  type PageEntry,
  type ServerFrame,
} from 'tidings/protocol'

/** A server of one room for one client, that remembers the newest messages alone: whatever grows while it speaks is the client's. */
export interface Crier {
  readonly connect: Connect
  /** Tells so many new messages, and who types and has read, in one text. */
  cry(messages: number): void
  /** Breaks the connection. */
  drop(): void
  readonly head: number
  /** What it was asked or told so far. */
  readonly heard: number
}

const ROOM = 'general'
const PAGE_MOST = 200

export interface CrierOptions {
  readonly user: string
  readonly now: () => number
  /** Messages that it remembers. */
  readonly kept: number
}

const cursorAt = (seq: number): string => `c${seq}`
const placeOf = (cursor: string | undefined): number => Number(cursor?.slice(1) ?? 0)

export function createCrier({ user, now, kept }: CrierOptions): Crier {
  /** The entry of a position stands at its remainder. */
  const ring: PageEntry[] = []
  let head = 0
  let heard = 0
  let line: TransportEvents | undefined

  const entryOf = (seq: number): PageEntry => ring[seq % kept] ?? { kind: 'unreadable', seq }

  const say = (...frames: ServerFrame[]): void => line?.onText(encodeFrames(frames))

  function write(from: string, id: string, body: Json, stamp?: string): ServerFrame {
    const seq = ++head
    const entry = {
      ...{
        seq,
        messageId: `m${seq}`,
        id,
        from,
        stamp: stamp ?? formatStamp(now(), seq % 1_000_000, 'crier-clock'),
      },
      ts: now(),
      kind: 'create' as const,
      body,
      version: 1,
    }
    ring[seq % kept] = entry
    return { type: 'event', room: ROOM, cursor: cursorAt(seq), prev: cursorAt(seq - 1), ...entry }
  }

  function page(request: Extract<ClientFrame, { type: 'sync_request' }>): ServerFrame {
    const limit = Math.min(PAGE_MOST, request.limit ?? PAGE_MOST)
    const first = Math.max(0, head - kept)
    const isBack = request.dir === 'backward'
    const upper = isBack && request.cursor === undefined ? head : placeOf(request.cursor)
    const from = isBack ? Math.max(first, upper - limit) : Math.max(first, placeOf(request.cursor))
    const upTo = isBack ? upper : Math.min(head, from + limit)
    const messages = Array.from({ length: Math.max(0, upTo - from) }, (_, i) => entryOf(from + i + 1))
    const isMore = isBack ? from > first : upTo < head
    return {
      type: 'sync_response',
      id: request.id,
      room: ROOM,
      messages,
      prev: isBack || request.cursor !== undefined ? cursorAt(from) : null,
      cursor: cursorAt(upTo),
      seq: upTo,
      hasMore: isMore,
      head,
    }
  }

  function subscribed(): ServerFrame {
    return {
      type: 'subscribed',
      room: ROOM,
      seq: head,
      cursor: cursorAt(head),
      head,
      unread: 0,
      first: Math.max(1, head - kept + 1),
    }
  }

  function take(frame: ClientFrame): readonly ServerFrame[] {
    heard += 1
    switch (frame.type) {
      case 'hello':
        return [welcome(user, now()), ...(frame.rooms ?? []).map(subscribed)]
      case 'subscribe':
        return frame.rooms.map(subscribed)
      case 'sync_request':
        return [page(frame)]
      case 'message': {
        const event = write(user, frame.id, frame.body, frame.stamp)
        return [
          event,
          {
            type: 'ack',
            id: frame.id,
            room: ROOM,
            messageId: `m${head}`,
            seq: head,
            stamp: frame.stamp,
            ts: now(),
          },
        ]
      }
      case 'ping':
        return [{ type: 'pong', t: frame.t, now: now() }]
      default:
        return []
    }
  }

  return {
    connect(_url, events) {
      void Promise.resolve().then(() => {
        line = events
        events.onOpen()
      })
      return {
        kind: 'crier',
        bufferedAmount: 0,
        send(text) {
          const answers = decodeClientText(text).frames.flatMap(take)
          if (answers.length > 0 && line === events)
            void Promise.resolve().then(() => line === events && say(...answers))
        },
        close() {
          if (line === events) line = undefined
          void Promise.resolve().then(() => events.onClose({ code: 1000, reason: '' }))
        },
      }
    },
    cry(messages) {
      const events = Array.from({ length: messages }, (_, i) =>
        write(`user${(head + i) % 50}`, `op${head + 1}`, { text: `no. ${head + 1}` }),
      )
      const who = `user${head % 50}`
      say(
        ...events,
        { type: 'typing_start', room: ROOM, userId: who, expires: 3_000 },
        {
          type: 'read_receipt',
          room: ROOM,
          readers: [{ readBy: who, upTo: Math.max(1, head), readAt: now() }],
        },
        {
          type: 'presence_update',
          room: ROOM,
          users: [{ userId: who, status: 'online', lastSeen: now(), ver: head }],
        },
      )
    },
    drop() {
      const events = line
      line = undefined
      events?.onClose({ code: 1006, reason: '' })
    },
    get head() {
      return head
    },
    get heard() {
      return heard
    },
  }
}

const welcome = (user: string, t: number): ServerFrame => ({
  ...{
    type: 'welcome',
    v: 1,
    session: 's',
    user,
    node: 'crier',
    t,
    ping: { interval: 25_000, timeout: 10_000 },
  },
  limits: {
    frame: 65_536,
    body: 32_768,
    rooms: 64,
    page: 200,
    dedupeWindow: 604_800_000,
    rate: { perSecond: 0, burst: 0 },
  },
})
