import { createBrowserLifecycle } from './adapters/browser-lifecycle.js'
import { createCryptoRandom } from './adapters/crypto-random.js'
import { createIndexedDbStorage } from './adapters/indexed-db.js'
import { createMemoryStorage } from './adapters/memory.js'
import { createStorageLadder } from './adapters/storage-ladder.js'
import { createSystemClock } from './adapters/system-clock.js'
import { createLogGuard, keepsTornLogs } from './adapters/torn-log.js'
import { createWebLocks } from './adapters/web-locks.js'
import { createWebSocketConnect } from './adapters/web-socket.js'
import {
  type Client,
  type ClientOptions,
  createClientOn,
  type Platform,
  type TypedClientOptions,
} from './core/index.js'

/** What a client in a browser is made for. Every adapter can be replaced: `storage`, `connect`, `clock` … */
export interface CreateClientOptions extends ClientOptions, Partial<Platform> {
  readonly body?: undefined
}

/** The same for a client whose bodies a schema describes. */
export interface CreateTypedClientOptions<Body, Input = Body>
  extends TypedClientOptions<Body, Input>,
    Partial<Platform> {}

/**
 * A client for browsers: WebSocket, IndexedDB (memory where that cannot be had, see `client.storage`), Web Locks where they exist.
 * Inert until `connect()`: it may be made while a server renders. With a schema in `body`, every body is checked when it is sent, and
 * read through the schema when it is shown. Throws a TidingsError `no_random` where ids cannot be made.
 */
export function createClient<Body, Input = Body>(
  options: CreateTypedClientOptions<Body, Input>,
): Client<Body, Input>
export function createClient(options: CreateClientOptions): Client
export function createClient<Body, Input>({
  url,
  service,
  user,
  token,
  body,
  ...given
}: CreateTypedClientOptions<Body, Input> | CreateClientOptions): Client<Body, Input> | Client {
  const clock = given.clock ?? createSystemClock()
  const lifecycle = given.lifecycle ?? createBrowserLifecycle()
  const platform: Platform = {
    clock,
    random: given.random ?? createCryptoRandom(),
    storage: given.storage ?? browserStorage(clock, lifecycle),
    connect: given.connect ?? createWebSocketConnect(),
    lifecycle,
    locks: 'locks' in given ? given.locks : createWebLocks(),
  }
  const options = { url, service, user, token }
  return body ? createClientOn(platform, { ...options, body }) : createClientOn(platform, options)
}

function browserStorage(clock: Platform['clock'], lifecycle: Platform['lifecycle']): Platform['storage'] {
  const guard = keepsTornLogs() ? createLogGuard(clock, lifecycle) : undefined
  const indexedDb = createIndexedDbStorage({ clock, guard })
  // The client itself tells what became of it: `client.storage` reads `kind` and `durable` after each opening.
  return createStorageLadder(indexedDb, createMemoryStorage(), clock, () => undefined)
}
