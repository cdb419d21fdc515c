import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  boolean,
  json,
  maybe,
  nullable,
  object,
  oneOf,
  positive,
  record,
  string,
} from '../../src/protocol/shape.js'
import { schemaOf, wireSchema } from './json-schema.js'

const file = new URL('../../docs/protocol.schema.json', import.meta.url)

describe('the published schema', () => {
  it('says what the code checks (UPDATE_SCHEMA=1 writes it anew)', () => {
    const schema = wireSchema()
    if (process.env['UPDATE_SCHEMA'] === '1') writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`)
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)))
  })

  it('points only at what it defines', () => {
    const schema = JSON.parse(JSON.stringify(wireSchema()))
    const pointers = [...JSON.stringify(schema).matchAll(/"#\/\$defs\/([^"]+)"/g)].map(([, name]) => name)
    expect(pointers.length).toBeGreaterThan(60)
    expect(pointers.filter((name) => !Object.hasOwn(schema.$defs, name ?? ''))).toEqual([])
  })

  it('is printed from the rules alone', () => {
    const shape = object({
      kind: oneOf('a'),
      level: oneOf('a', 'b'),
      name: string(1, 9, /^x/),
      rate: positive,
      on: maybe(boolean),
      none: nullable(boolean),
      body: json(2),
      by: record(string(1, 3), boolean),
    })
    expect(schemaOf(shape.rule)).toEqual({
      type: 'object',
      properties: {
        kind: { const: 'a' },
        level: { enum: ['a', 'b'] },
        name: { type: 'string', minLength: 1, maxLength: 9, pattern: '^x' },
        rate: { type: 'number', minimum: 0 },
        on: { type: 'boolean' },
        none: { anyOf: [{ type: 'null' }, { type: 'boolean' }] },
        body: { $ref: '#/$defs/json2' },
        by: {
          type: 'object',
          propertyNames: { type: 'string', minLength: 1, maxLength: 3 },
          additionalProperties: { type: 'boolean' },
        },
      },
      required: ['kind', 'level', 'name', 'rate', 'none', 'body', 'by'],
    })
  })
})
