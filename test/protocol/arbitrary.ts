import fc from 'fast-check'
import type { AnyShape, ShapeRule } from '../../src/protocol/shape.js'
import { STAMP_PATTERN } from '../../src/protocol/stamp.js'

/** JSON at most `levels` deep, with the keys that hurt. */
export const hostileJson = (levels: number): fc.Arbitrary<unknown> =>
  fc.letrec((tie) => ({
    key: fc.oneof(
      fc.constantFrom(
        '__proto__',
        'constructor',
        'prototype',
        'toString',
        'hasOwnProperty',
        '',
        'length',
        'toJSON',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
    ),
    scalar: fc.oneof(
      fc.constantFrom(null, true, false, 0, -0, -1, 1e308, 2 ** 53, ''),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string({ unit: 'binary', maxLength: 12 }),
    ),
    value: fc.oneof(
      { maxDepth: levels, depthSize: 'small', withCrossShrink: true },
      tie('scalar'),
      fc.array(tie('value'), { maxLength: 4 }),
      // Built as text and parsed, as a frame is: `__proto__` becomes a key of its own.
      fc
        .array(fc.tuple(tie('key'), tie('value')), { maxLength: 4 })
        .map((pairs) =>
          JSON.parse(
            `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`,
          ),
        ),
    ),
  })).value

const stringOf = (rule: ShapeRule & { kind: 'string' }): fc.Arbitrary<string> => {
  if (rule.pattern === STAMP_PATTERN) return fc.stringMatching(rule.pattern)
  return fc
    .string({
      unit: fc.constantFrom('a', 'Z', '7', ' ', '"', '\\', '/', 'ü', '€', '\u2028', '__proto__'),
      minLength: rule.min,
      maxLength: Math.min(rule.max, rule.min + 10),
    })
    .map((text) => text.slice(0, rule.max))
}

const numberOf = (rule: ShapeRule & { kind: 'number' }): fc.Arbitrary<number> =>
  rule.whole
    ? fc.integer({ min: rule.min, max: rule.max })
    : fc.double({ min: rule.min, max: rule.max, noNaN: true })

/** Values that fit a shape. */
export function arbitraryOf({ rule }: AnyShape): fc.Arbitrary<unknown> {
  switch (rule.kind) {
    case 'string':
      return stringOf(rule)
    case 'number':
      return numberOf(rule)
    case 'boolean':
      return fc.boolean()
    case 'oneOf':
      return fc.constantFrom(...rule.values)
    case 'json':
      return hostileJson(3)
    case 'nullable':
      return fc.option(arbitraryOf(rule.of))
    case 'array':
      return fc.array(arbitraryOf(rule.of), { maxLength: Math.min(rule.max, 3) })
    case 'record':
      return fc.dictionary(
        arbitraryOf(rule.key).map((key) => String(key)),
        arbitraryOf(rule.of),
        { maxKeys: 3 },
      )
    case 'object':
      return fc.record(Object.fromEntries(rule.fields.map(([key, shape]) => [key, arbitraryOf(shape)])), {
        requiredKeys: rule.fields.filter(([, shape]) => !shape.optional).map(([key]) => key),
      })
  }
}
