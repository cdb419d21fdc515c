import { WIRE } from './limits.js'
import { array, json, oneOf, string, whole } from './shape.js'
import { STAMP_LENGTH, STAMP_PATTERN } from './stamp.js'

/** The building blocks of frames. Every frame is made of these, so that a rule stands in one place. */

// Neither control characters nor halves of surrogate pairs: both break keys, logs and databases in ways that show late.
const NAME = /^[^\p{Cc}\p{Cs}]*$/u

/** An id or a room name: 1 to 128 characters, no control characters, no lone surrogates. */
export const name = string(1, WIRE.idChars, NAME)
/** An opaque position in a room's log. */
export const cursor = string(1, WIRE.idChars)
/** A hybrid logical clock stamp, 24 characters. */
export const stamp = string(STAMP_LENGTH, STAMP_LENGTH, STAMP_PATTERN)
/** A whole number from 0. */
export const count = whole()
/** Milliseconds since the epoch, server time. */
export const time = count
/** Position of an operation in its room's log, from 1. */
export const seq = whole(1)
/** A message's content: any JSON, at most 16 levels deep. */
export const body = json(WIRE.bodyDepth)
/** A short text for people or logs; never decides anything. */
export const text = string(0, 1024)
/** What proves who the user is. */
export const token = string(1, 16 * 1024)
/** An emoji or a short name. */
export const reaction = string(1, WIRE.reactionChars)
/** How a person wants to be seen, or is. */
export const presenceStatus = oneOf('online', 'away', 'busy', 'offline')
/** What the sender of a frame can do beyond version 1; names nobody knows are ignored. */
export const features = array(name, 64)
