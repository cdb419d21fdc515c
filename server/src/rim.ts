import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { firstOf } from './answers.js'
import { createCollectionSockets } from './collections/sockets.js'
import { createWebhook } from './collections/webhook.js'
import { guarded } from './core/guarded.js'
import type { Quotas } from './core/quotas.js'
import type { Authorize, Clock, Log } from './core/seams.js'
import type { ServerCore } from './core/server.js'
import { serveFiles } from './files.js'
import { createHttp } from './http.js'
import { createLive } from './live.js'
import { createChecks } from './operating/checks.js'
import type { Tell } from './operating/events.js'
import type { Metrics } from './operating/metrics.js'
import { observedOpened, observedRequests } from './operating/observed.js'
import type { EmbeddedServerOptions } from './options.js'
import type { Origins } from './origins.js'
import { nodeRandom } from './platform.js'
import { createWebSockets, serveUpgrades } from './sockets/ws.js'
import { createTickets } from './tickets.js'
import { createVerify, type Tokens, WEBHOOK_AUDIENCE } from './tokens.js'

export interface RimParts {
  readonly options: EmbeddedServerOptions
  readonly secret: string
  readonly clock: Clock
  readonly log: Log
  readonly core: Pick<ServerCore, 'opened' | 'publish'>
  readonly tokens: Tokens
  readonly authorize: Authorize
  readonly origins: Origins
  readonly quotas: Quotas
  readonly tell: Tell | undefined
  readonly metrics: Metrics | undefined
  readonly isDraining: () => boolean
}

/** Everything between the network and the core: HTTP, WebSockets and what is served beside them. */
export interface Rim {
  /** Not listening yet. */
  readonly server: Server
  /** Cuts what is still open. */
  terminate(): void
}

/** How long tokens for development are good. */
const HOUR_MS = 3_600_000
/** Whose collections are meant where nobody says. */
const DATABASE = 'default'
/** The longest token, and as much again for all else. */
const HEADER_BYTES = 32 * 1024

export function createRim(parts: RimParts): Rim {
  const { options, secret, clock, log, tokens, authorize, origins, quotas, tell, metrics, isDraining } = parts
  const { verify } = tokens
  const { dev = false, collections, tls, jwks } = options
  const keys = { secret, ...(jwks !== undefined && { jwks }) }
  const { publish, opened } = parts.core
  const core = { publish, opened: tell ? observedOpened(opened, clock, tell) : opened }
  const ration = (user: string) => quotas.use('requests', user)
  const tickets = createTickets(clock, nodeRandom)
  const live = createLive({ core, clock, random: nodeRandom, verify, origins, tickets, ration })
  const checks = createChecks({
    log,
    clock,
    isDraining,
    metrics: metrics && options.metrics && { of: metrics, token: options.metrics.token },
  })
  const webhook = createWebhook({
    core,
    clock,
    verify: createVerify(keys, WEBHOOK_AUDIENCE, clock),
    origins,
    ration: (caller) => quotas.use('changes', caller),
  })
  const http = createHttp({
    log,
    verify,
    authorize,
    sees: options.sees && guarded(options.sees),
    origins,
    ration,
    routes: firstOf(checks, live.route, webhook),
    files: options.static === undefined ? undefined : serveFiles(options.static),
    devToken: dev ? (user) => tokens.sign(user, HOUR_MS) : undefined,
  })
  const answer = tell ? observedRequests(http, clock, tell) : http
  const settings = { maxHeaderSize: HEADER_BYTES, ...tls }
  const server = tls ? createTlsServer(settings, answer) : createServer(settings, answer)
  const upgrades = [createWebSockets(core, origins)]
  if (collections)
    upgrades.push(
      createCollectionSockets({
        core,
        verify,
        random: nodeRandom,
        tickets,
        origins,
        database: collections.database ?? DATABASE,
      }),
    )
  serveUpgrades(server, upgrades)
  return {
    server,
    terminate() {
      for (const { terminate } of upgrades) terminate()
      live.terminate()
    },
  }
}
