import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import type { Origin } from './core/seams.js'

/** What is looked at of a request. */
export interface From {
  readonly headers: IncomingHttpHeaders
  readonly socket: { readonly remoteAddress?: string | undefined }
}

/** Pages that may talk to this server. Names are compared whole: scheme, host and port. */
export interface Origins {
  /** Without an Origin header it is no page: programs are held by their token alone, which no browser adds by itself. */
  allow(origin: string | undefined): boolean
  /** Where a request comes from. */
  of(request: From): Origin
}

/** The address that the proxy in front of this server saw: it puts its own finding last, whatever came with the request. */
function forwarded(value: string | readonly string[] | undefined): string | undefined {
  const last = String(value ?? '')
    .split(',')
    .at(-1)
    ?.trim()
  return last !== undefined && isIP(last) > 0 ? last : undefined
}

/**
 * The pages that are named. The set may grow: a server knows the names of its own pages only once it has a port. Behind a proxy
 * `addressHeader` names the header in which that says where a request comes from.
 */
export const createOrigins = (allowed: ReadonlySet<string>, addressHeader?: string): Origins => ({
  allow: (origin) => origin === undefined || allowed.has(origin),
  of({ headers, socket }) {
    const { origin } = headers
    const told = addressHeader === undefined ? undefined : forwarded(headers[addressHeader.toLowerCase()])
    const address = told ?? socket.remoteAddress
    return { ...(origin !== undefined && { origin }), ...(address !== undefined && { address }) }
  },
})

/** The names under which a browser on the same machine, or by the host's name, sees the server's own pages. */
export const ownOrigins = (host: string, port: number, secure: '' | 's'): readonly string[] => {
  const names = ['localhost', '127.0.0.1', '[::1]', host.includes(':') ? `[${host}]` : host]
  return names.map((name) => `http${secure}://${name}:${port}`)
}
