import { channelFields, type Fields, type Json } from '../../protocol/index.js'
import { TidingsError } from '../errors.js'
import type { Message } from '../message.js'
import type { BodySchema } from '../schema.js'

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

/** The fields that names and values in turn make. Throws a TidingsError `invalid_argument`. */
export function fieldsOf(pairs: readonly unknown[], { encode }: ChannelCoding): Fields {
  const made = channelFields(pairs, encode)
  if ('wrong' in made) throw new TidingsError('invalid_argument', made.wrong)
  return made.fields
}

/** A message of the log as the channel gives it. */
export function channelMessage({ id, body }: Message<Fields>, { decode }: ChannelCoding): ChannelMessage {
  const fields = Object.entries(body ?? {}).map(([name, stored]) => [name, decode ? decode(stored) : stored])
  return { ...Object.fromEntries(fields), offset: id }
}
