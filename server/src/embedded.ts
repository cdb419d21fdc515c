import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { withCollections } from './collections/changes.js'
import { createCollectionSockets } from './collections/sockets.js'
import { createWebhook } from './collections/webhook.js'
import type { ServerLimits } from './core/limits.js'
import type { Screen } from './core/operations.js'
import type { MaySee } from './core/presence/rights.js'
import { type Publisher, withPersonalRooms } from './core/publish.js'
import type { Authorize, Clock, Log, Sees } from './core/seams.js'
import { createServerCore, type ServerCore } from './core/server.js'
import type { Watch } from './core/wire.js'
import { serveFiles } from './files.js'
import { createHttp } from './http.js'
import { createLive } from './live.js'
import { createMemoryLog } from './log/memory.js'
import { createSqliteLog } from './log/sqlite.js'
import { createOrigins, ownOrigins } from './origins.js'
import { nodeClock, nodeRandom } from './platform.js'
import { CHANGES, createRations } from './rations.js'
import { openRooms, roomsOfToken } from './rights.js'
import { createWebSockets, serveUpgrades, WS_PATH } from './sockets/ws.js'
import { createTickets } from './tickets.js'
import { createTokens, createVerify, WEBHOOK_AUDIENCE } from './tokens.js'

export interface EmbeddedServerOptions {
  /** Signs and checks tokens, at least 32 characters. One of its own is made when there is none: no older token is valid then. */
  readonly secret?: string
  /** 0 (default) takes any free port. */
  readonly port?: number
  /** Default 127.0.0.1: this machine only. */
  readonly host?: string
  /** The database file; without one the log is kept in memory. */
  readonly data?: string
  /** FULL (default): what is acknowledged survives a power cut. */
  readonly synchronous?: 'FULL' | 'NORMAL'
  /** Hands out tokens at /dev/token?user= and lets everybody into every room that is not personal or direct. */
  readonly dev?: boolean
  /** A folder with pages to serve. */
  readonly static?: string
  /** Pages of other origins that may connect, e.g. `https://example.com`. The server's own pages always may. */
  readonly origins?: readonly string[]
  /** Default: `openRooms` with `dev`, else `roomsOfToken`. */
  readonly authorize?: Authorize
  readonly sees?: Sees
  readonly screen?: Screen
  /** Who may watch the presence of whom. Default: those who share a room that both may read. */
  readonly maySee?: MaySee
  /** `from` of what `publish` and `notify` write; nobody is let in by this name. Default `server`. */
  readonly author?: string
  readonly limits?: Partial<ServerLimits>
  /** Speaks the collection protocol at /api/realtime. `database`: whose collections are meant by a bare name, default `default`. */
  readonly collections?: { readonly database?: string }
  readonly outgoing?: Watch
  /** Told when the log has failed for good; the server should be started anew. */
  readonly failed?: (cause: Error) => void
}

export interface EmbeddedServer extends Publisher, Pick<ServerCore, 'online'> {
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
  /** Sends everybody away with a slot to come back at, then closes; what was acknowledged is on disk. */
  drain(): Promise<void>
  /** Closes at once. */
  close(): Promise<void>
}

const HOUR_MS = 3_600_000
const DATABASE = 'default'
/** The longest token, and as much again for all else. */
const HEADER_BYTES = 32 * 1024
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

const openLog = (options: EmbeddedServerOptions, clock: Clock): Promise<Log> | Log => {
  const { data, synchronous, failed } = options
  if (data === undefined) return createMemoryLog({ clock })
  return createSqliteLog({
    file: data,
    clock,
    ...(synchronous && { synchronous }),
    ...(failed && { failed }),
  })
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

/** Starts a whole server in this process. Rejects when the port is taken (`EADDRINUSE`) or the file cannot be opened. */
export async function createEmbeddedServer(options: EmbeddedServerOptions = {}): Promise<EmbeddedServer> {
  const {
    port = 0,
    host = '127.0.0.1',
    dev = false,
    sees,
    screen,
    maySee,
    author,
    outgoing,
    limits,
  } = options
  const { secret = `${nodeRandom.id()}${nodeRandom.id()}` } = options
  const clock = nodeClock
  const tokens = createTokens(secret, clock)
  const { verify } = tokens
  const authorize = withPersonalRooms(withCollections(options.authorize ?? (dev ? openRooms : roomsOfToken)))
  const log = await openLog(options, clock)
  const core = createServerCore({
    ...{ log, clock, random: nodeRandom, verify, authorize, node: `node-${nodeRandom.id().slice(0, 6)}` },
    ...(sees && { sees }),
    ...(screen && { screen }),
    ...(maySee && { maySee }),
    ...(author !== undefined && { author }),
    ...(outgoing && { outgoing }),
    ...(limits && { limits }),
  })
  let draining = false
  const allowed = new Set(options.origins)
  const origins = createOrigins(allowed)
  const sign = (user: string) => tokens.sign(user, HOUR_MS)
  const ration = limits?.rate === null ? () => 0 : createRations(clock)
  const tickets = createTickets(clock, nodeRandom)
  const live = createLive({ core, clock, random: nodeRandom, verify, tickets, ration })
  const webhook = createWebhook({
    ...{ core, clock, verify: createVerify(secret, WEBHOOK_AUDIENCE, clock) },
    ration: limits?.rate === null ? () => 0 : createRations(clock, CHANGES),
  })
  const http = createHttp({
    ...{ log, verify, authorize, sees, origins, ration },
    live: async (...asked) => (await live.route(...asked)) || webhook(...asked),
    files: options.static === undefined ? undefined : serveFiles(options.static),
    devToken: dev ? sign : undefined,
    isDraining: () => draining,
  })
  const server = createServer({ maxHeaderSize: HEADER_BYTES }, http)
  const upgrades = [createWebSockets(core, origins)]
  const { collections } = options
  if (collections)
    upgrades.push(
      createCollectionSockets({
        ...{ core, verify, random: nodeRandom, tickets, origins },
        ...{ database: collections.database ?? DATABASE },
      }),
    )
  serveUpgrades(server, upgrades)
  const end = async () => {
    core.close()
    await shut(server, () => {
      for (const { terminate } of upgrades) terminate()
      live.terminate()
    })
    await log.close()
  }
  let ended: Promise<void> | undefined
  const close = () => {
    ended ??= end()
    return ended
  }
  try {
    const { port: taken } = await listen(server, port, host)
    for (const origin of ownOrigins(host, taken)) allowed.add(origin)
    const name = host.includes(':') ? `[${host}]` : host
    return {
      ...{ url: `ws://${name}:${taken}${WS_PATH}`, origin: `http://${name}:${taken}`, port: taken },
      ...{ core, log, close, publish: core.publish, notify: core.notify, online: core.online },
      token: (user, { lifeMs = HOUR_MS, rooms } = {}) => tokens.sign(user, lifeMs, rooms && { rooms }),
      async drain() {
        draining = true
        await core.drain()
        await close()
      },
    }
  } catch (cause) {
    await log.close()
    throw cause
  }
}
