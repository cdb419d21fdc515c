import type { TokenSource } from './connection/contract.js'
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
  /** `wss://…/v1/ws` */
  readonly url: string
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
