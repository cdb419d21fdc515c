import { WIRE } from 'tidings/protocol'
import type { Chance } from './chance.js'
import { createMisfits } from './misfits.js'
import {
  createValues,
  type Fields,
  HOSTILE_KEYS,
  isFields,
  print,
  put,
  type Rule,
  type Shape,
  type Words,
} from './values.js'

/** What a codec owes one value of a text. */
export type Owed =
  /** It comes out, printed like this. */
  | { readonly is: 'accepted'; readonly reads: string }
  | { readonly is: 'refused'; readonly fault: string; readonly path?: string }

/** One value of a text, as it goes onto the wire. */
export interface Piece {
  /** Its type, or what it is instead of a frame; for the table. */
  readonly kind: string
  readonly text: string
  readonly owed: Owed
}

/** How the frames of a session are spread over the ways of being wrong. */
export interface Mix {
  readonly fitting: number
  readonly spoilt: number
  readonly strange: number
}

type Shapes = Readonly<Record<string, Shape>>

const isList = (value: unknown): value is unknown[] => Array.isArray(value)

/** Values that are no frames at all, and why. */
const NO_FRAMES = [
  ['7', 'not_a_frame'],
  ['null', 'not_a_frame'],
  ['"ping"', 'not_a_frame'],
  ['true', 'not_a_frame'],
  ['[]', 'not_a_frame'],
  ['{}', 'not_a_frame'],
  ['{"type":7}', 'not_a_frame'],
  ['{"type":null,"id":"x"}', 'not_a_frame'],
  ['{"type":["ping"],"t":1}', 'not_a_frame'],
  ['{"__proto__":{"type":"ping","t":1}}', 'not_a_frame'],
  [`{"type":"${'x'.repeat(WIRE.idChars + 1)}"}`, 'not_a_frame'],
  ['{"type":""}', 'unknown_type'],
  ['{"type":"Ping","t":1}', 'unknown_type'],
  ['{"type":"teleport","room":"general","id":"x"}', 'unknown_type'],
] as const

/** Makes frames of one side of the wire: some that fit, some with one thing wrong, some that are nothing. */
export function createPieces(chance: Chance, shapes: Shapes, words: Words, mix: Mix) {
  const values = createValues(chance, words)
  const misfits = createMisfits(chance, values)
  const types = Object.keys(shapes)

  /** Fields that nobody knows are left alone. */
  function decorate(value: Fields): void {
    if (chance.chance(0.9)) return
    const key = chance.chance(0.7) ? chance.one(HOSTILE_KEYS) : 'author'
    put(value, key, values.json(2))
  }

  /** In the lists that put something else in the place of an element, an element may be spoilt and the frame still fits. */
  function spoilElements(rule: Rule, value: Fields): unknown {
    if (rule.kind !== 'object') return value
    for (const [key, shape] of rule.fields) {
      const list: unknown = Reflect.get(value, key)
      if (shape.rule.kind !== 'array' || !shape.rule.replace || !isList(list)) continue
      const { of } = shape.rule
      const read = list.map((element, i) => {
        if (chance.chance(0.7)) return element
        const spoilt = misfits.spoil(of.rule, element)
        list[i] = spoilt.value
        return unreadable(spoilt.value)
      })
      return Object.fromEntries(
        Object.entries(value).map(([name, each]) => [name, name === key ? read : each]),
      )
    }
    return value
  }

  function frame(type: string): { readonly rule: Rule; readonly value: Fields } {
    const rule = shapes[type]?.rule
    const value = rule && values.fitting(rule, type)
    if (!rule || !isFields(value)) throw new Error(`There is no frame ${type}.`)
    return { rule, value }
  }

  function accepted(type: string): Piece {
    const { rule, value } = frame(type)
    const read = spoilElements(rule, value)
    const text = print(value)
    if (read !== value) return { kind: type, text, owed: { is: 'accepted', reads: print(read) } }
    decorate(value)
    const whole = print(value)
    return { kind: type, text: whole, owed: { is: 'accepted', reads: whole } }
  }

  function refused(type: string): Piece {
    const { rule, value } = frame(type)
    const spoilt = misfits.spoil(rule, value)
    // What is no object has no type, either.
    if (spoilt.path === '') return noFrame()
    return {
      kind: type,
      text: print(spoilt.value),
      owed: { is: 'refused', fault: 'invalid', path: spoilt.path },
    }
  }

  function noFrame(): Piece {
    if (chance.chance(0.3)) {
      const { value } = frame(chance.pick(types) ?? '')
      put(value, 'type', chance.one(HOSTILE_KEYS))
      return { kind: 'no frame', text: print(value), owed: { is: 'refused', fault: 'unknown_type' } }
    }
    const [text, fault] = chance.pick(NO_FRAMES) ?? NO_FRAMES[0]
    return { kind: 'no frame', text, owed: { is: 'refused', fault } }
  }

  return {
    /** A frame of this type, or of any. */
    next(type = chance.pick(types) ?? ''): Piece {
      switch (chance.weighted(mix)) {
        case 'fitting':
          return accepted(type)
        case 'spoilt':
          return refused(type)
        case 'strange':
          return noFrame()
      }
    },
    /** One that fits. */
    fitting: accepted,
  }
}

export type Pieces = ReturnType<typeof createPieces>

/** What stands in the place of an entry that does not fit. */
function unreadable(bad: unknown): unknown {
  const seq: unknown =
    typeof bad === 'object' && bad !== null && Object.hasOwn(bad, 'seq') ? Reflect.get(bad, 'seq') : 0
  const fits = typeof seq === 'number' && Number.isSafeInteger(seq) && seq >= 1
  return fits ? { kind: 'unreadable', seq } : { kind: 'unreadable' }
}
