import type { Chance } from './chance.js'
import {
  ENDLESS,
  type Fields,
  isFields,
  put,
  type Rule,
  type RuleOf,
  type Shape,
  type Values,
} from './values.js'

/** Spoils one thing of a value that fits a rule, and says where. */
export interface Misfits {
  /** A value in the place of one that fits, which does not; the path of what is wrong with it, '' for the value itself. */
  spoil(rule: Rule, value: unknown): { readonly value: unknown; readonly path: string }
}

/** Longer lists are only made wrong in other ways: a million elements a frame would be a test of patience. */
const LONGEST_LIST = 256

const below = (key: string | number, path: string): string => (path === '' ? String(key) : `${key}.${path}`)

/** What a rule of this kind never lets pass, whatever its bounds are. */
const WRONG_TYPES: Readonly<
  Record<Exclude<Rule['kind'], 'json' | 'nullable'>, readonly [unknown, ...unknown[]]>
> = {
  string: [null, 0, true, [], {}, ['x'], { length: 1 }, ENDLESS],
  number: [null, '1', true, [], {}, [1], ENDLESS, ''],
  boolean: [null, 0, 1, 'true', [], {}],
  oneOf: [null, 0, [], {}, '', 'nonsense', '__proto__', 'constructor'],
  object: [null, 0, '', 'x', [], true, [{}]],
  array: [null, 0, '', {}, { length: 0 }, 'x', true],
  record: [null, 0, '', 'x', [], true],
}

export function createMisfits(chance: Chance, values: Values): Misfits {
  function badText({ min, max, pattern }: RuleOf<'string'>): unknown {
    const wrong: [unknown, ...unknown[]] = ['x'.repeat(max + 1)]
    if (min > 0) wrong.push('')
    if (pattern) wrong.push('a\u0000', 'half \ud83d', '\udc00 half', 'line\nfeed')
    if (pattern && min === max) wrong.push('yesterday', 'Z'.repeat(min), `${'0'.repeat(min - 1)}€`)
    return chance.chance(0.5) ? chance.one(wrong) : chance.one(WRONG_TYPES.string)
  }

  function badNumber({ min, max, whole }: RuleOf<'number'>): unknown {
    const wrong: [unknown, ...unknown[]] = [min - 1]
    if (max < Number.MAX_VALUE) wrong.push(max + 1, 2 ** 1000)
    if (whole) wrong.push(min + 0.5, 1.8e12 + 0.25)
    return chance.chance(0.5) ? chance.one(wrong) : chance.one(WRONG_TYPES.number)
  }

  function badJson({ depth }: RuleOf<'json'>): unknown {
    return chance.one([
      values.deep(depth + 1),
      values.deep(depth + 30),
      ENDLESS,
      [ENDLESS],
      { a: { b: ENDLESS } },
    ])
  }

  function badEntry(rule: RuleOf<'record'>, value: Fields): { value: unknown; path: string } {
    const key = chance.one(['', 'x'.repeat(64), 'y'.repeat(33)])
    if (chance.chance(0.5)) {
      put(value, key, [])
      return { value, path: key }
    }
    const spoilt = spoil(rule.of.rule, values.fitting(rule.of.rule, ''))
    // Under a key of its own, so that it is the only thing wrong.
    put(value, 'spoilt', spoilt.value)
    return { value, path: below('spoilt', spoilt.path) }
  }

  function badField(fields: readonly (readonly [string, Shape])[], value: Fields) {
    const own = fields.filter(
      ([key, shape]) => key !== 'type' && (Object.hasOwn(value, key) || !shape.optional),
    )
    const [key, shape] = chance.pick(own) ?? []
    if (key === undefined || shape === undefined) return undefined
    if (!shape.optional && chance.chance(0.15)) {
      Reflect.deleteProperty(value, key)
      // What a prototype offers is not a field, and neither is what looks like one.
      if (chance.chance(0.5)) put(value, '__proto__', { [key]: values.fitting(shape.rule, key) })
      return { value, path: key }
    }
    const spoilt = spoil(shape.rule, Reflect.get(value, key))
    put(value, key, spoilt.value)
    return { value, path: below(key, spoilt.path) }
  }

  function badElement(rule: RuleOf<'array'>, value: unknown[]) {
    if (!rule.replace && value.length > 0 && chance.chance(0.6)) {
      const at = chance.whole(value.length)
      const spoilt = spoil(rule.of.rule, value[at])
      value[at] = spoilt.value
      return { value, path: below(at, spoilt.path) }
    }
    if (rule.max > LONGEST_LIST || chance.chance(0.9)) return undefined
    return { value: Array.from({ length: rule.max + 1 }, () => values.fitting(rule.of.rule, '')), path: '' }
  }

  function spoil(rule: Rule, value: unknown): { readonly value: unknown; readonly path: string } {
    const whole = (wrong: unknown) => ({ value: wrong, path: '' })
    switch (rule.kind) {
      case 'string':
        return whole(badText(rule))
      case 'number':
        return whole(badNumber(rule))
      case 'json':
        return whole(badJson(rule))
      case 'nullable': {
        const spoilt = spoil(rule.of.rule, value ?? values.fitting(rule.of.rule, ''))
        // Null fits here.
        return spoilt.value === null ? whole(false) : spoilt
      }
      case 'object': {
        const inside = isFields(value) && chance.chance(0.85) ? badField(rule.fields, value) : undefined
        return inside ?? whole(chance.one(WRONG_TYPES.object))
      }
      case 'array':
        return (Array.isArray(value) && badElement(rule, value)) || whole(chance.one(WRONG_TYPES.array))
      case 'record':
        return isFields(value) && chance.chance(0.7)
          ? badEntry(rule, value)
          : whole(chance.one(WRONG_TYPES.record))
      default:
        return whole(chance.one(WRONG_TYPES[rule.kind]))
    }
  }

  return { spoil }
}
