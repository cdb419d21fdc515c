/** Pages that may talk to this server. Names are compared whole: scheme, host and port. */
export interface Origins {
  /** Without an Origin header it is no page: programs are held by their token alone, which no browser adds by itself. */
  allow(origin: string | undefined): boolean
}

/** The pages that are named. The set may grow: a server knows the names of its own pages only once it has a port. */
export const createOrigins = (allowed: ReadonlySet<string>): Origins => ({
  allow: (origin) => origin === undefined || allowed.has(origin),
})

/** The names under which a browser on the same machine, or by the host's name, sees the server's own pages. */
export const ownOrigins = (host: string, port: number, secure: '' | 's'): readonly string[] => {
  const names = ['localhost', '127.0.0.1', '[::1]', host.includes(':') ? `[${host}]` : host]
  return names.map((name) => `http${secure}://${name}:${port}`)
}
