import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeFrames, utf8Bytes } from '../../src/protocol/index.js'
import { arbitraryOf, hostileJson } from './arbitrary.js'
import { sides } from './sides.js'

/*
 * The model of a codec knows no arrays: what a text of many values says is what each of them says alone, in order. So a bad one can
 * neither take its neighbours with it nor be helped by them.
 */

describe.each(sides)(
  'the codec of what a %s sends, against one value at a time',
  (_side, decode, shapes, most) => {
    it('reads a text of many as each of them alone, whatever stands beside it', () => {
      const good = fc.oneof(...Object.values(shapes).map(arbitraryOf))
      /** A frame of which one field is something else. */
      const spoilt = fc.tuple(good, fc.nat(9), hostileJson(3)).map(([frame, at, value]) => {
        const copy: Record<string, unknown> = JSON.parse(JSON.stringify(frame))
        const fields = Object.entries(copy)
        return Object.fromEntries(
          fields.map(([name, is], i) => [name, i === at % fields.length ? value : is]),
        )
      })
      const values = fc.array(fc.oneof(good, spoilt, hostileJson(3)), { minLength: 1, maxLength: 8 })
      fc.assert(
        fc.property(values, (all) => {
          const text = JSON.stringify(all)
          fc.pre(utf8Bytes(text) <= most)
          const alone = all.map((value) => decode(JSON.stringify([value])))
          const together = decode(text)
          expect(together.frames).toEqual(alone.flatMap((one): readonly unknown[] => one.frames))
          expect(together.refused).toEqual(alone.flatMap(({ refused }) => refused))
          expect(together.frames.length + together.refused.length).toBe(all.length)
        }),
        { numRuns: 60 },
      )
    })

    it('reads back what it printed, and prints what it read the same again', () => {
      const frames = fc.array(fc.oneof(...Object.values(shapes).map(arbitraryOf)), {
        minLength: 1,
        maxLength: 4,
      })
      fc.assert(
        fc.property(frames, (all) => {
          fc.pre(utf8Bytes(JSON.stringify(all)) <= most)
          const once = decode(JSON.stringify(all)).frames
          const text = encodeFrames(once)
          expect(encodeFrames(decode(text).frames)).toBe(text)
          expect(decode(text).frames).toEqual(once)
        }),
        { numRuns: 60 },
      )
    })
  },
)
