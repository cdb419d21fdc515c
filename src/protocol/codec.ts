import { clientFrames } from './client-frames.js'
import { name } from './fields.js'
import type { ClientFrame, ServerFrame } from './frames.js'
import { utf8Bytes } from './json.js'
import { WIRE } from './limits.js'
import { serverFrames } from './server-frames.js'
import { fits, misfit, type Shape } from './shape.js'

/** Why a frame was not accepted. */
export type FrameFault =
  | 'not_json'
  | 'not_a_frame'
  | 'too_large'
  | 'too_many'
  | 'invalid'
  /** A type this version does not know: ignored, never an error. */
  | 'unknown_type'

/** A frame that was refused, with all that may be said about it: never its content. */
export interface RefusedFrame {
  readonly fault: FrameFault
  /** The frame's type, where it has one. */
  readonly type?: string
  /** The frame's `id`, where it has one, so that a server can answer. */
  readonly id?: string
  /** The frame's `room`, where it has one, so that a client knows which room has a hole now. */
  readonly room?: string
  /** The first field that does not fit, as a dotted path. */
  readonly path?: string
}

/** What a text message held: its frames in order and what was refused. One bad frame never costs its neighbours. */
export interface Decoded<F> {
  readonly frames: readonly F[]
  readonly refused: readonly RefusedFrame[]
}

type Shapes<F> = ReadonlyMap<string, Shape<F>>

const shapesOf = <F>(shapes: Readonly<Record<string, Shape<F>>>): Shapes<F> => new Map(Object.entries(shapes))
const clientShapes = /* @__PURE__ */ shapesOf<ClientFrame>(clientFrames)
const serverShapes = /* @__PURE__ */ shapesOf<ServerFrame>(serverFrames)

const nothing = (fault: FrameFault): Decoded<never> => ({ frames: [], refused: [{ fault }] })

const field = (value: object, key: string): string | undefined => {
  const found: unknown = Reflect.get(value, key)
  return typeof found === 'string' && found.length <= WIRE.idChars ? found : undefined
}

function refuse(fault: FrameFault, value: object, path?: string): RefusedFrame {
  const refused: { -readonly [K in keyof RefusedFrame]: RefusedFrame[K] } = { fault }
  const type = field(value, 'type')
  if (type !== undefined) refused.type = type
  for (const key of ['id', 'room'] as const) {
    const found = field(value, key)
    // Only what could stand in a frame: an answer that names it must be one that the other side can read.
    if (fits(name, found)) refused[key] = found
  }
  if (path) refused.path = path
  return refused
}

function decode<F>(textMessage: unknown, maxBytes: number, shapes: Shapes<F>): Decoded<F> {
  if (typeof textMessage !== 'string') return nothing('not_a_frame')
  // UTF-8 needs one to three bytes a code unit: only texts between the two bounds have to be counted.
  if (textMessage.length > maxBytes) return nothing('too_large')
  if (textMessage.length * 3 > maxBytes && utf8Bytes(textMessage) > maxBytes) return nothing('too_large')
  let parsed: unknown
  try {
    parsed = JSON.parse(textMessage)
  } catch {
    return nothing('not_json')
  }
  const values: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed]
  if (values.length > WIRE.framesPerArray) return nothing('too_many')
  const frames: F[] = []
  const refused: RefusedFrame[] = []
  for (const value of values) {
    const frame = decodeFrame(value, shapes)
    if ('fault' in frame) refused.push(frame.fault)
    else frames.push(frame.frame)
  }
  return { frames, refused }
}

function decodeFrame<F>(value: unknown, shapes: Shapes<F>): { frame: F } | { fault: RefusedFrame } {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { fault: { fault: 'not_a_frame' } }
  const type = field(value, 'type')
  if (type === undefined) return { fault: refuse('not_a_frame', value) }
  const shape = shapes.get(type)
  if (!shape) return { fault: refuse('unknown_type', value) }
  if (fits(shape, value)) return { frame: value }
  return { fault: refuse('invalid', value, misfit(shape.rule, value)) }
}

/** Reads a text message from a client: at most 64 KiB, one frame or an array. Never throws. */
export const decodeClientText = (textMessage: unknown): Decoded<ClientFrame> =>
  decode(textMessage, WIRE.clientTextBytes, clientShapes)

/** Reads a text message from a server: at most 1 MiB, one frame or an array. Never throws. */
export const decodeServerText = (textMessage: unknown): Decoded<ServerFrame> =>
  decode(textMessage, WIRE.serverTextBytes, serverShapes)

/** Prints the frames of one tick: alone as an object, several as an array. */
export const encodeFrames = (frames: readonly (ClientFrame | ServerFrame)[]): string =>
  JSON.stringify(frames.length === 1 ? frames[0] : frames)
