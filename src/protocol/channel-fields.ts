import { isJson, type Json } from './json.js'
import { WIRE } from './limits.js'

/** What a message of a channel holds, as it is stored: its fields by name. */
export type Fields = Readonly<Record<string, Json>>

/** Levels of a value: those of a body, less the one that holds the fields. */
const DEPTH = WIRE.bodyDepth - 1

/**
 * The fields that names and values in turn make, or what is wrong with them. `encode` makes JSON of a value; what it throws goes to who
 * called.
 */
export function channelFields(
  pairs: readonly unknown[],
  encode?: (value: unknown) => Json,
): { readonly fields: Fields } | { readonly wrong: string } {
  if (pairs.length === 0 || pairs.length % 2 === 1)
    return { wrong: 'A message is made of names and values in turn: publish(channel, name, value, …).' }
  const entries: (readonly [string, Json])[] = []
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i]
    const stored = encode ? encode(pairs[i + 1]) : pairs[i + 1]
    if (!isJson(stored, DEPTH))
      return { wrong: `The value of "${String(name)}" is no JSON. Give the channels an encode.` }
    if (typeof name !== 'string' || name === '' || name === 'offset')
      return { wrong: 'A field of a message has a name, which is a text and not "offset".' }
    entries.push([name, stored])
  }
  return { fields: Object.fromEntries(entries) }
}
