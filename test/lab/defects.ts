import type { ServerFrame, ServerFrames } from 'tidings/protocol'
import type { Defect } from './faulty-server.js'

/** A mistake that somebody who writes a server could make, and the chapter that must find it. */
export interface Planted {
  readonly name: string
  readonly chapter: string
  readonly plant: () => Defect
}

type Type = ServerFrame['type']

/** Changes the frames of one type and leaves the others alone. */
const changing =
  <T extends Type>(type: T, change: (frame: ServerFrames[T]) => object | readonly object[] | undefined) =>
  (): Defect => ({
    toClient(frame) {
      const isIt = (each: ServerFrame): each is ServerFrames[T] => each.type === type
      if (!isIt(frame)) return [frame]
      const changed = change(frame)
      return changed === undefined ? [] : [changed].flat()
    },
  })

const without = (frame: object, field: string): object =>
  Object.fromEntries(Object.entries(frame).filter(([key]) => key !== field))

const pageEntries = (change: (entry: object) => object) =>
  changing('sync_response', (page) => ({ ...page, messages: page.messages.map(change) }))

/** Keeps the first stamp that a client gave, as a server does that checks none. */
function gullible(): Defect {
  const given = new Map<string, string>()
  return {
    toServer(frames) {
      for (const frame of frames) if (frame.type === 'message') given.set(frame.id, frame.stamp)
      return frames
    },
    toClient: (frame) =>
      frame.type === 'ack' && frame.stamp !== undefined
        ? [{ ...frame, stamp: given.get(frame.id) ?? frame.stamp }]
        : [frame],
  }
}

/** Shows messages in pages as they were written, for it folds nothing in. */
function original(): Defect {
  const bodies = new Map<string, unknown>()
  return {
    toClient(frame) {
      if (frame.type === 'event' && frame.kind === 'create') bodies.set(frame.messageId, frame.body)
      if (frame.type !== 'sync_response') return [frame]
      const messages = frame.messages.map((entry) =>
        entry.kind === 'create' ? { ...entry, body: bodies.get(entry.messageId) ?? entry.body } : entry,
      )
      return [{ ...frame, messages }]
    },
  }
}

/** Names the parent of an answer as its author named it. */
function unresolved(): Defect {
  const named = new Map<string, string>()
  return {
    toServer(frames) {
      for (const frame of frames)
        if (frame.type === 'message' && frame.replyTo !== undefined) named.set(frame.id, frame.replyTo)
      return frames
    },
    toClient: (frame) =>
      frame.type === 'event' && named.has(frame.id) ? [{ ...frame, replyTo: named.get(frame.id) }] : [frame],
  }
}

export const planted: readonly Planted[] = [
  {
    name: 'welcomes somebody else',
    chapter: 'greeting',
    plant: changing('welcome', (f) => ({ ...f, user: 'eve' })),
  },
  {
    name: 'forgets repeats after an hour',
    chapter: 'greeting',
    plant: changing('welcome', (f) => ({ ...f, limits: { ...f.limits, dedupeWindow: 3_600_000 } })),
  },
  {
    name: 'closes with codes of its own',
    chapter: 'greeting',
    plant: () => ({ close: (code) => (code === 4501 ? 1008 : code) }),
  },
  { name: 'does not tell the time', chapter: 'tokens', plant: changing('pong', (f) => without(f, 'now')) },
  {
    name: 'does not answer a new token',
    chapter: 'tokens',
    plant: changing('ack', (f) => (f.room ? f : undefined)),
  },
  {
    name: 'lets one bad frame cost the whole text',
    chapter: 'transport',
    plant: () => ({
      toServer: (frames) =>
        frames.some((frame) => 'stamp' in frame && frame.stamp === 'never') ? frames.slice(1, 2) : frames,
    }),
  },
  { name: 'swallows what does not fit', chapter: 'transport', plant: changing('error', () => undefined) },
  {
    name: 'complains without saying about what',
    chapter: 'shapes',
    plant: changing('error', (f) => without(f, 're')),
  },
  {
    name: 'never sends an ack for a repeat as one',
    chapter: 'repeats',
    plant: changing('ack', (f) => without(f, 'dup')),
  },
  {
    name: 'calls a final refusal one for now',
    chapter: 'repeats',
    plant: changing('nack', (f) => ({ ...f, retryable: true })),
  },
  { name: 'sends events twice', chapter: 'writing', plant: changing('event', (f) => [f, f]) },
  { name: 'leaves events out', chapter: 'writing', plant: changing('event', () => undefined) },
  {
    name: 'counts positions from 2',
    chapter: 'writing',
    plant: changing('event', (f) => ({ ...f, seq: f.seq + 1 })),
  },
  {
    name: 'lets events follow themselves',
    chapter: 'writing',
    plant: changing('event', (f) => ({ ...f, prev: f.cursor })),
  },
  {
    name: 'says that everything comes from one user',
    chapter: 'writing',
    plant: changing('event', (f) => ({ ...f, from: 'server' })),
  },
  {
    name: 'runs the operations of an array backwards',
    chapter: 'writing',
    plant: () => ({ toServer: (frames) => [...frames].reverse() }),
  },
  { name: 'does not resolve the names of parents', chapter: 'writing', plant: unresolved },
  { name: 'believes every stamp', chapter: 'stamps', plant: gullible },
  {
    name: 'does not say what a conflict is with',
    chapter: 'changing',
    plant: changing('nack', (f) => without(f, 'currentValue')),
  },
  { name: 'shows messages as they were', chapter: 'changing', plant: original },
  {
    name: 'forgets that a message was deleted',
    chapter: 'changing',
    plant: pageEntries((entry) => without(entry, 'deleted')),
  },
  {
    name: 'forgets who reacted',
    chapter: 'changing',
    plant: pageEntries((entry) => without(entry, 'reactions')),
  },
  {
    name: 'never says that there is more',
    chapter: 'reading',
    plant: changing('sync_response', (f) => ({ ...f, hasMore: false })),
  },
  {
    name: 'names a position that the first page follows',
    chapter: 'reading',
    plant: changing('sync_response', (f) => ({ ...f, prev: f.prev ?? f.cursor })),
  },
  {
    name: 'gives pages the newest first',
    chapter: 'reading',
    plant: changing('sync_response', (f) => ({ ...f, messages: [...f.messages].reverse() })),
  },
  {
    name: 'ignores the limit of a page',
    chapter: 'reading',
    plant: () => ({
      toServer: (frames) => frames.map((f) => (f.type === 'sync_request' ? { ...f, limit: 500 } : f)),
    }),
  },
  {
    name: 'pushes pages without credit',
    chapter: 'reading',
    plant: () => ({
      toServer: (frames) => frames.map((f) => (f.type === 'sync_request' ? { ...f, pages: 100 } : f)),
    }),
  },
  {
    name: 'says nothing about an unknown cursor',
    chapter: 'cursors',
    plant: changing('reset', () => undefined),
  },
  {
    name: 'goes on sending what was unsubscribed',
    chapter: 'rooms',
    plant: () => ({
      toServer: (frames) =>
        frames.map((f) => (f.type === 'unsubscribe' ? { type: 'pong' as const, t: 0 } : f)),
    }),
  },
  {
    name: 'pushes pages under a name of its own',
    chapter: 'resuming',
    plant: changing('sync_response', (f) => (f.id === f.room ? { ...f, id: 'page' } : f)),
  },
  {
    name: 'does not tell that somebody stopped typing',
    chapter: 'typing',
    plant: changing('typing_stop', () => undefined),
  },
  {
    name: 'lets typing last for a minute',
    chapter: 'typing',
    plant: changing('typing_start', (f) => ({ ...f, expires: 60_000 })),
  },
  { name: 'keeps no marks', chapter: 'receipts', plant: changing('subscribed', (f) => without(f, 'mark')) },
  {
    name: 'counts nothing as unread',
    chapter: 'receipts',
    plant: changing('subscribed', (f) => ({ ...f, unread: 0 })),
  },
  {
    name: 'believes marks beyond the head',
    chapter: 'receipts',
    plant: changing('read_receipt', (f) => ({ ...f, readers: f.readers.map((r) => ({ ...r, upTo: 999 })) })),
  },
  {
    name: 'says nothing of what people say of themselves',
    chapter: 'presence',
    plant: changing('presence_update', (f) => ({
      ...f,
      users: f.users?.map((user) => without(user, 'custom')),
    })),
  },
]
