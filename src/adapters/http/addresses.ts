/** Where a session over HTTP is opened, and where its frames go. */
export interface Addresses {
  readonly stream: string
  readonly frames: string
}

/**
 * The addresses beside a WebSocket's: `wss://host/v1/ws?x=1` becomes `https://host/v1/stream?x=1` and `https://host/v1/frames?x=1`.
 * Undefined for what is no such address.
 */
export function addressesOf(url: string): Addresses | undefined {
  try {
    const { protocol, search, hash, href } = new URL(url)
    const rest = search + hash
    if (!/^(ws|http)s?:$/.test(protocol)) return undefined
    const folder = href
      .slice(0, href.length - rest.length)
      .replace(/^ws/, 'http')
      .replace(/[^/]*$/, '')
    return { stream: `${folder}stream${search}`, frames: `${folder}frames${search}` }
  } catch {
    return undefined
  }
}
