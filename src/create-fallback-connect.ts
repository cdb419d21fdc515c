import { canStream, createHttpConnect } from './adapters/http/http.js'
import { createSystemClock } from './adapters/system-clock.js'
import { createWebSocketConnect } from './adapters/web-socket.js'
import { createFallback } from './core/connection/fallback.js'
import type { Clock } from './core/seams/clock.js'
import type { Connect } from './core/seams/transport.js'

/** What a connection with more than one way is made of. */
export interface FallbackConnectOptions {
  /** The ways, the best first. WebSocket, then HTTP where the platform streams answers, unless given. */
  readonly connects?: readonly Connect[] | undefined
  readonly clock?: Clock | undefined
}

/**
 * Connects by WebSocket, and over HTTP where that is blocked: `createClient({ connect: createFallbackConnect(), … })`. HTTP is asked beside
 * the WebSocket's address, `wss://host/v1/ws`. `client.connection` says in `transport` which way is in use. Touches nothing until it is called.
 */
export function createFallbackConnect({
  connects,
  clock = createSystemClock(),
}: FallbackConnectOptions = {}): Connect {
  const ways = (): readonly Connect[] =>
    connects ?? [createWebSocketConnect(), ...(canStream() ? [createHttpConnect({ clock })] : [])]
  let made: Connect | undefined
  return (url, events) => {
    made ??= createFallback({ connects: ways(), clock })
    return made(url, events)
  }
}
