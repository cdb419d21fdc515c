import type { serverFrames } from 'tidings/protocol'
import type { Chance } from './chance.js'

/** A shape of the protocol, as plain data. */
export interface Shape {
  readonly rule: Rule
  readonly optional?: true
}
export type Rule = (typeof serverFrames)['ping']['rule']
export type RuleOf<K extends Rule['kind']> = Extract<Rule, { readonly kind: K }>

/** What stands in the fields of a session's frames, so that what is made up is about something. Undefined: anything will do. */
export interface Words {
  text(key: string): string | undefined
  number(key: string): number | undefined
}

/** Stands for a number that is too large for JSON.parse to give back: it is printed as 1e999. */
export const ENDLESS = '@1e999@'
const PRINTED_ENDLESS = JSON.stringify(ENDLESS)

export const print = (value: unknown): string => {
  const text = JSON.stringify(value)
  return text.includes(PRINTED_ENDLESS) ? text.replaceAll(PRINTED_ENDLESS, '1e999') : text
}

/** An object of a frame. */
export type Fields = Record<string, unknown>

/** Sets a field as JSON.parse does: `__proto__` is a key like any other. */
export function put(target: Fields, key: string, value: unknown): void {
  // Defining is slow, and only one key needs it.
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  else target[key] = value
}

/** Keys and ids that hurt those who keep things in plain objects. */
export const HOSTILE_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'toJSON',
  'length',
  'then',
  'valueOf',
] as const

const LETTERS = ['a', 'Z', '7', '-', ' ', '"', '\\', 'ü', '€', '😀', '\u2028', '\u200f', 'e\u0301'] as const
/** Where a shape has no pattern, these pass as well. */
const ROUGH = [...LETTERS, '\u0000', '\n', '\ud800', '\udfff'] as const
const ID_LETTERS = ['a', 'b', '0', '_', '-', 'Z'] as const
const USUAL_CHARS = 12

/** Whether a value is an object of a frame. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function createValues(chance: Chance, words: Words) {
  function chars(count: number, letters: readonly [string, ...string[]]): string {
    let text = ''
    while (text.length < count) text += chance.one(letters)
    // Half a pair must not be left where the cut is.
    return text.length > count ? `${text.slice(0, count - 1)}x` : text
  }

  function stamp(): string {
    const ms = chance.one([0, 1, 1.7e12, 1.8e12, 36 ** 9 - 1])
    return `${Math.floor(ms).toString(36).padStart(9, '0')}${chance.one(['0000', '0001', 'zzzz'])}${chars(11, ID_LETTERS)}`
  }

  function text(rule: RuleOf<'string'>, key: string): string {
    const known = chance.chance(0.8) ? words.text(key) : undefined
    if (known !== undefined && known.length >= rule.min && known.length <= rule.max) return known
    if (rule.pattern && rule.min === rule.max) return stamp()
    if (chance.chance(0.15)) return chance.one(HOSTILE_KEYS).slice(0, rule.max)
    if (chance.chance(0.01)) return 'x'.repeat(rule.max)
    return chars(Math.min(rule.max, rule.min + chance.whole(USUAL_CHARS)), rule.pattern ? LETTERS : ROUGH)
  }

  function number({ min, max, whole }: RuleOf<'number'>, key: string): number {
    const known = chance.chance(0.8) ? words.number(key) : undefined
    if (known !== undefined && known >= min && known <= max) return known
    const found = chance.one([min, max, min + 1, min + chance.whole(1_000), 2 ** 31, 2 ** 32, 1.8e12])
    if (!whole && chance.chance(0.3)) return min + chance.between(0, 10)
    return Math.min(max, found)
  }

  /** JSON with exactly so many levels of lists and objects somewhere. */
  function deep(levels: number): unknown {
    let value: unknown = chance.one([null, 'end', 0])
    for (let level = 0; level < levels; level++) {
      if (chance.chance(0.5)) value = [value]
      else {
        const object: Fields = {}
        put(object, chance.one(HOSTILE_KEYS), value)
        value = object
      }
    }
    return value
  }

  function json(levels: number): unknown {
    if (chance.chance(0.02)) return deep(levels)
    const kind = chance.whole(levels > 0 ? 7 : 4)
    if (kind === 0) return chance.one([null, true, false])
    if (kind === 1) return chance.one([0, -0, -1, 0.1, 1e308, 2 ** 53, 5e-324])
    if (kind < 5 || levels <= 0) return chars(chance.whole(USUAL_CHARS), ROUGH)
    if (kind === 5) return Array.from({ length: chance.whole(4) }, () => json(Math.min(3, levels - 1)))
    const object: Fields = {}
    for (let i = chance.whole(4); i > 0; i--)
      put(
        object,
        chance.chance(0.3) ? chance.one(HOSTILE_KEYS) : chars(3, LETTERS),
        json(Math.min(3, levels - 1)),
      )
    return object
  }

  function object({ fields }: RuleOf<'object'>): Fields {
    const made: Fields = {}
    for (const [key, shape] of fields)
      if (!shape.optional || chance.chance(0.5)) put(made, key, fitting(shape.rule, key))
    return made
  }

  function list({ of, max }: RuleOf<'array'>, key: string): unknown[] {
    const length = Math.min(max, chance.chance(0.02) ? chance.whole(64) : chance.whole(4))
    return Array.from({ length }, () => fitting(of.rule, key))
  }

  function record({ key: keys, of }: RuleOf<'record'>): Fields {
    const made: Fields = {}
    for (let i = chance.whole(4); i > 0; i--)
      put(made, String(fitting(keys.rule, 'emoji')), fitting(of.rule, 'userId'))
    return made
  }

  /** A value that the rule lets pass; `key` is the field in which it will stand. */
  function fitting(rule: Rule, key: string): unknown {
    switch (rule.kind) {
      case 'string':
        return text(rule, key)
      case 'number':
        return number(rule, key)
      case 'boolean':
        return chance.chance(0.5)
      case 'oneOf':
        return chance.pick(rule.values)
      case 'json':
        return json(rule.depth)
      case 'nullable':
        return chance.chance(0.3) ? null : fitting(rule.of.rule, key)
      case 'object':
        return object(rule)
      case 'array':
        return list(rule, key)
      case 'record':
        return record(rule)
    }
  }

  return { fitting, json, deep, chars }
}

export type Values = ReturnType<typeof createValues>
