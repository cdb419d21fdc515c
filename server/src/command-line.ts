import { parseArgs } from 'node:util'
import { type Chaos, parseChaos } from './chaos.js'
import { PART } from './collections/changes.js'

export const HELP = `tidings-server: messages for tidings clients, in one SQLite file.

Usage: tidings-server [options]

  --port NUMBER       Port to listen on. Default 8787.
  --host NAME         Address to listen on. Default 127.0.0.1: this machine only.
  --data FILE         The database. Default tidings.db; made when there is none.
  --redis URL         Keep messages in Redis (7 or newer) instead, e.g. redis://localhost:6379. Servers on one Redis are
                      one server: start as many as you like, with the same secret.
  --archive PLACE     With --redis: where history goes that Redis does not keep, a file (SQLite; servers of one machine)
                      or postgres://user:password@host/database. Every server on that Redis needs the same.
  --keep NUMBER       With --redis: entries of each room that stay in Redis. Default 10000.
  --static DIR        A folder with pages to serve.
  --origin URL        A page's origin that may connect, e.g. https://example.com. May be given more than once.
                      Pages that this server serves on localhost always may.
  --secret-file FILE  The secret that signs tokens, at least 32 characters. TIDINGS_SECRET does the same.
  --log json          One line of JSON for each connection and request, without bodies and tokens. Default: none.
  --collections DB    Speak the collection protocol at /api/realtime; DB is whose collections a bare name means.
  --jwks URL          Tokens signed by the keys of this JSON Web Key Set are good as well; a secret is not needed then.
  --tls-key FILE      Answer over TLS with this private key, and with --tls-cert FILE, the certificate and its chain.
  --tls-cert FILE
  --no-rate-limit     Take operations, connections and requests as fast as they come.
  --address-header NAME
                      Behind a proxy: the header in which it says where a request comes from, e.g. x-forwarded-for.
  --dev               For development: makes a secret beside the database, hands out tokens to everybody at
                      /dev/token?user=NAME, and lets everybody into every room that is not personal or direct.
                      With --static it also notifies people who are named in a message (@NAME).
  --help              This text.

Without --dev tokens come from you: JWTs signed by HS256 with the secret, with sub (the user), exp, aud "tidings",
and rooms (a list of names; a name that ends in * stands for all that begin so).

Addresses: WebSocket /v1/ws, or over HTTP where that is blocked: POST /v1/stream and /v1/frames; for an EventSource
GET /v1/events?room=&ticket=&after= with a ticket from POST /v1/ticket, or the cookie tidings_token;
history GET /v1/sync?room=&since=&limit= (Authorization: Bearer …); changes of other systems POST /webhook;
GET /health, GET /ready; GET /metrics with the token in TIDINGS_METRICS_TOKEN, where there is one.
Ctrl+C or SIGTERM sends clients away with a time to come back at, and closes the database.
`

export interface Command {
  readonly port: number
  readonly host: string
  readonly data: string
  readonly redis?: string
  readonly archive?: string
  readonly keep?: number
  readonly static?: string
  readonly origins: readonly string[]
  readonly secretFile?: string
  readonly rateLimit: boolean
  readonly addressHeader?: string
  readonly dev: boolean
  readonly jwks?: string
  readonly tls?: { readonly key: string; readonly cert: string }
  readonly log: boolean
  /** Whose collections are meant by a bare name; undefined: the collection protocol is not spoken. */
  readonly collections?: string
  readonly chaos?: Chaos
}

/** The order, a request for help, or a sentence about what is wrong with it. */
export type Parsed = { readonly command: Command } | { readonly help: true } | { readonly wrong: string }

const isOrigin = (text: string): boolean => {
  try {
    return new URL(text).origin === text
  } catch {
    return false
  }
}

const read = (words: readonly string[]) =>
  parseArgs({
    args: [...words],
    options: {
      port: { type: 'string', default: '8787' },
      host: { type: 'string', default: '127.0.0.1' },
      data: { type: 'string' },
      redis: { type: 'string' },
      archive: { type: 'string' },
      keep: { type: 'string' },
      static: { type: 'string' },
      origin: { type: 'string', multiple: true, default: [] },
      'secret-file': { type: 'string' },
      'no-rate-limit': { type: 'boolean', default: false },
      'address-header': { type: 'string' },
      dev: { type: 'boolean', default: false },
      jwks: { type: 'string' },
      'tls-key': { type: 'string' },
      'tls-cert': { type: 'string' },
      log: { type: 'string' },
      collections: { type: 'string' },
      chaos: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  }).values

/** Reads the words after the program's name. */
export function parseCommand(words: readonly string[]): Parsed {
  let values: ReturnType<typeof read>
  try {
    values = read(words)
  } catch (cause) {
    return { wrong: cause instanceof Error ? cause.message : String(cause) }
  }
  if (values.help) return { help: true }
  const port = Number(values.port)
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535) return { wrong: `"${values.port}" is no port number.` }
  const origin = values.origin.find((each) => !isOrigin(each))
  if (origin !== undefined)
    return { wrong: `"${origin}" is no origin: scheme, host and port, without a slash at the end.` }
  const chaos = values.chaos === undefined ? undefined : parseChaos(values.chaos)
  if (values.chaos !== undefined && !chaos)
    return { wrong: `--chaos takes drop-acks=0.05,seed=1, not "${values.chaos}".` }
  if (chaos && !values.dev) return { wrong: '--chaos breaks things on purpose and is for --dev only.' }
  if (values.log !== undefined && values.log !== 'json')
    return { wrong: `--log takes json, not "${values.log}".` }
  const { collections } = values
  if (collections !== undefined && !PART.test(collections))
    return { wrong: '--collections takes the name of a database, of 1 to 56 characters without a slash.' }
  const { 'address-header': addressHeader } = values
  if (addressHeader !== undefined && !/^[\w-]{1,64}$/.test(addressHeader))
    return { wrong: `--address-header takes the name of a header, not "${addressHeader}".` }
  const { jwks, 'tls-key': key, 'tls-cert': cert } = values
  if (jwks !== undefined && !/^https?:\/\/./.test(jwks))
    return { wrong: `--jwks takes an address, not "${jwks}".` }
  if ((key === undefined) !== (cert === undefined)) return { wrong: '--tls-key and --tls-cert go together.' }
  const { static: folder, 'secret-file': secretFile, redis, archive, keep, data = 'tidings.db' } = values
  if (redis !== undefined && !/^rediss?:\/\/./.test(redis))
    return { wrong: `"${redis}" is no address of a Redis: redis://localhost:6379, or rediss:// with TLS.` }
  if (redis !== undefined && values.data !== undefined)
    return { wrong: 'Messages are kept in a file (--data) or in Redis (--redis), not in both.' }
  if ((archive !== undefined || keep !== undefined) && redis === undefined)
    return { wrong: '--archive takes what Redis does not --keep: they go with --redis.' }
  if (keep !== undefined && !/^[1-9]\d{0,8}$/.test(keep))
    return { wrong: `--keep takes a number of entries, not "${keep}".` }
  return {
    command: {
      port,
      host: values.host,
      data,
      origins: values.origin,
      dev: values.dev,
      rateLimit: !values['no-rate-limit'],
      log: values.log === 'json',
      ...(addressHeader !== undefined && { addressHeader }),
      ...(redis !== undefined && { redis }),
      ...(archive !== undefined && { archive }),
      ...(keep !== undefined && { keep: Number(keep) }),
      ...(collections !== undefined && { collections }),
      ...(jwks !== undefined && { jwks }),
      ...(key !== undefined && cert !== undefined && { tls: { key, cert } }),
      ...(folder !== undefined && { static: folder }),
      ...(secretFile !== undefined && { secretFile }),
      ...(chaos && { chaos }),
    },
  }
}
