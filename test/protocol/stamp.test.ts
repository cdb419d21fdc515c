import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compareText,
  formatStamp,
  MAX_STAMP_COUNTER,
  MAX_STAMP_MS,
  NODE_LENGTH,
  parseStamp,
  STAMP_LENGTH,
  STAMP_PATTERN,
  type StampParts,
  stampAfter,
  stampMs,
} from '../../src/protocol/index.js'

const node = fc.string({
  unit: fc.constantFrom(...'ABCXYZabcxyz0189_-'),
  minLength: NODE_LENGTH,
  maxLength: NODE_LENGTH,
})
const parts = fc.record({
  ms: fc.integer({ min: 0, max: MAX_STAMP_MS - 1 }),
  counter: fc.integer({ min: 0, max: MAX_STAMP_COUNTER }),
  node,
})
const print = ({ ms, counter, node: name }: StampParts) => formatStamp(ms, counter, name)

describe('a stamp', () => {
  it('S8: has one width and one look, and is read back as it was printed', () => {
    fc.assert(
      fc.property(parts, (each) => {
        const stamp = print(each)
        expect(stamp).toHaveLength(STAMP_LENGTH)
        expect(stamp).toMatch(STAMP_PATTERN)
        expect(parseStamp(stamp)).toEqual(each)
        expect(stampMs(stamp)).toBe(each.ms)
      }),
    )
  })

  it('S8: sorts as text by time, then counter, then node', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const byParts = a.ms - b.ms || a.counter - b.counter || compareText(a.node, b.node)
        expect(Math.sign(compareText(print(a), print(b)))).toBe(Math.sign(byParts))
      }),
    )
  })

  it('has room for its largest parts and none beyond', () => {
    expect(print({ ms: MAX_STAMP_MS, counter: MAX_STAMP_COUNTER, node: '-'.repeat(NODE_LENGTH) })).toBe(
      'zzzzzzzzzzzzz-----------',
    )
    expect(new Date(MAX_STAMP_MS).getUTCFullYear()).toBe(5188)
  })

  it('is followed by the smallest one of a node that is after it', () => {
    fc.assert(
      fc.property(parts, node, fc.integer({ min: -2, max: 2 }), (last, mine, ahead) => {
        // A clock's own bound: a millisecond must be left for what follows.
        const now = Math.min(Math.max(0, last.ms + ahead), MAX_STAMP_MS - 1)
        const next = stampAfter(print(last), now, mine)
        expect(next > print(last)).toBe(true)
        expect(next).toMatch(STAMP_PATTERN)
        expect(stampMs(next)).toBe(
          Math.max(now, last.ms) + (now <= last.ms && last.counter === MAX_STAMP_COUNTER ? 1 : 0),
        )
      }),
    )
  })

  it('S5: moves time by a millisecond when the counter is full', () => {
    const full = formatStamp(1_000, MAX_STAMP_COUNTER, 'aaaaaaaaaaa')
    expect(parseStamp(stampAfter(full, 5, 'bbbbbbbbbbb'))).toEqual({
      ms: 1_001,
      counter: 0,
      node: 'bbbbbbbbbbb',
    })
  })

  it('begins at the given time when there is none before', () => {
    expect(stampAfter(undefined, 7, 'bbbbbbbbbbb')).toBe(formatStamp(7, 0, 'bbbbbbbbbbb'))
  })
})
