import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'

/** A frame on its way, read only as far as the faults need it. */
export type Frame = Readonly<Record<string, unknown>>

/** Stands between pages and a server on a port of its own, and breaks what passes. */
export interface Relay {
  readonly origin: string
  /** Keeps frames of these types away from the pages, until `release`. What is held when a connection ends is lost. */
  hold(...types: readonly string[]): void
  release(): void
  /** Refuses the next message in the server's place; the server never hears of it. */
  refuseNext(code: string, message: string): void
  /** While on, pages get no WebSocket, as behind some firewalls. */
  refuseUpgrades(on: boolean): void
  /** While on, answers are passed on only once they are whole, as some proxies do: heads at once, bodies never, where they have no end. */
  gather(on: boolean): void
  /** How often pages asked for a path over HTTP, with an answer that they have seen the end of or given up. */
  asked(path: string): { readonly open: number; readonly over: number }
  /** What pages sent, of one type. */
  sent(type: string): readonly Frame[]
  /** Ends every connection without a goodbye. Whoever comes back is let in. */
  cut(): void
  /** Whether something is being held. */
  isHolding(): boolean
  close(): Promise<void>
}

interface Link {
  readonly page: WebSocket
  readonly server: WebSocket
  held: Frame[]
}

/** A text message is a frame or an array of frames. */
const framesOf = (text: string): readonly Frame[] => [JSON.parse(text)].flat()

/** The codes that a close may be passed on with; others mean that there was no goodbye. */
const pass = (socket: WebSocket, code: number, reason: Buffer): void => {
  if (code === 1000 || code >= 3000) socket.close(code, reason)
  else socket.terminate()
}

export async function startRelay(port: number): Promise<Relay> {
  const links = new Set<Link>()
  const sent: Frame[] = []
  const refusals: { code: string; message: string }[] = []
  let holding: ReadonlySet<string> = new Set()
  let refusing = false
  let gathering = false
  const asks: { readonly path: string; readonly response: ServerResponse }[] = []

  const toPage = ({ page }: Link, frames: readonly Frame[]) => {
    if (frames.length > 0 && page.readyState === WebSocket.OPEN) page.send(JSON.stringify(frames))
  }

  function fromServer(link: Link, text: string): void {
    const frames = framesOf(text)
    const isHeld = ({ type }: Frame) => holding.has(String(type))
    link.held.push(...frames.filter(isHeld))
    toPage(
      link,
      frames.filter((frame) => !isHeld(frame)),
    )
  }

  function fromPage(link: Link, text: string): void {
    const frames = framesOf(text)
    sent.push(...frames)
    const passing = frames.filter((frame) => {
      const refusal = frame['type'] === 'message' ? refusals.shift() : undefined
      if (refusal) toPage(link, [{ type: 'nack', id: frame['id'], retryable: false, ...refusal }])
      return refusal === undefined
    })
    if (passing.length > 0 && link.server.readyState === WebSocket.OPEN)
      link.server.send(JSON.stringify(passing))
  }

  function join(page: WebSocket, server: WebSocket): void {
    const link: Link = { page, server, held: [] }
    links.add(link)
    page.on('message', (text) => fromPage(link, text.toString()))
    server.on('message', (text) => fromServer(link, text.toString()))
    page.on('error', () => server.terminate())
    page.on('close', (code, reason) => {
      links.delete(link)
      pass(server, code, reason)
    })
    server.on('close', (code, reason) => pass(page, code, reason))
  }

  const sockets = new WebSocketServer({ noServer: true, handleProtocols: ([first]) => first ?? false })
  /** A page is let in only once the server has taken the connection; while that is away the page is refused. */
  function upgrade(asked: IncomingMessage, stream: Duplex, head: Buffer): void {
    stream.on('error', () => stream.destroy())
    if (refusing) {
      stream.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
      return
    }
    const protocols = (asked.headers['sec-websocket-protocol'] ?? '').split(/,\s*/)
    const origin = `http://localhost:${port}`
    const server = new WebSocket(`ws://127.0.0.1:${port}${asked.url ?? '/'}`, protocols, { origin })
    server.on('error', () => stream.destroy())
    server.once('open', () => sockets.handleUpgrade(asked, stream, head, (page) => join(page, server)))
  }

  async function passGathered(answer: IncomingMessage, response: ServerResponse): Promise<void> {
    response.flushHeaders()
    const pieces: Buffer[] = []
    for await (const piece of answer) pieces.push(Buffer.from(piece))
    response.end(Buffer.concat(pieces))
  }

  function forward(question: IncomingMessage, response: ServerResponse): void {
    const { method, url = '/', headers } = question
    const { origin: _origin, ...rest } = headers
    asks.push({ path: url, response })
    const options = { port, host: '127.0.0.1', path: url, headers: { ...rest, host: `localhost:${port}` } }
    const passed = request({ ...options, method }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      if (gathering) passGathered(answer, response).catch(() => response.destroy())
      else answer.pipe(response)
    }).on('error', () => response.destroy())
    question.pipe(passed)
    // A page that gives up is gone for the server as well.
    response.on('close', () => passed.destroy())
  }

  const http = createServer(forward).on('upgrade', upgrade)
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve)
  })
  const address = http.address()
  if (address === null || typeof address === 'string') throw new Error('The relay listens nowhere.')

  function cut(): void {
    for (const { page, server } of links) {
      page.terminate()
      server.terminate()
    }
  }

  return {
    origin: `http://localhost:${address.port}`,
    hold(...types) {
      holding = new Set(types)
    },
    release() {
      holding = new Set()
      for (const link of links) toPage(link, link.held.splice(0))
    },
    refuseNext: (code, message) => refusals.push({ code, message }),
    refuseUpgrades(on) {
      refusing = on
    },
    gather(on) {
      gathering = on
    },
    asked(path) {
      const answers = asks.flatMap((ask) => (ask.path === path ? ask.response : []))
      const over = answers.filter((response) => response.closed).length
      return { open: answers.length - over, over }
    },
    sent: (type) => sent.filter((frame) => frame['type'] === type),
    cut,
    isHolding: () => [...links].some(({ held }) => held.length > 0),
    close: () =>
      new Promise((resolve) => {
        cut()
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }
}
