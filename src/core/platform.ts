import type { TokenSource, UrlSource } from './connection/contract.js'
import type { BodySchema } from './schema.js'
import type { Clock } from './seams/clock.js'
import type { Lifecycle } from './seams/lifecycle.js'
import type { Locks } from './seams/locks.js'
import type { Random } from './seams/random.js'
import type { Storage } from './seams/storage.js'
import type { Connect } from './seams/transport.js'

/** Where a client runs: one adapter for each seam. Making a platform must start nothing. */
export interface Platform {
  readonly clock: Clock
  readonly random: Random
  readonly storage: Storage
  readonly connect: Connect
  readonly lifecycle: Lifecycle
  /** Absent where contexts cannot exclude each other. */
  readonly locks?: Locks | undefined
}

/** What a client is made for. */
export interface ClientOptions {
  /**
   * `wss://…/v1/ws`, or a function that is asked before each attempt: `() => router.pick(user)`. Whatever it throws fails the attempt,
   * and it is asked again. All that it names must be one service: the same rooms, the same users.
   */
  readonly url: UrlSource
  /**
   * What the device's storage of this service is called. The url unless given, and `routed` where that is a function. Name it where one
   * page talks to two services through functions; and name it after the former url when a url becomes a function, or what the device
   * holds is not found.
   */
  readonly service?: string | undefined
  /** Id of the user, as the server will say it in welcome. */
  readonly user: string
  /** Fetches a token for each connection. Absent: the server must know the user by other means, such as a cookie. */
  readonly token?: TokenSource | undefined
}

/** A client whose bodies a schema describes. */
export interface TypedClientOptions<Body, Input = Body> extends ClientOptions {
  /** A Standard Schema, synchronous: valibot, zod, arktype … A room may have one of its own. */
  readonly body: BodySchema<Input, Body>
}
