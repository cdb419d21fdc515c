import { name } from '../protocol/fields.js'
import { WIRE } from '../protocol/index.js'
import { fits } from '../protocol/shape.js'
import { TidingsError } from './errors.js'

/** A name of a room or id of a person as it was given, or a TidingsError `invalid_argument`. */
export function checkedName(given: string): string {
  if (fits(name, given)) return given
  const message = `A room name or user id has 1 to ${WIRE.idChars} characters, none of them a control character.`
  throw new TidingsError('invalid_argument', message)
}
