import * as v from 'valibot'
import { isJson, type Json } from './json.js'
import { WIRE } from './limits.js'
import { STAMP_PATTERN } from './stamp.js'

/** The building blocks of frames. Every schema of the wire is made of these, so that a rule stands in one place. */

// Neither control characters nor halves of surrogate pairs: both break keys, logs and databases in ways that show late.
const NAME = /^[^\p{Cc}\p{Cs}]{1,128}$/u

/** An id or a room name: 1 to 128 characters, no control characters, no lone surrogates. */
export const name = v.pipe(v.string(), v.regex(NAME))
/** An opaque position in a room's log. */
export const cursor = v.pipe(v.string(), v.minLength(1), v.maxLength(WIRE.idChars))
/** A hybrid logical clock stamp, 24 characters. */
export const stamp = v.pipe(v.string(), v.regex(STAMP_PATTERN))
/** A whole number from 0. */
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
/** Milliseconds since the epoch, server time. */
export const time = count
/** Position of an operation in its room's log, from 1. */
export const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
/** A message's content: any JSON, at most 16 levels deep. */
export const body = v.custom<Json>((value) => isJson(value, WIRE.bodyDepth))
/** A short text for people or logs; never decides anything. */
export const text = v.pipe(v.string(), v.maxLength(1024))
export const token = v.pipe(v.string(), v.minLength(1), v.maxLength(16 * 1024))
export const reaction = v.pipe(v.string(), v.minLength(1), v.maxLength(WIRE.reactionChars))
/** What the sender of a frame can do beyond version 1; names nobody knows are ignored. */
export const features = v.pipe(v.array(name), v.maxLength(64))
