import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareText } from '../../src/protocol/index.js'

describe('a stamp', () => {
  it('S6: compares by code units: total, antisymmetric, the same in every language', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(compareText(a, b)).toBe(-compareText(b, a) + 0)
        expect(compareText(a, b) === 0).toBe(a === b)
      }),
    )
    expect(['ö', 'z', 'a\u200d', 'a', 'Z'].sort(compareText)).toEqual(['Z', 'a', 'a\u200d', 'z', 'ö'])
  })
})
