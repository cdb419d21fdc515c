import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHlc, nodeName } from '../../../src/core/messages/hlc.js'
import {
  compareText,
  formatStamp,
  MAX_STAMP_COUNTER,
  MAX_STAMP_MS,
  parseStamp,
  STAMP_LENGTH,
  STAMP_PATTERN,
} from '../../../src/protocol/index.js'

const NODE = 'aaaaaaaaaaa'
const OTHER = 'zzzzzzzzzzz'

/** A wall clock that stands where it is put. */
const wallAt = (start: number) => {
  const wall = { ms: start }
  return { wall, clock: { now: () => wall.ms, after: () => () => {} } }
}

const start = 1_900_000_000_000
const hlcAt = (ms: number, node = NODE, serverOffsetMs = () => 0) => {
  const { wall, clock } = wallAt(ms)
  return { wall, hlc: createHlc({ clock, node, serverOffsetMs }) }
}

describe('a hybrid logical clock', () => {
  it('gives the wall time, then counts while the wall stands still', () => {
    const { wall, hlc } = hlcAt(start)
    expect(parseStamp(hlc.tick())).toEqual({ ms: start, counter: 0, node: NODE })
    expect(parseStamp(hlc.tick())).toEqual({ ms: start, counter: 1, node: NODE })
    wall.ms++
    expect(parseStamp(hlc.tick())).toEqual({ ms: start + 1, counter: 0, node: NODE })
  })

  it('follows server time, not the time of the device', () => {
    const { hlc } = hlcAt(start, NODE, () => -3_600_000.25)
    expect(parseStamp(hlc.tick()).ms).toBe(start - 3_600_001)
  })

  it('S1: one event is one tick: what was observed at counter 5 is followed by 6', () => {
    const { hlc } = hlcAt(start)
    hlc.observe(formatStamp(start + 10, 5, OTHER))
    expect(parseStamp(hlc.tick())).toEqual({ ms: start + 10, counter: 6, node: NODE })
    expect(parseStamp(hlc.tick()).counter).toBe(7)
  })

  it('S2: the counter of an observed stamp counts when its time equals the last one', () => {
    const { hlc } = hlcAt(start)
    hlc.tick()
    hlc.observe(formatStamp(start, 100, OTHER))
    expect(parseStamp(hlc.tick())).toEqual({ ms: start, counter: 101, node: NODE })
  })

  it('S3: an observed stamp counts however far ahead it is, so that an answer sorts after what it answers', () => {
    const { hlc } = hlcAt(start)
    const far = formatStamp(start + 365 * 24 * 3_600_000, 3, OTHER)
    hlc.observe(far)
    const answer = hlc.tick()
    expect(answer > far).toBe(true)
    expect(parseStamp(answer).ms).toBe(parseStamp(far).ms)
  })

  it('S3: even the last millisecond that can be written leaves the clock able to tick', () => {
    const { hlc } = hlcAt(start)
    hlc.observe(formatStamp(MAX_STAMP_MS, MAX_STAMP_COUNTER, OTHER))
    expect(parseStamp(hlc.tick()).ms).toBe(start)
    hlc.observe(formatStamp(MAX_STAMP_MS - 1, MAX_STAMP_COUNTER, OTHER))
    expect(hlc.tick()).toMatch(STAMP_PATTERN)
  })

  it.each([
    ['nothing', ''],
    ['NaN', 'NaN'],
    ['an upper-case time', formatStamp(start, 0, OTHER).toUpperCase()],
    ['a short node', formatStamp(start, 0, 'short')],
    ['a line behind it', `${formatStamp(start + 9, 0, OTHER)}\n`],
    ['a minus', `-${formatStamp(start + 9, 0, OTHER).slice(1)}`],
  ])('S4: leaves alone what is not a stamp: %s', (_name, notStamp) => {
    const { hlc } = hlcAt(start)
    hlc.tick()
    const before = hlc.largest()
    hlc.observe(notStamp)
    expect(hlc.largest()).toBe(before)
  })

  it.each([Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, -5, 1e300, 0.5])(
    'S4: gives well-formed, growing stamps from a wall clock that says %d',
    (ms) => {
      const { hlc } = hlcAt(ms)
      const stamps = [hlc.tick(), hlc.tick(), hlc.tick()]
      for (const stamp of stamps) expect(stamp).toMatch(STAMP_PATTERN)
      expect([...stamps].sort(compareText)).toEqual(stamps)
      expect(new Set(stamps).size).toBe(3)
    },
  )

  it('S5: a full counter moves time by a millisecond', () => {
    const { hlc } = hlcAt(start)
    hlc.observe(formatStamp(start, MAX_STAMP_COUNTER - 1, OTHER))
    expect(parseStamp(hlc.tick())).toEqual({ ms: start, counter: MAX_STAMP_COUNTER, node: NODE })
    expect(parseStamp(hlc.tick())).toEqual({ ms: start + 1, counter: 0, node: NODE })
  })

  it('S6: equal times and counters are told apart by code units, upper case before lower', () => {
    const upper = formatStamp(start, 0, 'ZZZZZZZZZZZ')
    const lower = formatStamp(start, 0, 'aaaaaaaaaaa')
    expect(compareText(upper, lower)).toBe(-1)
    expect('Z'.localeCompare('a')).toBe(1)
  })

  it('S7: resumed from its largest stamp it never gives an old one, also after the clock stepped back', () => {
    const first = hlcAt(start)
    first.hlc.tick()
    first.hlc.observe(formatStamp(start + 500, 7, OTHER))
    const stored = first.hlc.largest() ?? ''
    expect(stored).toBe(formatStamp(start + 500, 7, OTHER))
    const second = hlcAt(start - 86_400_000, 'bbbbbbbbbbb')
    second.hlc.observe(stored)
    expect(second.hlc.tick() > stored).toBe(true)
  })

  it('S7: stores the greatest of stamps that differ by their node alone', () => {
    const { hlc } = hlcAt(start)
    const [low, middle, high] = ['bbbbbbbbbbb', 'mmmmmmmmmmm', 'yyyyyyyyyyy'].map((node) =>
      formatStamp(start + 9, 2, node),
    )
    for (const seen of [middle, low, high, middle]) hlc.observe(seen ?? '')
    expect(hlc.largest()).toBe(high)
  })

  it('has nothing to store before the first stamp', () => {
    expect(hlcAt(start).hlc.largest()).toBeUndefined()
  })

  it('S8: stamps have one width and sort as text', () => {
    const early = hlcAt(1).hlc.tick()
    const late = hlcAt(MAX_STAMP_MS).hlc.tick()
    expect([early.length, late.length]).toEqual([STAMP_LENGTH, STAMP_LENGTH])
    expect(early < late).toBe(true)
  })

  it('S9: every clock takes a node of its own from chance', () => {
    let made = 0
    const random = { next: () => 0, id: () => `${String(made++).padStart(3, '0')}abcdefghijklmnopqr` }
    const names = [nodeName(random), nodeName(random)]
    expect(names).toEqual(['000abcdefgh', '001abcdefgh'])
    const [a, b] = names.map((node) => hlcAt(start, node).hlc.tick())
    expect(a).not.toBe(b)
  })

  it('refuses a node that would break the width of its stamps', () => {
    expect(() => hlcAt(start, 'short')).toThrow(
      expect.objectContaining({ name: 'TidingsError', code: 'invalid_argument' }),
    )
  })

  it('is after everything it gave or observed, whatever the wall does', () => {
    const step = fc.oneof(
      fc.record({ wall: fc.integer({ min: -1000, max: 1000 }) }),
      fc.record({
        ms: fc.integer({ min: -1000, max: 1000 }),
        counter: fc.oneof(fc.nat(3), fc.integer({ min: MAX_STAMP_COUNTER - 2, max: MAX_STAMP_COUNTER })),
        node: fc.constantFrom(NODE, OTHER),
      }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { wall, hlc } = hlcAt(start, 'mmmmmmmmmmm')
        let largest = ''
        for (const each of steps) {
          if ('wall' in each) wall.ms += each.wall
          else {
            const seen = formatStamp(start + each.ms, each.counter, each.node)
            hlc.observe(seen)
            if (seen > largest) largest = seen
            expect(hlc.largest()).toBe(largest)
          }
          const stamp = hlc.tick()
          expect(stamp).toMatch(STAMP_PATTERN)
          expect(stamp > largest).toBe(true)
          expect(parseStamp(stamp).ms).toBeGreaterThanOrEqual(wall.ms)
          expect(hlc.largest()).toBe(stamp)
          largest = stamp
        }
      }),
    )
  })
})
