import type { Client, Room, RoomOptions, TypedRoomOptions } from './api.js'
import type { ConflictPolicy } from './conflicts.js'
import type { TidingsError } from './errors.js'
import type { BodySchema } from './schema.js'
import { type Face, type RawFace, typeRoom } from './typed-room.js'

/** How a client gives out rooms: one object for each room and schema. */
type RoomOf<Body, Input> = Client<Body, Input>['room']

export interface FacesParts<Body, Input> {
  readonly rawOf: (id: string) => RawFace
  readonly face: (raw: RawFace) => Face<Body, Input>
  readonly onError: (error: TidingsError) => void
}

/** Gives a function for each way to name a room. */
export function createFaces<Body, Input>({ rawOf, face, onError }: FacesParts<Body, Input>) {
  const own = onePerId((id) => face(rawOf(id)))
  const others = new WeakMap<object, unknown>()

  function bySchema<B, I>(schema: BodySchema<I, B>): (id: string) => Face<B, I> {
    // What is kept for a schema was made for it, below.
    const known = others.get(schema) as ((id: string) => Face<B, I>) | undefined
    if (known) return known
    const made = onePerId((id) => typeRoom(rawOf(id), schema, onError))
    others.set(schema, made)
    return made
  }

  return (idOf: (given: string) => string): RoomOf<Body, Input> => {
    function roomOf<B, I>(given: string, options: TypedRoomOptions<B, I>): Room<B, I>
    function roomOf(given: string, options?: RoomOptions<Body, Input>): Room<Body, Input>
    function roomOf<B, I>(
      given: string,
      options: RoomOptions<Body, Input> | TypedRoomOptions<B, I> = {},
    ): Room<Body, Input> | Room<B, I> {
      const id = idOf(given)
      if (options.body) return decided(bySchema(options.body)(id), options.conflicts)
      return decided(own(id), options.conflicts)
    }
    return roomOf
  }
}

/** Makes one thing for each id, when it is asked for first. */
export function onePerId<T>(make: (id: string) => T): (id: string) => T {
  const made = new Map<string, { readonly thing: T }>()
  return (id) => {
    const known = made.get(id)
    if (known) return known.thing
    const thing = make(id)
    made.set(id, { thing })
    return thing
  }
}

function decided<B, I>(face: Face<B, I>, policy: ConflictPolicy<B, I> | undefined): Room<B, I> {
  if (policy) face.decideBy(policy)
  return face.room
}
