import { isJson, type Json, WIRE } from '../../protocol/index.js'
import { TidingsError } from '../errors.js'
import type { Message } from '../message.js'
import type { BodySchema } from '../schema.js'

/** What a message of a channel holds, as it is stored: its fields by name. */
export type Fields = Readonly<Record<string, Json>>

/** A message as a channel gives it: where it stands, and its fields, decoded. */
export interface ChannelMessage {
  /** Its id: what comes after it is had by `subscribe(channel, offset)`. */
  readonly offset: string
  readonly [field: string]: unknown
}

/** How values travel, and what is made of them. Both are asked once for each field; what they throw goes to who called, or is told as an error. */
export interface ChannelCoding {
  /** JSON for a value; unless given, values are JSON themselves. */
  readonly encode?: ((value: unknown) => Json) | undefined
  readonly decode?: ((stored: Json) => unknown) | undefined
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Bodies of channels are objects. One, so that a channel is always the same room. */
export const FIELDS: BodySchema<Fields, Fields> = {
  '~standard': {
    version: 1,
    vendor: 'tidings',
    validate: (value) =>
      isFields(value) ? { value } : { issues: [{ message: 'A message of a channel is an object.' }] },
  },
}

const wrong = (message: string): TidingsError => new TidingsError('invalid_argument', message)

function nameOf(name: unknown): string {
  if (typeof name === 'string' && name !== '' && name !== 'offset') return name
  throw wrong('A field of a message has a name, which is a text and not "offset".')
}

/** The fields that names and values in turn make. Throws a TidingsError `invalid_argument`. */
export function fieldsOf(pairs: readonly unknown[], { encode }: ChannelCoding): Fields {
  if (pairs.length === 0 || pairs.length % 2 === 1)
    throw wrong('A message is made of names and values in turn: publish(channel, name, value, …).')
  const entries = pairs.flatMap((name, i): (readonly [string, Json])[] => {
    if (i % 2 === 1) return []
    const value = pairs[i + 1]
    const stored = encode ? encode(value) : value
    if (!isJson(stored, DEPTH))
      throw wrong(`The value of "${String(name)}" is no JSON. Give the channels an encode.`)
    return [[nameOf(name), stored]]
  })
  return Object.fromEntries(entries)
}

/** Levels of a value: those of a body, less the one that holds the fields. */
const DEPTH = WIRE.bodyDepth - 1

/** A message of the log as the channel gives it. */
export function channelMessage({ id, body }: Message<Fields>, { decode }: ChannelCoding): ChannelMessage {
  const fields = Object.entries(body ?? {}).map(([name, stored]) => [name, decode ? decode(stored) : stored])
  return { ...Object.fromEntries(fields), offset: id }
}
