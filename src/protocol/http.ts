import { count, name, text } from './fields.js'
import { WIRE } from './limits.js'
import { array, fits, json, maybe, object, type Shape, string, whole } from './shape.js'

/** The wire over HTTP, for networks that block WebSockets: a stream of events down, requests up. What it carries are the same texts. */

/** Why a connection ended, as a close frame carries it. */
export const closeCode = whole(1000, 4999)
/** The same for people and logs, as long as a close frame lets it be. */
export const closeReason = string(0, 123)
/**
 * What a request over HTTP carries: each item is what one text message would hold, a frame or an array of them. What is too deep for that is
 * no frame, and must cost its neighbours nothing.
 */
export const frames = array(json(WIRE.bodyDepth + 8), WIRE.framesPerArray, () => null)

/** Data of the first event of a stream, `session`: the name by which requests belong to it. A secret of the two ends. */
export const streamSession = object({ session: name })
/** Data of the last event of a stream, `close`: what a close frame would say. */
export const streamClose = object({ code: closeCode, reason: closeReason })
/** Body of a request that carries frames. */
export const framesBody = object({ session: name, frames })
/** Body of every refusal. With `close` the connection is over, as by that close code. */
export const httpRefusal = object({
  code: name,
  message: text,
  close: maybe(closeCode),
  retryAfter: maybe(count),
})
/** Answer to a request for a ticket: good for one reader, for so many ms. */
export const ticketAnswer = object({ ticket: name, expiresIn: count })

/** Names of the events of a stream that are not frames. */
export const STREAM_EVENTS = { session: 'session', close: 'close', reset: 'reset' } as const

/** JSON of a shape; undefined for whatever does not fit. */
export function readAs<T>(shape: Shape<T>, text: string): T | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return fits(shape, value) ? value : undefined
  } catch {
    return undefined
  }
}
