import type { ServerFrame, ServerFrames } from '../../protocol/index.js'

/** Frames that are the connection's own once it is welcomed: the owner never sees them. */
export type OwnFrame = ServerFrames['welcome' | 'ping' | 'pong' | 'goaway' | 'error' | 'ack']

/** Whether a frame is the connection's own; `renewal` is the id of the token renewal under way. */
export function isOwn(frame: ServerFrame, renewal: string | undefined): frame is OwnFrame {
  switch (frame.type) {
    case 'welcome':
    case 'ping':
    case 'pong':
    case 'goaway':
      return true
    case 'ack':
      return frame.id === renewal
    case 'error':
      return frame.re === undefined
        ? frame.code === 'token_expiring' || frame.code === 'unauthorised'
        : frame.re === renewal
    default:
      return false
  }
}

const HEADER = ['room', 'id', 'code']

/** A frame for the trace: what it is and which one, never what it says. */
export function headerOf(frame: { readonly type: string }): string {
  let line = frame.type
  for (const key of HEADER) {
    const value: unknown = Reflect.get(frame, key)
    if (typeof value === 'string') line += ` ${value}`
  }
  return line
}
