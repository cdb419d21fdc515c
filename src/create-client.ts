import { createBrowserLifecycle } from './adapters/browser-lifecycle.js'
import { createCryptoRandom } from './adapters/crypto-random.js'
import { createIndexedDbStorage } from './adapters/indexed-db.js'
import { createMemoryStorage } from './adapters/memory.js'
import { createStorageLadder } from './adapters/storage-ladder.js'
import { createSystemClock } from './adapters/system-clock.js'
import { createWebLocks } from './adapters/web-locks.js'
import { createWebSocketConnect } from './adapters/web-socket.js'
import { type Client, type ClientOptions, createClientOn, type Platform } from './core/index.js'

/** What a client in a browser is made for. Every adapter can be replaced: `storage`, `connect`, `clock` … */
export interface CreateClientOptions extends ClientOptions, Partial<Platform> {}

/**
 * A client for browsers: WebSocket, IndexedDB (memory where that cannot be had, see `client.storage`), Web Locks where they exist.
 * Inert until `connect()`: it may be made while a server renders. Throws a TidingsError `no_random` where ids cannot be made.
 */
export function createClient({ url, user, token, ...given }: CreateClientOptions): Client {
  const clock = given.clock ?? createSystemClock()
  return createClientOn(
    {
      clock,
      random: given.random ?? createCryptoRandom(),
      storage: given.storage ?? browserStorage(clock),
      connect: given.connect ?? createWebSocketConnect(),
      lifecycle: given.lifecycle ?? createBrowserLifecycle(),
      locks: 'locks' in given ? given.locks : createWebLocks(),
    },
    { url, user, token },
  )
}

const browserStorage = (clock: Platform['clock']): Platform['storage'] =>
  // The client itself tells what became of it: `client.storage` reads `kind` and `durable` after each opening.
  createStorageLadder(createIndexedDbStorage({ clock }), createMemoryStorage(), () => undefined)
