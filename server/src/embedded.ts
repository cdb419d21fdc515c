import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { withCollections } from './collections/changes.js'
import { type Consumers, createConsumers } from './consuming/consumers.js'
import { SERVER_LIMITS } from './core/limits.js'
import { type Publisher, withPersonalRooms } from './core/publish.js'
import { NO_QUOTAS } from './core/quotas.js'
import type { Log } from './core/seams.js'
import { createServerCore, type ServerCore } from './core/server.js'
import type { Tell } from './operating/events.js'
import { createMetrics, METRICS_TOKEN_CHARS } from './operating/metrics.js'
import { observedLog } from './operating/observed.js'
import type { EmbeddedServerOptions } from './options.js'
import { createOrigins, ownOrigins } from './origins.js'
import { nodeClock, nodeRandom } from './platform.js'
import { createQuotas } from './quotas.js'
import { openRooms, roomsOfToken } from './rights.js'
import { createRim } from './rim.js'
import { WS_PATH } from './sockets/ws.js'
import { openStores } from './stores.js'
import { createTokens } from './tokens.js'

export interface EmbeddedServer extends Publisher, Consumers, Pick<ServerCore, 'online'> {
  /** Where clients connect: `ws://…/v1/ws`. */
  readonly url: string
  /** Where pages and HTTP are: `http://…`. */
  readonly origin: string
  readonly port: number
  readonly core: ServerCore
  readonly log: Log
  /** A token for a user, for an hour unless said otherwise. */
  token(
    user: string,
    options?: { readonly lifeMs?: number; readonly rooms?: readonly string[] },
  ): Promise<string>
  /**
   * Sends everybody away with a slot to come back at and waits for the handlers of workers, then closes; what was acknowledged is on disk.
   */
  drain(): Promise<void>
  /** Closes at once. A handler that runs longer than half a second is not waited for: its entries are handed over again. */
  close(): Promise<void>
}

const HOUR_MS = 3_600_000
/** How long sockets may take to say goodbye. */
const GOODBYE_MS = 500

const listen = (server: Server, port: number, host: string): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error('The server listens nowhere.'))
      else resolve(address)
    })
  })

/** Tells all who want to know; undefined when nobody does, so that nothing is counted for nobody. */
function toldTo(...tells: readonly (Tell | undefined)[]): Tell | undefined {
  const wanted = tells.filter((tell) => tell !== undefined)
  if (wanted.length === 0) return undefined
  return (event) => {
    for (const tell of wanted) tell(event)
  }
}

/** What is the core's business alone. */
const coreOptionsOf = (options: EmbeddedServerOptions) => {
  const { sees, screen, maySee, author, outgoing, limits } = options
  return {
    ...(sees && { sees }),
    ...(screen && { screen }),
    ...(maySee && { maySee }),
    ...(author !== undefined && { author }),
    ...(outgoing && { outgoing }),
    ...(limits && { limits }),
  }
}

/** Stops taking connections in and resolves once all are gone; those that linger are cut. */
async function shut(server: Server, cut: () => void): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve())
  })
  server.closeIdleConnections()
  const cancel = nodeClock.after(GOODBYE_MS, () => {
    cut()
    server.closeAllConnections()
  })
  await closed
  cancel()
}

/** Resolves when something has ended, or does not end soon. */
function soon(ended: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = nodeClock.after(GOODBYE_MS, resolve)
    ended.then(resolve, reject).finally(cancel)
  })
}

/** Starts a whole server in this process. Rejects when the port is taken (`EADDRINUSE`), or the file or Redis cannot be opened. */
export async function createEmbeddedServer(options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
  const { port = 0, host = '127.0.0.1', dev = false } = options
  if (options.metrics && options.metrics.token.length < METRICS_TOKEN_CHARS)
    throw new Error(`The token of the metrics needs at least ${METRICS_TOKEN_CHARS} characters.`)
  const { secret = `${nodeRandom.id()}${nodeRandom.id()}` } = options
  const clock = nodeClock
  const tokens = createTokens(secret, clock, options.jwks)
  const { verify } = tokens
  const authorize = withPersonalRooms(withCollections(options.authorize ?? (dev ? openRooms : roomsOfToken)))
  const metrics = options.metrics && createMetrics(() => core.connections)
  const tell = toldTo(metrics?.tell, options.tell)
  const stores = await openStores(options, clock, tell)
  const log = tell ? observedLog(stores.log, clock, tell) : stores.log
  const limits = { ...SERVER_LIMITS, ...options.limits }
  const quotas = limits.rate ? createQuotas({ allowances: limits.quotas, shared: stores.script }) : NO_QUOTAS
  const core = createServerCore({
    ...{ ...stores, log, quotas, clock, random: nodeRandom, verify, authorize },
    node: `node-${nodeRandom.id().slice(0, 6)}`,
    ...coreOptionsOf(options),
  })
  // What workers read is no history that somebody looks at.
  const consumers = createConsumers({ log: stores.log, clock, random: nodeRandom, tell })
  const secure = options.tls ? 's' : ''
  let draining = false
  const allowed = new Set(options.origins)
  const rim = createRim({
    ...{ options, secret, clock, log, core, quotas, tokens, authorize, tell, metrics },
    origins: createOrigins(allowed, options.addressHeader),
    isDraining: () => draining,
  })
  const { server } = rim
  const end = async () => {
    core.close()
    await Promise.all([soon(consumers.close()), shut(server, rim.terminate)])
    await log.close()
  }
  let ended: Promise<void> | undefined
  const close = () => {
    ended ??= end()
    return ended
  }
  try {
    const { port: taken } = await listen(server, port, host)
    for (const origin of ownOrigins(host, taken, secure)) allowed.add(origin)
    const name = host.includes(':') ? `[${host}]` : host
    return {
      ...{
        url: `ws${secure}://${name}:${taken}${WS_PATH}`,
        origin: `http${secure}://${name}:${taken}`,
        port: taken,
      },
      ...{ core, log, close, publish: core.publish, notify: core.notify, online: core.online },
      consume: consumers.consume,
      dismiss: consumers.dismiss,
      token: (user, { lifeMs = HOUR_MS, rooms } = {}) => tokens.sign(user, lifeMs, rooms && { rooms }),
      async drain() {
        draining = true
        tell?.({ is: 'draining' })
        await Promise.all([core.drain(), consumers.close()])
        await close()
      },
    }
  } catch (cause) {
    await log.close()
    throw cause
  }
}
