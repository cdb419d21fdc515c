import { createServer } from 'node:http'
import { type ClientFrame, encodeFrames, type ServerFrame, SUBPROTOCOL } from 'tidings/protocol'
import WebSocket, { WebSocketServer } from 'ws'

/** What a defect does with frames on their way. One is made for each connection. */
export interface Defect {
  /** Frames that reach the server instead of these. */
  readonly toServer?: (frames: readonly ClientFrame[]) => readonly ClientFrame[]
  /** What reaches the client instead of one frame. */
  readonly toClient?: (frame: ServerFrame) => readonly object[]
  /** The code that a close has instead. */
  readonly close?: (code: number) => number
}

/** The frames of a text that holds nothing else; other texts pass as they are. */
function framesIn<F extends { readonly type: string }>(text: string): readonly F[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    const values: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed]
    const isFrame = (value: unknown): value is F =>
      typeof value === 'object' && value !== null && 'type' in value
    return values.every(isFrame) ? values : undefined
  } catch {
    return undefined
  }
}

/** A server with a planted defect: a real one behind somebody who changes what is said. */
export async function startFaulty(
  url: string,
  plant: () => Defect,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const http = createServer()
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false })
  sockets.on('connection', (client, request) => {
    const { toServer, toClient, close } = plant()
    const protocols = request.headers['sec-websocket-protocol'] === undefined ? [] : [SUBPROTOCOL]
    const { origin } = request.headers
    const server = new WebSocket(url, protocols, { perMessageDeflate: false, ...(origin && { origin }) })
    const waiting: (() => void)[] = []
    client.on('message', (bytes, isBinary) => {
      const text = bytes.toString()
      const frames = isBinary ? undefined : framesIn<ClientFrame>(text)
      const sent = frames && toServer ? encodeFrames(toServer(frames)) : text
      const pass = () => server.send(isBinary ? Buffer.from(text) : sent)
      if (server.readyState === server.OPEN) pass()
      else waiting.push(pass)
    })
    server.on('open', () => {
      for (const pass of waiting) pass()
    })
    server.on('message', (bytes) => {
      const frames = framesIn<ServerFrame>(bytes.toString()) ?? []
      const changed = toClient ? frames.flatMap((frame) => toClient(frame)) : frames
      if (changed.length > 0) client.send(JSON.stringify(changed))
    })
    server.on('close', (code, reason) => client.close(close?.(code) ?? code, reason))
    // Who leaves before the way to the server is open ends that as well: an error for ws, whose close follows.
    server.on('error', () => undefined)
    client.on('close', () => server.terminate())
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const address = http.address()
  if (address === null || typeof address === 'string') throw new Error('It listens nowhere.')
  const { port } = address
  return {
    url: `ws://127.0.0.1:${port}/v1/ws`,
    close: () =>
      new Promise((resolve) => {
        for (const each of sockets.clients) each.terminate()
        sockets.close()
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }
}
