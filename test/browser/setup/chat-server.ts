import { createServer } from 'node:http'
import { createEmbeddedServer } from 'tidings-server'
import { startRelay } from '../../e2e/support/relay.js'

/** A whole server that lets pages of any origin in: nobody knows the port of the page that tests run in. */
export interface ChatServer {
  /** Where clients connect. */
  readonly url: string
  /** `?user=` gives a token. */
  readonly tokens: string
  close(): Promise<void>
}

export async function startChatServer(): Promise<ChatServer> {
  const server = await createEmbeddedServer({ dev: true, limits: { rate: null } })
  const relay = await startRelay(server.port)
  const tokens = createServer((request, response) => {
    const user = new URL(request.url ?? '/', 'http://localhost').searchParams.get('user') ?? ''
    server.token(user).then(
      (token) => response.setHeader('access-control-allow-origin', '*').end(token),
      () => response.destroy(),
    )
  })
  await new Promise<void>((resolve) => {
    tokens.listen(0, '127.0.0.1', resolve)
  })
  const address = tokens.address()
  if (address === null || typeof address === 'string') throw new Error('Nobody hands out tokens.')
  return {
    url: `${relay.origin.replace('http', 'ws')}/v1/ws`,
    tokens: `http://localhost:${address.port}/`,
    async close() {
      tokens.close()
      tokens.closeAllConnections()
      await relay.close()
      await server.close()
    },
  }
}
