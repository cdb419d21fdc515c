import type { Change, Room, SendOptions, Sent } from './api.js'
import { type Backstage, furnishRoom } from './backstage.js'
import { type Compose, type Draft, takeBody } from './composer.js'
import { createEmitter, type OnThrow } from './emitter.js'
import { TidingsError } from './errors.js'
import type { FollowedRoom } from './followed-room.js'
import type { Message } from './message.js'
import type { Entry } from './messages/entry.js'
import type { Outbox } from './messages/outbox.js'
import { isTemporary, withoutPrefix } from './messages/temporary-id.js'
import { discard, requeue } from './messages/transitions.js'
import type { Readable } from './seams/readable.js'
import type { Verdicts } from './verdicts.js'
import { createView } from './view.js'

export interface RoomParts {
  readonly followed: FollowedRoom
  readonly outbox: Outbox
  readonly verdicts: Verdicts
  readonly compose: Compose
  readonly backstage: Backstage
  readonly serverNow: () => number
  readonly onThrow: OnThrow
}

/** What an application holds of a room: names what it asks for and hands it to the parts. */
export function createRoom(parts: RoomParts): Room {
  const { followed, outbox, verdicts } = parts
  const { id, keeper, backfill, timeline } = followed
  const sends = createEmitter<{ send: null }>(parts.onThrow)
  const messages = new Map<string, Readable<Message | null>>()

  const found = (reference: string): Message => {
    const message = timeline.find(reference)
    if (message) return message
    throw new TidingsError('not_found', 'There is no such message in what is loaded of the room.', {
      room: id,
    })
  }

  /** How the server will know a message: by its own id, or by the operation that is on its way. */
  const wireName = (message: Message): string => (isTemporary(message.id) ? message.key : message.id)

  function add(draft: Draft): Entry {
    const entry = parts.compose(id, draft)
    outbox.add(entry)
    return entry
  }

  const change = (make: () => Draft): Change => {
    try {
      const entry = add(make())
      return { queued: () => outbox.queued(entry.id), confirmed: () => confirmed(entry.id) }
    } catch (error) {
      // Only an invalid body may throw; the rest is told to who asks.
      if (!(error instanceof TidingsError) || error.code !== 'not_found') throw error
      return { queued: () => Promise.reject(error), confirmed: () => Promise.reject(error) }
    }
  }

  function confirmed(entryId: string): Promise<void> {
    const entry = outbox.get(entryId)
    if (entry?.state === 'acked') return Promise.resolve()
    if (entry?.failure)
      return Promise.reject(new TidingsError(entry.failure.code, entry.failure.message, { room: id }))
    if (!entry)
      return Promise.reject(new TidingsError('discarded', 'The message was discarded.', { room: id }))
    return verdicts.await(entryId)
  }

  /** Operations that concern a message and satisfy a condition. */
  const operationsOn = (reference: string, condition: (entry: Entry) => boolean): readonly string[] => {
    const message = timeline.find(reference)
    if (!message) return []
    const names = [message.key, message.id]
    return outbox
      .lane(id)
      .filter((entry) => (names.includes(entry.id) || names.includes(entry.target ?? '')) && condition(entry))
      .map((entry) => entry.id)
  }

  const room: Room = {
    id,
    timeline,
    open: () => followed.hold(),
    send(body: unknown, options: SendOptions = {}): Sent {
      const taken = takeBody(body)
      const replyTo = options.replyTo === undefined ? undefined : wireNameOf(options.replyTo)
      const entry = add({ kind: 'create', ...taken, ...(replyTo !== undefined && { replyTo }) })
      const message = found(entry.id)
      sends.emit('send', null)
      return {
        key: entry.id,
        message,
        queued: () => outbox.queued(entry.id),
        confirmed: async () => {
          await confirmed(entry.id)
          return timeline.find(entry.id) ?? message
        },
      }
    },
    edit: (reference, body) =>
      change(() => ({ kind: 'edit', target: wireName(found(reference)), ...takeBody(body) })),
    remove: (reference) => change(() => ({ kind: 'delete', target: wireName(found(reference)) })),
    react: (reference, emoji) =>
      change(() => ({ kind: 'react', target: wireName(found(reference)), ...takeBody(emoji) })),
    unreact: (reference, emoji) =>
      change(() => ({ kind: 'unreact', target: wireName(found(reference)), ...takeBody(emoji) })),
    retry(reference) {
      const ids = operationsOn(reference, (entry) => entry.state === 'failed' || entry.state === 'unknown')
      if (ids.length > 0) void outbox.change(ids, requeue(parts.serverNow()))
      return ids.length > 0
    },
    discard(reference) {
      const ids = operationsOn(reference, (entry) => entry.state !== 'acked' && isIdle(entry))
      if (ids.length > 0) void outbox.change(ids, discard)
      for (const entryId of ids) {
        verdicts.refuse(entryId, new TidingsError('discarded', 'The message was discarded.', { room: id }))
      }
      return ids.length > 0
    },
    async loadOlder() {
      if (await keeper.older()) return true
      const below = keeper.lowest()?.after ?? 0
      if (below === 0) return false
      return (await backfill.fetch(null)) || keeper.stepOver()
    },
    fillGap: (gap) => backfill.fetch(gap),
    message(reference) {
      const held = messages.get(reference)
      if (held) return held
      const get = (): Message | null => timeline.find(reference) ?? null
      let stop: (() => void) | undefined
      const view = createView<Message | null>(get, parts.onThrow, (watched) => {
        stop?.()
        stop = watched ? followed.watch(view.touch) : undefined
        // Only what is watched is kept: asking for a message leaves nothing behind.
        if (watched) messages.set(reference, readable)
        else messages.delete(reference)
      })
      const readable = { get, subscribe: view.subscribe }
      return readable
    },
    arrivals: (listener) => followed.arrivals(listener),
  }
  furnishRoom(room, { client: parts.backstage, followed, onSend: (listener) => sends.on('send', listener) })
  return room

  function wireNameOf(reference: string): string {
    const message = timeline.find(reference)
    // Above what is loaded: the server knows it by its own id, and by the operation that made it.
    return message ? wireName(message) : withoutPrefix(reference)
  }
}

/** Nothing of it can be on its way: it was never sent, or it was answered, or nobody knows. */
const isIdle = (entry: Entry): boolean => entry.attempts === 0 || entry.state !== 'queued'
