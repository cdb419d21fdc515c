import type { ClientFrame, ClientFrames, ServerFrame } from 'tidings/protocol'
import { cursorAt, entryAt, eventAt, pageFor, placeOf, subscribed } from './lies.js'
import type { Scene } from './scene.js'
import { USER } from './scene.js'

/** How often a liar answers a frame as it should. */
const ANSWERED = 0.75

function subscriptions(scene: Scene, rooms: ClientFrames['subscribe']['rooms']): readonly ServerFrame[] {
  return rooms.map(({ room }) => subscribed(room, scene.heads.get(room) ?? 0))
}

function page(scene: Scene, request: ClientFrames['sync_request']): ServerFrame {
  const head = scene.heads.get(request.room) ?? 0
  // Nothing is recognised of what was told by another liar.
  if (request.checkpoints)
    return pageFor(scene, request, Math.min(1, head), { prev: null, hasMore: head > 1, head })
  if (request.dir === 'backward' || request.around) {
    const upper = request.cursor === undefined ? head : placeOf(request.cursor)
    const from = Math.max(0, upper - (request.limit ?? 1))
    const messages = Array.from({ length: upper - from }, (_, i) => entryAt(scene, from + i + 1))
    const place = { prev: cursorAt(from), cursor: cursorAt(upper), seq: upper }
    return pageFor(scene, request, from, { messages, ...place, hasMore: from > 0, head })
  }
  const upTo = Math.min(head, placeOf(request.cursor) + (request.limit ?? 1))
  return pageFor(scene, request, upTo, { hasMore: upTo < head, head })
}

function commit(scene: Scene, frame: ClientFrames['message' | 'message_update']): readonly ServerFrame[] {
  const { room, id, stamp } = frame
  const seq = (scene.heads.get(room) ?? 0) + 1
  scene.heads.set(room, seq)
  const about =
    frame.type === 'message'
      ? { kind: 'create' as const, body: frame.body }
      : { kind: frame.op, body: frame.body ?? null, target: { messageId: frame.messageId, seq: 1, stamp } }
  const event = eventAt(scene, room, seq, { id, from: USER, stamp, ...about })
  return [event, { type: 'ack', id, room, messageId: event.messageId, seq, stamp, ts: event.ts }]
}

function answersTo(scene: Scene, frame: ClientFrame): readonly ServerFrame[] {
  switch (frame.type) {
    case 'hello':
      return subscriptions(scene, frame.rooms ?? [])
    case 'subscribe':
      return subscriptions(scene, frame.rooms)
    case 'sync_request':
      return [page(scene, frame)]
    case 'message':
    case 'message_update':
      return commit(scene, frame)
    default:
      return []
  }
}

/** Answers most of what was asked since the last time as a server should: a client that nobody ever answers is led nowhere. */
export function createHonestSide(scene: Scene): () => readonly ServerFrame[] {
  const { received } = scene.puppet
  let seen = 0
  return () => {
    const asked = received.slice(seen)
    seen = received.length
    return asked.flatMap((frame) => (scene.chance.chance(ANSWERED) ? answersTo(scene, frame) : []))
  }
}
