import type { ClientFrame, ServerFrames } from '../protocol/index.js'
import type { ConnectionStatus } from './api.js'
import type { Lane } from './connection/contract.js'
import type { Emitter, OnThrow } from './emitter.js'
import { TidingsError } from './errors.js'
import type { FollowedRoom } from './followed-room.js'
import type { Clock } from './seams/clock.js'
import type { Lifecycle } from './seams/lifecycle.js'
import type { Random } from './seams/random.js'
import type { Readable } from './seams/readable.js'
import type { Store } from './seams/storage.js'

/*
 * Receipts, typing and presence are functions over a room or a client, so that whoever leaves one out carries nothing of it. What they
 * need of a client beyond its public face is kept here, where no application finds it by accident.
 */

/** What a client gives to the functions over it. */
export interface Backstage {
  readonly user: string
  readonly clock: Clock
  readonly random: Random
  readonly lifecycle: Lifecycle
  readonly connection: Readable<ConnectionStatus>
  /** Server time as well as it is known, whole ms since the epoch. */
  readonly serverNow: () => number
  /** Hands a frame over; false when it was not taken: not connected, or crowded and the lane may not push. */
  readonly send: (frame: ClientFrame, lane: Lane) => boolean
  /** Frames of the server by type, each one before the message path takes it. Only while connected. */
  readonly frames: Pick<Emitter<ServerFrames>, 'on'>
  /** The store that outlives reloads and that all tabs of the profile share: cells live under `c/`. Rejects when it cannot be had. */
  readonly open: () => Promise<Store>
  /** Called once, when the client is destroyed or logs out: stop timers, drop listeners. Returns a way to take the wish back. */
  readonly onEnd: (stop: () => void) => () => void
  readonly onError: (error: TidingsError) => void
  readonly onThrow: OnThrow
}

/** What a room gives to the functions over it. */
export interface RoomStage {
  readonly client: Backstage
  readonly followed: FollowedRoom
  /** Told in the tick of each own send to the room. */
  readonly onSend: (listener: () => void) => () => void
}

const backstages = /* @__PURE__ */ new WeakMap<object, Backstage>()
const stages = /* @__PURE__ */ new WeakMap<object, RoomStage>()
const canonical = /* @__PURE__ */ new WeakMap<object, object>()

export const furnishClient = (client: object, backstage: Backstage): void =>
  void backstages.set(client, backstage)
export const furnishRoom = (room: object, stage: RoomStage): void => void stages.set(room, stage)

/** Another face of a room: what is made for one of them serves both. */
export function alias(face: object, room: object): void {
  stages.set(face, stageOf(room))
  canonical.set(face, room)
}

const foreign = (what: string): TidingsError =>
  new TidingsError(
    'invalid_argument',
    `This ${what} was not made by createClient of the same copy of tidings.`,
  )

/** Throws a TidingsError `invalid_argument` for a client of another making. */
export function backstageOf(client: object): Backstage {
  const found = backstages.get(client)
  if (found) return found
  throw foreign('client')
}

/** Throws a TidingsError `invalid_argument` for a room of another making. */
export function stageOf(room: object): RoomStage {
  const found = stages.get(room)
  if (found) return found
  throw foreign('room')
}

/** Makes one thing for each owner, at the first request: two components that ask for the typing of a room share it. */
export function onePer<Owner extends object, T>(make: (owner: Owner) => T): (owner: Owner) => T {
  const made = new WeakMap<object, { readonly thing: T }>()
  return (owner) => {
    const key = canonical.get(owner) ?? owner
    const known = made.get(key)
    if (known) return known.thing
    const thing = make(owner)
    made.set(key, { thing })
    return thing
  }
}
