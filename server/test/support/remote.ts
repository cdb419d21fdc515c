import {
  type ClientFrame,
  decodeServerText,
  encodeFrames,
  type ServerFrame,
  SUBPROTOCOL,
} from 'tidings/protocol'
import WebSocket from 'ws'

/** A client over a real socket. */
export interface Remote {
  send(...frames: ClientFrame[]): void
  raw(text: string | Buffer): void
  /** The first frame that passes, received already or yet to come; it is not found again. */
  next<T extends ServerFrame>(passes: (frame: ServerFrame) => frame is T): Promise<T>
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>
  close(): void
}

interface Wanted {
  readonly look: () => boolean
}

export const ofType =
  <T extends ServerFrame['type']>(type: T) =>
  (frame: ServerFrame): frame is Extract<ServerFrame, { type: T }> =>
    frame.type === type

export async function connect(
  url: string,
  options: { readonly origin?: string; readonly protocols?: string[] } = {},
): Promise<Remote> {
  const { origin, protocols = [SUBPROTOCOL] } = options
  const socket = new WebSocket(url, protocols, { ...(origin && { origin }), perMessageDeflate: false })
  const frames: ServerFrame[] = []
  const wanted = new Set<Wanted>()
  socket.on('message', (text) => {
    frames.push(...decodeServerText(text.toString()).frames)
    for (const each of [...wanted]) if (each.look()) wanted.delete(each)
  })
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
  })
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
  return {
    send: (...sent) => socket.send(encodeFrames(sent)),
    raw: (text) => socket.send(text),
    next: (passes) =>
      new Promise((resolve) => {
        const look = () => {
          const index = frames.findIndex(passes)
          const found = frames[index]
          if (!found || !passes(found)) return false
          frames.splice(index, 1)
          resolve(found)
          return true
        }
        if (!look()) wanted.add({ look })
      }),
    closed,
    close: () => socket.close(),
  }
}
