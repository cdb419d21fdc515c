import { type BodyIssue, TidingsError } from './errors.js'
import { isThenable } from './thenable.js'

/*
 * Standard Schema, version 1: what valibot, zod, arktype and others have in common (https://standardschema.dev). Its types are
 * repeated here, as it asks for, so that no package is needed.
 */

/** A schema of bodies. `Input` is what is written and travels; `Output` is what is read. They differ where the schema transforms. */
export interface BodySchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** What a schema says of a value. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/** What a schema finds wrong. */
export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** A body as it is read, or why it cannot be. */
export type Read<Output> =
  | { readonly fits: true; readonly value: Output }
  | { readonly fits: false; readonly issues: readonly BodyIssue[]; readonly cause?: unknown }

const issueOf = ({ message, path = [] }: SchemaIssue): BodyIssue => ({
  message,
  path: path.map((step) => String(typeof step === 'object' ? step.key : step)),
})

const ASYNC =
  'The schema answers later: a body has to be valid or not at once. Leave out what is asynchronous in it.'

/** Reads a value by a schema. Never throws, whatever the schema does. */
export function readBy<Output>(schema: BodySchema<unknown, Output>, value: unknown): Read<Output> {
  try {
    const result = schema['~standard'].validate(value)
    if (isThenable(result)) {
      // Nobody waits for it.
      result.then(undefined, () => undefined)
      return { fits: false, issues: [{ message: ASYNC, path: [] }] }
    }
    if (result.issues) return { fits: false, issues: result.issues.map(issueOf) }
    return { fits: true, value: result.value }
  } catch (cause) {
    return { fits: false, issues: [{ message: 'The schema threw.', path: [] }], cause }
  }
}

/** The body as the schema reads it, or a TidingsError `invalid_body` with the issues. */
export function checkedBy<Output>(schema: BodySchema<unknown, Output>, value: unknown): Output {
  const read = readBy(schema, value)
  if (read.fits) return read.value
  const { issues, cause } = read
  const where = ({ path, message }: BodyIssue): string =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message
  const text = `The body does not fit its schema (${issues.map(where).join('; ')}). Nothing was sent.`
  throw new TidingsError('invalid_body', text, { issues, ...(cause !== undefined && { cause }) })
}
