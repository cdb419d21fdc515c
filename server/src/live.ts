import type { Route } from './answers.js'
import type { Clock, Random, Verify } from './core/seams.js'
import type { ServerCore } from './core/server.js'
import type { Origins } from './origins.js'
import { createReaders } from './readers.js'
import { createHttpSessions } from './sockets/http-sessions.js'
import { createStreams } from './streams.js'
import type { Tickets } from './tickets.js'

export interface LiveOptions {
  readonly core: Pick<ServerCore, 'opened'>
  readonly clock: Clock
  readonly random: Pick<Random, 'id'>
  readonly verify: Verify
  readonly origins: Pick<Origins, 'of'>
  readonly tickets: Tickets
  /** ms until the user may ask for another ticket; 0 is now. */
  readonly ration: (user: string) => number | Promise<number>
}

/** What goes on over HTTP: connections for clients, events for those who only look on. */
export interface Live {
  readonly route: Route
  /** Cuts the connections that are still open. */
  terminate(): void
}

export function createLive(options: LiveOptions): Live {
  const { clock } = options
  const sessions = createHttpSessions(options)
  const streams = createStreams({ sessions, clock, origins: options.origins })
  const readers = createReaders(options)
  return {
    route: async (...asked) => (await streams(...asked)) || readers(...asked),
    terminate: sessions.terminate,
  }
}
