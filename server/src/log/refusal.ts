import type { Refused } from '../core/seams.js'

/** Why a log does not take an operation, in words for who reads a trace. */
export const REFUSALS = {
  forbidden: 'Only the author may change a message.',
  deleted: 'The message was deleted.',
  conflict: 'The message has changed since.',
  id_conflict: 'This id was used for something else.',
  not_found: 'The message that this refers to is not here.',
  too_large: 'This message has too many reactions.',
  dedupe_expired: 'Nobody can tell any more whether this was sent before.',
} as const satisfies Partial<Record<Refused['code'], string>>

export const refusal = (code: keyof typeof REFUSALS): Refused => ({
  done: false,
  code,
  message: REFUSALS[code],
})
