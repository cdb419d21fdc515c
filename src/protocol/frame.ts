import { time } from './fields.js'
import { type AnyShape, maybe, object, oneOf } from './shape.js'

/** The shape of one frame: its `type` and its fields. */
export const frame = <const T extends string, const F extends Readonly<Record<string, AnyShape>>>(
  type: T,
  fields: F,
) => object({ type: oneOf(type), ...fields })

/** Asks for a sign of life. */
export const ping = frame('ping', { t: time })
/** Gives it: `t` as it came. */
export const pong = frame('pong', { t: time, now: maybe(time) })
