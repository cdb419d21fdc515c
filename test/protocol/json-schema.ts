import { clientFrames, PROTOCOL_VERSION, SUBPROTOCOL, serverFrames, WIRE } from '../../src/protocol/index.js'
import type { AnyShape, ShapeRule } from '../../src/protocol/shape.js'

/** As much of JSON Schema (2020-12) as the wire needs. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown }

const ref = (name: string): JsonSchema => ({ $ref: `#/$defs/${name}` })

const objectOf = (fields: readonly (readonly [string, AnyShape])[]): JsonSchema => ({
  type: 'object',
  properties: Object.fromEntries(fields.map(([key, { rule }]) => [key, schemaOf(rule)])),
  required: fields.filter(([, { optional }]) => !optional).map(([key]) => key),
})

const numberOf = (rule: ShapeRule & { kind: 'number' }): JsonSchema => ({
  type: rule.whole ? 'integer' : 'number',
  minimum: rule.min,
  // The largest number that JSON can carry is no bound worth printing.
  ...(rule.max !== Number.MAX_VALUE && { maximum: rule.max }),
})

const stringOf = (rule: ShapeRule & { kind: 'string' }): JsonSchema => ({
  type: 'string',
  minLength: rule.min,
  maxLength: rule.max,
  ...(rule.pattern && { pattern: rule.pattern.source }),
})

/** What a shape says, as JSON Schema. */
export function schemaOf(rule: ShapeRule): JsonSchema {
  switch (rule.kind) {
    case 'string':
      return stringOf(rule)
    case 'number':
      return numberOf(rule)
    case 'boolean':
      return { type: 'boolean' }
    case 'oneOf':
      return rule.values.length === 1 ? { const: rule.values[0] } : { enum: rule.values }
    case 'json':
      return ref(`json${rule.depth}`)
    case 'nullable':
      return { anyOf: [{ type: 'null' }, schemaOf(rule.of.rule)] }
    case 'object':
      return objectOf(rule.fields)
    case 'array':
      return { type: 'array', items: schemaOf(rule.of.rule), maxItems: rule.max }
    case 'record':
      return {
        type: 'object',
        propertyNames: schemaOf(rule.key.rule),
        additionalProperties: schemaOf(rule.of.rule),
      }
  }
}

const scalar = { type: ['null', 'boolean', 'number', 'string'] }

/** JSON at most `levels` deep: a schema each level, for JSON Schema cannot count. */
const jsonLevels = (levels: number): Record<string, JsonSchema> =>
  Object.fromEntries(
    Array.from({ length: levels + 1 }, (_, level) => [
      `json${level}`,
      level === 0
        ? scalar
        : {
            anyOf: [
              scalar,
              { type: 'array', items: ref(`json${level - 1}`) },
              { type: 'object', additionalProperties: ref(`json${level - 1}`) },
            ],
          },
    ]),
  )

const framesOf = (side: string, frames: Readonly<Record<string, AnyShape>>): Record<string, JsonSchema> =>
  Object.fromEntries(Object.entries(frames).map(([type, { rule }]) => [`${side}.${type}`, schemaOf(rule)]))

const textOf = (side: string, frames: object): Record<string, JsonSchema> => ({
  [`${side}.frame`]: { anyOf: Object.keys(frames).map((type) => ref(`${side}.${type}`)) },
  [`${side}.text`]: {
    anyOf: [
      ref(`${side}.frame`),
      { type: 'array', items: ref(`${side}.frame`), maxItems: WIRE.framesPerArray },
    ],
  },
})

/** The wire as one JSON Schema: `client.text` and `server.text` describe whole text messages. */
export const wireSchema = (): JsonSchema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: `The tidings wire, version ${PROTOCOL_VERSION} (${SUBPROTOCOL})`,
  description:
    `What peers send. Lengths are counted in UTF-16 code units, patterns are ECMAScript with the flag u. Not said here: a text from a client ` +
    `is at most ${WIRE.clientTextBytes} bytes, from a server ${WIRE.serverTextBytes}; the JSON of a body at most ${WIRE.bodyBytes}; receivers ` +
    `ignore types and fields they do not know; an entry of a page that does not fit costs only itself.`,
  $defs: {
    ...jsonLevels(WIRE.bodyDepth),
    ...framesOf('client', clientFrames),
    ...textOf('client', clientFrames),
    ...framesOf('server', serverFrames),
    ...textOf('server', serverFrames),
  },
  anyOf: [ref('client.text'), ref('server.text')],
})
