import { isJson, type Json, WIRE } from '../../protocol/index.js'

type Fields = { readonly [field: string]: Json }

/** How a change of a record travels in a room: the id of the record, and one of three. */
export type RecordBody = { readonly record: string } & (
  | { readonly added: Fields; readonly changed?: never; readonly removed?: never }
  | { readonly changed: Fields; readonly added?: never; readonly removed?: never }
  | { readonly removed: true; readonly added?: never; readonly changed?: never }
)

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether a body is a change of a record, and nothing else. */
export function isRecordBody(value: unknown): value is RecordBody {
  if (!isObject(value) || !isJson(value, WIRE.bodyDepth)) return false
  const fields = new Map<string, unknown>(Object.entries(value))
  const { size } = fields
  if (size !== 2 || typeof fields.get('record') !== 'string' || fields.get('record') === '') return false
  return isObject(fields.get('added')) || isObject(fields.get('changed')) || fields.get('removed') === true
}

/**
 * The bodies of a room that holds records, as a Standard Schema: for clients whose rooms have a schema of their own,
 * `client.room('general:settings', { body: recordBody })`.
 */
export const recordBody = {
  '~standard': {
    version: 1,
    vendor: 'tidings',
    validate: (value: unknown) =>
      isRecordBody(value) ? { value } : { issues: [{ message: 'This is no change of a record.' }] },
  },
} as const
