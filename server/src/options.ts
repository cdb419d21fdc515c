import type { ServerLimits } from './core/limits.js'
import type { Screen } from './core/operations.js'
import type { MaySee } from './core/presence/rights.js'
import type { Authorize, Sees } from './core/seams.js'
import type { Watch } from './core/wire.js'
import type { Tell } from './operating/events.js'
import type { Keep } from './redis/keeping.js'

export interface EmbeddedServerOptions {
  /** Signs and checks tokens, at least 32 characters. One of its own is made when there is none: no older token is valid then. */
  readonly secret?: string
  /** The address of a JSON Web Key Set (`https://…/.well-known/jwks.json`): tokens that its keys signed are good as well. */
  readonly jwks?: string
  /** Answers over TLS: a private key and the certificate with its chain, as PEM texts. */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** 0 (default) takes any free port. */
  readonly port?: number
  /** Default 127.0.0.1: this machine only. */
  readonly host?: string
  /** The database file; without one, and without `redis`, the log is kept in memory. */
  readonly data?: string
  /** FULL (default): what is acknowledged survives a power cut. */
  readonly synchronous?: 'FULL' | 'NORMAL'
  /** `redis://…`, instead of `data`: nodes on one Redis (7 or newer) are one server. They need the same secret. */
  readonly redis?: string
  /**
   * With `redis`: a file (SQLite) or `postgres://…`, where history goes that Redis does not keep. Servers on one Redis need the same one: a
   * file is for those of one machine.
   */
  readonly archive?: string
  /**
   * With `redis`: entries of each room that stay in Redis, or a function that gives them by the room's name; default 10,000, 0 keeps all.
   * Unread messages are counted within them. All nodes should say the same of a room.
   */
  readonly keep?: Keep
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
  /**
   * Behind a proxy: the header in which it says where a request comes from, e.g. `x-forwarded-for`; the last address in it counts. Without
   * it the proxy itself is taken for where everybody comes from.
   */
  readonly addressHeader?: string
  /** Speaks the collection protocol at /api/realtime. `database`: whose collections are meant by a bare name, default `default`. */
  readonly collections?: { readonly database?: string }
  readonly outgoing?: Watch
  /** Told what happens, for logs; see `lineOf` for a line of JSON. */
  readonly tell?: Tell
  /** Serves `GET /metrics` to whoever has this token, at least 16 characters. Without it the address does not exist. */
  readonly metrics?: { readonly token: string }
  /** Told when the log has failed for good; the server should be started anew. */
  readonly failed?: (cause: Error) => void
}
