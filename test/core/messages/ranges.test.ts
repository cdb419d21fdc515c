import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  clip,
  cover,
  cutBack,
  gapsBetween,
  grow,
  join,
  positionOf,
  rangeAt,
  rangeBelow,
  remember,
  type Span,
} from '../../../src/core/messages/ranges.js'
import type { StoredRange } from '../../../src/core/messages/record.js'

const range = (after: number, upTo: number): StoredRange => ({
  ...{ after, afterCursor: after === 0 ? null : `c${after}`, upTo, cursor: `c${upTo}` },
})
const covered = (ranges: readonly StoredRange[]): ReadonlySet<number> =>
  new Set(ranges.flatMap(({ after, upTo }) => Array.from({ length: upTo - after }, (_, i) => after + 1 + i)))
const stretches = fc.array(
  fc
    .tuple(fc.nat(40), fc.integer({ min: 1, max: 12 }))
    .map(([after, length]) => range(after, after + length)),
  { maxLength: 12 },
)

describe('ranges', () => {
  it('joined in any order cover what was added, no more and no less, apart and oldest first (I9)', () => {
    fc.assert(
      fc.property(stretches, (added) => {
        const ranges = added.reduce<readonly StoredRange[]>(join, [])
        expect(covered(ranges)).toEqual(covered(added))
        for (const [i, { after, upTo }] of ranges.entries()) {
          expect(after).toBeLessThan(upTo)
          const next = ranges[i + 1]
          if (next) expect(upTo).toBeLessThan(next.after)
        }
      }),
    )
  })

  it('keep the cursor of each end, whichever stretch brought it', () => {
    fc.assert(
      fc.property(stretches, (added) => {
        for (const { after, afterCursor, upTo, cursor } of added.reduce<readonly StoredRange[]>(join, [])) {
          expect(afterCursor).toBe(after === 0 ? null : `c${after}`)
          expect(cursor).toBe(`c${upTo}`)
        }
      }),
    )
  })

  it('grow at their newest end; the first begins at the start of the log', () => {
    const end = { seq: 9, cursor: 'c9' }
    expect(grow([], end)).toEqual([range(0, 9)])
    expect(grow([range(0, 2), range(4, 6)], end)).toEqual([range(0, 2), range(4, 9)])
  })

  it('stand where the newest ends', () => {
    expect(positionOf([])).toBeUndefined()
    expect(positionOf([range(0, 2), range(4, 6)])).toEqual({ seq: 6, cursor: 'c6' })
    expect(rangeAt([range(0, 2), range(4, 6)], 4)).toBeUndefined()
    expect(rangeAt([range(0, 2), range(4, 6)], 5)).toEqual(range(4, 6))
  })

  it('of memory cover what was added, and leave gaps between and before them', () => {
    const spans = [
      { after: 4, upTo: 6 },
      { after: 9, upTo: 9 },
      { after: 6, upTo: 8 },
      { after: 10, upTo: 12 },
    ].reduce<readonly Span[]>(cover, [])
    expect(spans).toEqual([
      { after: 4, upTo: 8 },
      { after: 10, upTo: 12 },
    ])
    expect(gapsBetween(spans, 5).map(({ after, before }) => [after, before])).toEqual([[8, 11]])
    expect(gapsBetween(spans, 3).map(({ after, before }) => [after, before])).toEqual([
      [2, 5],
      [8, 11],
    ])
    expect(clip(spans, { after: 7, upTo: 11 })).toEqual([
      { after: 7, upTo: 8 },
      { after: 10, upTo: 11 },
    ])
    expect(rangeBelow([range(4, 4)], 5)).toEqual(range(4, 4))
  })

  it('cut back keep nothing behind the end', () => {
    fc.assert(
      fc.property(stretches, fc.integer({ min: 1, max: 60 }), (added, seq) => {
        const ranges = added.reduce<readonly StoredRange[]>(join, [])
        const left = cutBack(ranges, { seq, cursor: `c${seq}` })
        for (const { after, upTo } of left) expect(after).toBeLessThan(upTo)
        expect(covered(left)).toEqual(new Set([...covered(ranges)].filter((one) => one <= seq)))
      }),
    )
    expect(cutBack([range(0, 9)], null)).toEqual([])
  })
})

describe('edges', () => {
  it('are at most 16, in order, newest ones close together, and reach far back', () => {
    let edges: readonly { readonly seq: number; readonly cursor: string }[] = []
    let most = 0
    for (let seq = 1; seq <= 100_000; seq++) {
      edges = remember(edges, { seq, cursor: `c${seq}` })
      most = Math.max(most, edges.length)
    }
    expect(most).toBeLessThanOrEqual(16)
    const seqs = edges.map((edge) => edge.seq)
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
    expect(100_000 - (seqs.at(-1) ?? 0)).toBeLessThan(16)
    // A log that lost its tail costs no more than a few times the tail, however long it was.
    for (const lost of [20, 50, 300, 1_000, 20_000]) {
      const found = seqs.findLast((seq) => seq <= 100_000 - lost) ?? 0
      expect(100_000 - found).toBeLessThan(4 * lost)
    }
  })
})
