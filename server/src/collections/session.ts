import { CLOSE } from 'tidings/protocol'
import type { Inbound } from '../core/context.js'
import { SERVER_LIMITS } from '../core/limits.js'
import type { Origin, Random, Socket } from '../core/seams.js'
import { PART, roomOfCollection } from './changes.js'
import { placeOf } from './place.js'
import { createSubscription, type Subscription } from './subscription.js'

export interface CollectionSessionParts {
  readonly opened: (socket: Socket, origin: Origin) => Inbound
  readonly random: Pick<Random, 'id'>
  readonly socket: Socket
  readonly origin: Origin
  readonly token: string
  /** Whose collections are meant where a name has no database of its own: `posts`, or `blog/posts`. */
  readonly database: string
}

/** The other side of a socket that speaks of collections. */
export interface CollectionSession {
  /** A text message. Never throws. */
  received(text: string): void
  closed(): void
}

/** Collections that one socket may follow. */
const MOST = 32

interface Said {
  readonly type: unknown
  readonly collection: unknown
  readonly lastId: unknown
  readonly id: unknown
}

/** A message as an object; undefined where a text is none. */
function saidIn(text: string): Said | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const get = (name: string): unknown => Reflect.get(value, name)
  return {
    type: get('type'),
    collection: get('collection'),
    id: get('id'),
    lastId: get('lastId') ?? get('lastIdArg'),
  }
}

/**
 * The collection protocol: SUBSCRIBE with `lastId` ("$": only what is new, "0" or nothing: everything), answered by SUBSCRIBED and then by
 * EVENTs, each list in order; GAP where what lies between is not kept any more; ACK; UNSUBSCRIBE. What cannot be done is answered by ERROR.
 */
export function createCollectionSession(parts: CollectionSessionParts): CollectionSession {
  const { socket, random, database } = parts
  const subscriptions = new Map<string, Subscription>()
  /** What the other side has seen, as it said itself: a collection that it follows again goes on there. */
  const acked = new Map<string, string>()
  let isOver = false

  const say = (message: Readonly<Record<string, unknown>>): void => {
    if (isOver) return
    socket.send(JSON.stringify(message))
    // The core looks at this for those who follow something. Whoever only asks, and reads no answer, would fill the memory.
    if (socket.bufferedAmount <= SERVER_LIMITS.bufferedBytes) return
    end()
    socket.close(CLOSE.slowConsumer, '')
  }
  const refuse = (code: string, message: string, collection?: string): void =>
    say({ type: 'ERROR', code, message, ...(collection !== undefined && { collection }) })

  function end(): void {
    isOver = true
    for (const subscription of subscriptions.values()) subscription.end()
    subscriptions.clear()
  }

  const roomOf = (collection: string): string | undefined => {
    const names = collection.split('/')
    const [base, name] = names.length === 2 ? names : [database, collection]
    return base !== undefined && name !== undefined && PART.test(base) && PART.test(name)
      ? roomOfCollection(base, name)
      : undefined
  }

  function subscribe(collection: string, lastId: unknown): void {
    const room = roomOf(collection)
    const place = placeOf(lastId ?? acked.get(collection))
    if (!room || !place)
      return refuse('invalid', 'A collection is a name, lastId an id, "$" or "0".', collection)
    unsubscribe(collection)
    if (subscriptions.size >= MOST)
      return refuse('too_many', `One connection follows ${MOST} collections at most.`, collection)
    let isDone = false
    const subscription = createSubscription({
      opened: parts.opened,
      origin: parts.origin,
      token: parts.token,
      device: `collections-${random.id()}`,
      room,
      place,
      onOpen: (last_id) => say({ type: 'SUBSCRIBED', collection, last_id }),
      onEvents: (events) => say({ type: 'EVENT', collection, events }),
      onGap: (reason, last_id) => say({ type: 'GAP', collection, reason, last_id }),
      onEnd(how) {
        isDone = true
        subscriptions.delete(collection)
        if ('refused' in how) return refuse(how.refused, 'This collection cannot be read.', collection)
        end()
        return socket.close(how.code, '')
      },
      bufferedAmount: () => socket.bufferedAmount,
    })
    if (!isDone) subscriptions.set(collection, subscription)
    return undefined
  }

  function unsubscribe(collection: string): void {
    subscriptions.get(collection)?.end()
    subscriptions.delete(collection)
  }

  function acknowledge(collection: string, id: unknown): void {
    if (typeof id !== 'string' || subscriptions.get(collection)?.wasTold(id) !== true)
      return refuse('unknown_id', 'No event of this id was told here.', collection)
    acked.set(collection, id)
    return undefined
  }

  return {
    received(text) {
      if (isOver) return undefined
      const said = saidIn(text)
      if (!said || typeof said.collection !== 'string')
        return refuse('invalid', 'A message is {type, collection} and more.')
      const { collection } = said
      if (said.type === 'SUBSCRIBE') return subscribe(collection, said.lastId)
      if (said.type === 'UNSUBSCRIBE') return unsubscribe(collection)
      if (said.type === 'ACK') return acknowledge(collection, said.id)
      return refuse('invalid', 'Messages are SUBSCRIBE, ACK and UNSUBSCRIBE.', collection)
    },
    closed: end,
  }
}
