import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeFrames, utf8Bytes } from '../../src/protocol/index.js'
import { arbitraryOf, hostileJson } from './arbitrary.js'
import { goldenFrames } from './golden.js'
import { sides } from './sides.js'

/** What prototypes offer before and after must be the same. */
const prototypes = () =>
  [Object.prototype, Array.prototype, String.prototype, Function.prototype].map((each) => [
    Reflect.ownKeys(each),
    Object.getPrototypeOf(each),
  ])

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
