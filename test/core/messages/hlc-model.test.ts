import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHlc } from '../../../src/core/messages/hlc.js'
import { formatStamp, MAX_STAMP_COUNTER, parseStamp } from '../../../src/protocol/index.js'

/*
 * The model of a clock is one whole number: milliseconds times the counters of one millisecond, plus the counter. A tick is the wall,
 * or one more than the largest number seen. A stamp that differs by its node alone counts as its number.
 */

const PER_MS = BigInt(MAX_STAMP_COUNTER + 1)
const START = 1_900_000_000_000
const NODES = ['aaaaaaaaaaa', 'mmmmmmmmmmm', 'zzzzzzzzzzz'] as const

const numberOf = (ms: number, counter: number): bigint => BigInt(ms) * PER_MS + BigInt(counter)

const step = fc.oneof(
  fc.record({ do: fc.constant('tick' as const) }),
  fc.record({ do: fc.constant('wall' as const), ms: fc.integer({ min: -5, max: 5 }) }),
  fc.record({ do: fc.constant('server' as const), ms: fc.integer({ min: -5, max: 5 }) }),
  fc.record({
    do: fc.constant('observe' as const),
    ms: fc.integer({ min: -5, max: 5 }),
    counter: fc.oneof(fc.nat(3), fc.integer({ min: MAX_STAMP_COUNTER - 2, max: MAX_STAMP_COUNTER })),
    node: fc.constantFrom(...NODES),
  }),
)

describe('a hybrid logical clock against a number that only grows', () => {
  it('gives exactly the wall, or one more than what it saw, over clocks that jump', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let [wall, offset] = [START, 0]
        const clock = { now: () => wall, after: () => () => undefined }
        const hlc = createHlc({ clock, node: NODES[1], serverOffsetMs: () => offset })
        let seen = -1n
        for (const now of steps) {
          if (now.do === 'wall') wall += now.ms
          else if (now.do === 'server') offset += now.ms
          else if (now.do === 'observe') {
            hlc.observe(formatStamp(START + now.ms, now.counter, now.node))
            const number = numberOf(START + now.ms, now.counter)
            if (number > seen) seen = number
          } else {
            const { ms, counter, node } = parseStamp(hlc.tick())
            const fromWall = numberOf(wall + offset, 0)
            seen = fromWall > seen ? fromWall : seen + 1n
            expect({ number: numberOf(ms, counter), node }).toEqual({ number: seen, node: NODES[1] })
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})
