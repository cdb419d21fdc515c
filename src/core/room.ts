import type { Json } from '../protocol/index.js'
import type { Room, SendOptions, Sent } from './api.js'
import { type Backstage, furnishRoom } from './backstage.js'
import { createChanges } from './changes.js'
import { type Compose, type Draft, takeBody } from './composer.js'
import type { ConflictRules, Conflicts } from './conflicts.js'
import { createEmitter, type OnThrow } from './emitter.js'
import { TidingsError } from './errors.js'
import type { FollowedRoom } from './followed-room.js'
import type { Message } from './message.js'
import { type Entry, isConflict } from './messages/entry.js'
import type { Hlc } from './messages/hlc.js'
import type { Lanes } from './messages/lanes.js'
import type { Outbox } from './messages/outbox.js'
import { withoutPrefix } from './messages/temporary-id.js'
import { createResolver } from './resolver.js'
import { historyOf } from './room-history.js'
import type { Readable } from './seams/readable.js'
import type { RawFace } from './typed-room.js'
import type { Verdicts } from './verdicts.js'
import { createView } from './view.js'

export interface RoomParts {
  readonly followed: FollowedRoom
  readonly outbox: Outbox
  readonly verdicts: Verdicts
  readonly conflicts: Conflicts
  readonly compose: Compose
  readonly hlc: Hlc
  readonly lanes: Pick<Lanes, 'holds'>
  readonly backstage: Backstage
  readonly serverNow: () => number
  /** An operation was refused and nobody decided what becomes of it. */
  readonly onUndecided: (operation: string) => void
  readonly onThrow: OnThrow
}

/** What an application holds of a room: names what it asks for and hands it to the parts. */
export function createRoom(parts: RoomParts): RawFace {
  const { followed, outbox } = parts
  const { id, timeline } = followed
  const history = historyOf(followed, parts.backstage.user, parts.backstage.clock)
  const sends = createEmitter<{ send: null }>(parts.onThrow)
  const messages = new Map<string, Readable<Message | null>>()
  let rules: ConflictRules = {}

  const found = (reference: string): Message => {
    const message = timeline.find(reference)
    if (message) return message
    throw new TidingsError('not_found', 'There is no such message in what is loaded of the room.', {
      room: id,
    })
  }

  function add(draft: Draft): Entry {
    const entry = parts.compose(id, draft)
    outbox.add(entry)
    return entry
  }

  const shared = { ...parts, add, user: parts.backstage.user, tick: parts.hlc.tick, holds: parts.lanes.holds }
  const changes = createChanges({ ...shared, expects: () => rules.conflicts === 'expectVersion' })
  const { edit, remove, react, unreact, discard, confirmed, wireName } = changes
  const resolver = createResolver({ ...shared, changes, onConflict: () => rules.onConflict })
  parts.conflicts.attach(id, resolver.ask)

  const room: Room<Json, unknown> = {
    id,
    timeline,
    open: () => followed.hold(),
    send(body: unknown, options: SendOptions = {}): Sent {
      const taken = takeBody(body)
      const replyTo = options.replyTo === undefined ? undefined : wireNameOf(options.replyTo)
      const entry = add({ kind: 'create', ...taken, ...(replyTo !== undefined && { replyTo }) })
      // Who writes wants to see it, and it stands at the newest end.
      history.toNewest()
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
    edit,
    remove,
    react,
    unreact,
    discard,
    retry: resolver.retry,
    loadOlder: history.older,
    loadNewer: history.newer,
    jumpTo: history.jumpTo,
    fillGap: (gap, { from = 'newer' } = {}) => history.fillGap(gap, from),
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
  return {
    room,
    decideBy(next) {
      rules = { ...rules, ...next }
      // Conflicts of earlier lives wait for a decision; the caller is not ready for the question yet.
      void Promise.resolve().then(() => {
        for (const entry of outbox.operations(id)) if (isConflict(entry)) resolver.ask(entry.id)
      })
    },
  }

  function wireNameOf(reference: string): string {
    const message = timeline.find(reference)
    // Above what is loaded: the server knows it by its own id, and by the operation that made it.
    return message ? wireName(message) : withoutPrefix(reference)
  }
}
