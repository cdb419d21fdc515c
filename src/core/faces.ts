import type { Client } from './api.js'
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
  // Where no schema is given the client's own is meant.
  const bySchema = new WeakMap<object, unknown>([[face, onePerId((id) => face(rawOf(id)))]])

  function facesOf<B, I>(schema: BodySchema<I, B> | undefined): (id: string) => Face<B, I> {
    // What is kept for a schema was made for it, here or above.
    const known = bySchema.get(schema ?? face) as (id: string) => Face<B, I>
    if (known || !schema) return known
    const made = onePerId((id) => typeRoom(rawOf(id), schema, onError))
    bySchema.set(schema, made)
    return made
  }

  return (idOf: (given: string) => string): RoomOf<Body, Input> =>
    (given, { body, ...rules } = {}) => {
      const { room, decideBy } = facesOf(body)(idOf(given))
      if (rules.conflicts || rules.onConflict) decideBy(rules)
      return room
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
