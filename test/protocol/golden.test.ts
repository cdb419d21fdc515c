import { describe, expect, it } from 'vitest'
import {
  clientFrames,
  decodeClientText,
  decodeServerText,
  encodeFrames,
  serverFrames,
} from '../../src/protocol/index.js'
import { goldenFrames, goldenOf } from './golden.js'

describe.each([
  ['client', decodeClientText, clientFrames],
  ['server', decodeServerText, serverFrames],
] as const)('what a %s sends', (side, decode, frames) => {
  it('has golden examples for every type of frame', () => {
    expect(goldenOf(side).map(({ type }) => type)).toEqual(Object.keys(frames).sort())
  })

  describe.each(goldenOf(side).map((golden) => [golden.type, golden] as const))('%s', (type, golden) => {
    it.each(golden.valid)('is taken as it is: $what', ({ text }) => {
      const { frames: taken, refused } = decode(text)
      expect(refused).toEqual([])
      expect(taken).toEqual([JSON.parse(text)])
      expect(JSON.parse(encodeFrames(taken))).toEqual(JSON.parse(text))
    })

    it.each(golden.invalid)('is refused: $what', ({ text, fault, path }) => {
      const { frames: taken, refused } = decode(text)
      expect(taken).toEqual([])
      expect(refused).toEqual([expect.objectContaining({ fault, path, type })])
    })

    if (golden.replaced.length > 0)
      it.each(golden.replaced)('is taken with a hole: $what', ({ text, messages }) => {
        const { frames: taken, refused } = decode(text)
        expect(refused).toEqual([])
        expect(taken).toEqual([{ ...JSON.parse(text), messages }])
      })

    it('is ignored where the other side sends it, unless both may', () => {
      if (type in clientFrames && type in serverFrames) return
      const other = side === 'client' ? decodeServerText : decodeClientText
      expect(other(golden.valid[0]?.text).refused).toEqual([
        expect.objectContaining({ fault: 'unknown_type', type }),
      ])
    })
  })

  it('is refused alone: one bad frame costs its neighbours in an array nothing', () => {
    for (const golden of goldenOf(side))
      for (const bad of golden.invalid) {
        const good = golden.valid[0]?.text ?? ''
        const { frames: taken, refused } = decode(`[${good},${bad.text},${good}]`)
        expect(taken).toEqual([JSON.parse(good), JSON.parse(good)])
        expect(refused).toHaveLength(1)
      }
  })
})

it('names each of its examples once', () => {
  for (const { type, valid, invalid } of goldenFrames) {
    const names = [...valid, ...invalid].map(({ what }) => `${type}: ${what}`)
    expect(names).toEqual([...new Set(names)])
  }
})
