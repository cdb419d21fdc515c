import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A load balancer that knows nothing: each connection goes to the next port. */
export interface Balancer {
  readonly port: number
  /** From now on connections go to these; those that are open stay. */
  route(ports: readonly number[]): void
  /** Ends all that are open. */
  cut(): void
  close(): Promise<void>
}

export async function startBalancer(first: readonly number[]): Promise<Balancer> {
  let ports = first
  let turn = 0
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const upstream = connect(ports[turn++ % ports.length] ?? 0, '127.0.0.1')
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      one.pipe(other)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The balancer listens nowhere.')
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: address.port,
    cut,
    route(next) {
      ports = next
    },
    async close() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
