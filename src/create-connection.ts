import { createBrowserLifecycle } from './adapters/browser-lifecycle.js'
import { createCryptoRandom } from './adapters/crypto-random.js'
import { createSystemClock } from './adapters/system-clock.js'
import { createWebSocketConnect } from './adapters/web-socket.js'
import { createPlainConnection, type PlainConnection, type PlainOptions } from './core/connection/plain.js'

/** What a connection in a browser is made for. Every adapter can be replaced. */
export interface CreateConnectionOptions
  extends Pick<PlainOptions, 'url' | 'user' | 'token' | 'rooms' | 'trace'>,
    Partial<Pick<PlainOptions, 'device' | 'connect' | 'clock' | 'random' | 'lifecycle'>> {}

/** The socket alone, for those who bring a state of their own: reconnecting, authenticated, held back. Inert until `connect()`. */
export function createConnection(options: CreateConnectionOptions): PlainConnection {
  const random = options.random ?? createCryptoRandom()
  return createPlainConnection({
    ...options,
    random,
    device: options.device ?? random.id(),
    clock: options.clock ?? createSystemClock(),
    connect: options.connect ?? createWebSocketConnect(),
    lifecycle: options.lifecycle ?? createBrowserLifecycle(),
  })
}
