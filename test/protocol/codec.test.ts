import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeFrames, utf8Bytes, WIRE } from '../../src/protocol/index.js'
import { arbitraryOf, hostileJson } from './arbitrary.js'
import { goldenFrames } from './golden.js'
import { sides } from './sides.js'

/** What prototypes offer before and after must be the same. */
const prototypes = () =>
  [Object.prototype, Array.prototype, String.prototype, Function.prototype].map((each) => [
    Reflect.ownKeys(each),
    Object.getPrototypeOf(each),
  ])

const ping = '{"type":"ping","t":1}'

describe.each(sides)('the codec of what a %s sends', (_side, decode, shapes, maxBytes) => {
  it('S4: never throws and never touches a prototype, whatever text comes', () => {
    const before = prototypes()
    const damaged = fc
      .tuple(
        fc.constantFrom(...goldenFrames.flatMap(({ valid }) => valid.map(({ text }) => text))),
        fc.nat(),
        fc.nat(3),
      )
      .chain(([text, at, cut]) =>
        fc
          .string({ unit: 'binary', maxLength: 6 })
          .map((dirt) => text.slice(0, at % text.length) + dirt + text.slice((at % text.length) + cut)),
      )
    fc.assert(
      fc.property(fc.oneof(damaged, fc.string({ unit: 'binary' }), fc.json()), (text) => {
        const { frames, refused } = decode(text)
        expect(frames.length + refused.length).toBeGreaterThanOrEqual(text.startsWith('[') ? 0 : 1)
      }),
      { numRuns: 2_000 },
    )
    expect(prototypes()).toEqual(before)
  })

  it('S4: never throws and never touches a prototype, whatever stands in the fields', () => {
    const before = prototypes()
    const types = Object.keys(shapes)
    const fields = [...new Set(Object.values(shapes).flatMap(({ fields: own }) => Object.keys(own)))]
    const frame = fc
      .tuple(
        fc.constantFrom(...types),
        fc.dictionary(fc.constantFrom(...fields), hostileJson(4)),
        hostileJson(4),
      )
      .map(([type, some, rest]) => ({ ...some, rest, type }))
    fc.assert(
      fc.property(fc.array(fc.oneof(frame, hostileJson(4)), { maxLength: 5 }), (values) => {
        const { frames, refused } = decode(JSON.stringify(values))
        expect(frames.length + refused.length).toBe(values.length)
      }),
      { numRuns: 1_000 },
    )
    expect(prototypes()).toEqual(before)
  })

  it('takes back what it printed, for every frame that its shapes allow', () => {
    const frame = fc.oneof(...Object.values(shapes).map(arbitraryOf))
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 4 }), (values) => {
        const text = JSON.stringify(values.length === 1 ? values[0] : values)
        fc.pre(utf8Bytes(text) <= maxBytes)
        const { frames, refused } = decode(text)
        expect(refused).toEqual([])
        expect(JSON.parse(encodeFrames(frames))).toEqual(JSON.parse(text))
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    ['bytes instead of text', new Uint8Array([1]), 'not_a_frame'],
    ['nothing', undefined, 'not_a_frame'],
    ['an empty text', '', 'not_json'],
    ['half a frame', '{"type":"ping"', 'not_json'],
    ['two frames one after the other', `${ping}${ping}`, 'not_json'],
    ['NaN', '{"type":"ping","t":NaN}', 'not_json'],
    ['a number', '7', 'not_a_frame'],
    ['null', 'null', 'not_a_frame'],
    ['an object without a type', '{"t":1}', 'not_a_frame'],
    ['a type that is a number', '{"type":7}', 'not_a_frame'],
    ['a type of 129 characters', `{"type":"${'x'.repeat(129)}"}`, 'not_a_frame'],
    ['an array in an array', `[[${ping}]]`, 'not_a_frame'],
    ['a type of tomorrow', '{"type":"hologram"}', 'unknown_type'],
    ['a type of a prototype', '{"type":"constructor"}', 'unknown_type'],
    ['a type named __proto__', '{"type":"__proto__"}', 'unknown_type'],
    ['a number too large for a float', '{"type":"ping","t":1e400}', 'invalid'],
    ['a field that only a prototype has', '{"type":"ping","__proto__":{"t":1}}', 'invalid'],
  ])('refuses %s', (_what, text, fault) => {
    const { frames, refused } = decode(text)
    expect(frames).toEqual([])
    expect(refused).toEqual([expect.objectContaining({ fault })])
  })

  it('takes an empty array for what it is', () => {
    expect(decode('[]')).toEqual({ frames: [], refused: [] })
  })

  it('tells whom a refused frame is about and where it is wrong, and repeats none of its content', () => {
    const { refused } = decode('{"type":"pong","id":"op-1","room":"general","t":"secret","now":"secret"}')
    expect(refused).toEqual([{ fault: 'invalid', type: 'pong', id: 'op-1', room: 'general', path: 't' }])
  })

  it.each([
    ['too long', `"${'i'.repeat(129)}"`],
    ['empty', '""'],
    ['a number', '7'],
    ['with a control character', '"a\\u0000b"'],
    ['with half a surrogate pair', '"a\\ud800"'],
  ])('names no id or room that an answer could not repeat: %s', (_what, bad) => {
    const { refused } = decode(`{"type":"pong","id":${bad},"room":${bad}}`)
    expect(refused).toEqual([{ fault: 'invalid', type: 'pong', path: 't' }])
  })

  it('takes as many frames as an array may hold, and not one more', () => {
    const array = (count: number) => `[${Array.from({ length: count }, () => ping).join()}]`
    expect(decode(array(WIRE.framesPerArray)).frames).toHaveLength(WIRE.framesPerArray)
    expect(decode(array(WIRE.framesPerArray + 1))).toEqual({ frames: [], refused: [{ fault: 'too_many' }] })
  })

  it.each([
    ['one byte', 'x'],
    ['two', 'ü'],
    ['three', '€'],
    ['four', '👍'],
  ])('counts bytes, not characters: the longest text of letters of %s', (_bytes, letter) => {
    const frame = (pad: string) => `{"type":"ping","t":1,"pad":"${pad}"}`
    const room = maxBytes - utf8Bytes(frame(''))
    const fill = letter.repeat(Math.floor(room / utf8Bytes(letter)))
    const longest = frame(fill + 'x'.repeat(room - utf8Bytes(fill)))
    expect(new TextEncoder().encode(longest)).toHaveLength(maxBytes)
    expect(decode(longest).refused).toEqual([])
    expect(decode(`${longest} `)).toEqual({ frames: [], refused: [{ fault: 'too_large' }] })
  })

  it('survives a text nested 100,000 levels deep', () => {
    const levels = 100_000
    const deep = `${'['.repeat(levels)}${']'.repeat(levels)}`.slice(0, maxBytes)
    expect(() => decode(deep)).not.toThrow()
    const inside = '['.repeat(15_000) + ']'.repeat(15_000)
    const { frames } = decode(`[${ping},{"type":"message","body":${inside}},${ping}]`)
    expect(frames).toHaveLength(2)
  })
})

it('counts bytes as an encoder does, halves of pairs included', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(utf8Bytes(text)).toBe(new TextEncoder().encode(text).length)
    }),
  )
  expect(utf8Bytes('\ud83d')).toBe(3)
  expect(utf8Bytes('\udc4d\ud83d')).toBe(6)
})
