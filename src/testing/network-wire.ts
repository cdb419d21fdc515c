import type { Closed, Transport, TransportEvents } from '../core/seams/transport.js'
import { utf8Bytes } from '../protocol/index.js'
import type { Carry } from './network-noise.js'
import type { Pipe } from './network-pipe.js'

/** A connection as the server sees it. */
export interface NetworkSocket {
  send(text: string): void
  close(code?: number, reason?: string): void
  /** Bytes sent that a black hole keeps. */
  readonly bufferedAmount: number
}

/** What a server does with a connection: `closed` exactly once, nothing after it. */
export interface NetworkPeer {
  received(text: string): void
  closed(code: number, reason: string): void
}

/** Takes a connection. May send at once. */
export type Accept = (socket: NetworkSocket) => NetworkPeer

/** A connection between a client and a server, from the attempt to the end. */
export interface Wire {
  readonly transport: Transport
  /** The attempt reached a server, or, without one, nobody. */
  arrive(accept: Accept | undefined): void
  /** Both ends learn that it broke; what was on its way is lost. */
  cut(): void
  /**
   * The client sees it break; the server does not, and nothing arrives until the returned function is called. Then what is left arrives
   * on both sides, though the client's is over, and the server sees it break.
   */
  abandon(): () => void
  resume(): void
}

/** One way of a wire: what travels on it, and what becomes of texts. */
export interface Way {
  readonly pipe: Pipe
  readonly carry: Carry
}

/** How far one end is: it may have closed and wait for the other's word, or be over and hear things all the same. */
type End = 'waiting' | 'open' | 'closing' | 'closed' | 'abandoned'

const BROKEN: Closed = { code: 1006, reason: '' }

/** A wire over two ways; `ended` is called once, when neither end can hear of the other any more. */
export function createWire(upward: Way, downward: Way, events: TransportEvents, ended: () => void): Wire {
  const up = upward.pipe
  const down = downward.pipe
  let client: End = 'waiting'
  let server: End = 'waiting'
  let peer: NetworkPeer | undefined

  function clientClosed(closed: Closed): void {
    if (client === 'closed' || client === 'abandoned') return
    client = 'closed'
    ended()
    events.onClose(closed)
  }

  function serverClosed({ code, reason }: Closed): void {
    if (server === 'closed') return
    server = 'closed'
    peer?.closed(code, reason)
  }

  /** A close frame goes through the pipe behind the texts; the other end answers with one. */
  function endFromClient(closed: Closed): void {
    up.push(0, () => {
      serverClosed(closed)
      down.push(0, () => clientClosed(closed))
    })
  }

  function endFromServer(closed: Closed): void {
    down.push(0, () => {
      clientClosed(closed)
      up.push(0, () => serverClosed(closed))
    })
  }

  const socket: NetworkSocket = {
    send(text) {
      if (server !== 'open') return
      downward.carry(
        text,
        utf8Bytes(text),
        (heard) => (client === 'open' || client === 'abandoned') && events.onText(heard),
      )
    },
    close(code = 1005, reason = '') {
      if (server !== 'open') return
      server = 'closing'
      endFromServer({ code, reason })
    },
    get bufferedAmount() {
      return down.heldBytes
    },
  }

  function opened(): void {
    if (client !== 'waiting') return
    client = 'open'
    events.onOpen()
  }

  return {
    transport: {
      kind: 'memory',
      get bufferedAmount() {
        return up.heldBytes
      },
      send(text) {
        if (client !== 'open') return
        upward.carry(text, utf8Bytes(text), (heard) => server === 'open' && peer?.received(heard))
      },
      close(code = 1005, reason = '') {
        if (client === 'open') endFromClient({ code, reason })
        // Given up before it was open: the other end, if there is one, sees it break.
        if (client === 'waiting') endFromClient(BROKEN)
        if (client === 'open' || client === 'waiting') client = 'closing'
      },
    },
    arrive(accept) {
      if (accept === undefined) {
        down.push(0, () => clientClosed(BROKEN))
        return
      }
      server = 'open'
      // Before the peer exists, so that what it sends while it is made comes after the opening.
      down.push(0, opened)
      peer = accept(socket)
    },
    cut() {
      up.cut()
      down.cut()
      void Promise.resolve().then(() => {
        clientClosed(BROKEN)
        serverClosed(BROKEN)
      })
    },
    abandon() {
      for (const pipe of [up, down]) pipe.hold(true)
      client = 'abandoned'
      void Promise.resolve().then(() => events.onClose(BROKEN))
      return () => {
        for (const pipe of [up, down]) pipe.hold(false)
        client = 'closed'
        ended()
        serverClosed(BROKEN)
      }
    },
    resume() {
      up.resume()
      down.resume()
    },
  }
}
