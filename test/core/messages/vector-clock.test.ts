import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type VectorClock, vectorClock } from '../../../src/index.js'

const { compare, count, increment, merge, prune } = vectorClock

/** Names that objects inherit, names that look like indexes, the empty one, and any other. */
const nodes = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', '0', '10', '9', '', 'a', 'b'),
  fc.array(fc.nat(0xffff), { maxLength: 3 }).map((units) => String.fromCharCode(...units)),
)
const clocks = fc
  .array(fc.tuple(nodes, fc.nat(3)), { maxLength: 6 })
  .map((entries): VectorClock => Object.fromEntries(entries))
const atMost = (a: VectorClock, b: VectorClock) => ['before', 'equal'].includes(compare(a, b))
const told = (run: () => unknown) => {
  try {
    return run()
  } catch (thrown) {
    return thrown
  }
}

describe('a vector clock', () => {
  it('tells what was before, after, beside and the same', () => {
    const first = increment({}, 'alice')
    const second = increment(first, 'bob')
    const beside = increment(first, 'alice')
    expect(second).toEqual({ alice: 1, bob: 1 })
    expect(compare(first, second)).toBe('before')
    expect(compare(second, first)).toBe('after')
    expect(compare(second, beside)).toBe('concurrent')
    expect(merge(second, beside)).toEqual({ alice: 2, bob: 1 })
  })

  it('S17: is never changed once it was given out, nor is what it was made of', () => {
    const given = { alice: 1 }
    const next = increment(given, 'alice')
    const both = merge(given, next)
    given.alice = 7
    expect(next).toEqual({ alice: 2 })
    expect(both).toEqual({ alice: 2 })
    expect([next, both, prune(both, [])].every(Object.isFrozen)).toBe(true)
  })

  it('S18: keeps what it merged, so that an answer to what another wrote comes after it, over a third as well', () => {
    const written = increment({}, 'alice')
    const answered = increment(merge({}, written), 'bob')
    const passedOn = increment(merge(increment({}, 'carol'), answered), 'carol')
    expect(compare(written, answered)).toBe('before')
    expect(compare(written, passedOn)).toBe('before')
    expect(compare(answered, passedOn)).toBe('before')
    expect(passedOn).toEqual({ alice: 1, bob: 1, carol: 2 })
  })

  it('S19: calls equal clocks equal, also where one says zero and the other nothing', () => {
    expect(compare({}, {})).toBe('equal')
    expect(compare({ a: 1, b: 2 }, { b: 2, a: 1 })).toBe('equal')
    expect(compare({ a: 1, b: 0 }, { a: 1 })).toBe('equal')
  })

  it('S20: counts for nodes of any name: what objects inherit is nobody’s count', () => {
    for (const node of ['__proto__', 'toString', 'constructor', 'valueOf', '']) {
      expect(count({}, node)).toBe(0)
      const once = increment({}, node)
      expect(Object.keys(once)).toEqual([node])
      const stored: VectorClock = JSON.parse(JSON.stringify(increment(once, node)))
      expect(count(stored, node)).toBe(2)
      expect(compare(once, stored)).toBe('before')
      expect(count(merge(once, { other: 1 }), node)).toBe(1)
      expect(Object.getPrototypeOf(merge(stored, once))).toBe(Object.prototype)
    }
    expect(count({}, 'polluted')).toBe(0)
  })

  it('S21: forgets nodes that are gone for ever, and answers the same where all had seen the same of them', () => {
    const old = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`phone-${i}`, 1]))
    const grown = increment(old, 'laptop')
    expect(prune(grown, Object.keys(old))).toEqual({ laptop: 1 })
    fc.assert(
      fc.property(clocks, clocks, fc.array(nodes), fc.nat(3), (a, b, retired, seen) => {
        const same = Object.fromEntries(retired.map((node) => [node, seen]))
        const [left, right] = [prune(a, retired), prune(b, retired)].map((one) => merge(one, same))
        if (!left || !right) return
        expect(compare(prune(left, retired), prune(right, retired))).toBe(compare(left, right))
      }),
    )
  })

  it('S21: shows why they must be gone from everywhere: pruned on one side only, a conflict is hidden', () => {
    const [a, b] = [
      { gone: 5, here: 1 },
      { gone: 3, here: 2 },
    ]
    expect(compare(a, b)).toBe('concurrent')
    expect(compare(prune(a, ['gone']), b)).toBe('before')
  })

  it.each([
    ['nothing', null],
    ['a list', [1, 2]],
    ['a text', 'alice:1'],
    ['a count that is a text', { alice: '1' }],
    ['a count that is no number', { alice: Number.NaN }],
    ['a count without end', { alice: Number.POSITIVE_INFINITY }],
    ['a count below zero', { alice: -1 }],
    ['half a count', { alice: 1.5 }],
    ['a count past what numbers hold exactly', { alice: 2 ** 53 }],
    ['a clock in a clock', { alice: { bob: 1 } }],
  ] satisfies [string, unknown][])('refuses %s with a typed error', (_, bad: unknown) => {
    const wrong = bad as VectorClock
    for (const run of [
      () => increment(wrong, 'a'),
      () => merge({}, wrong),
      () => merge(wrong, {}),
      () => compare({}, wrong),
      () => compare(wrong, {}),
      () => prune(wrong, []),
      () => count(wrong, 'alice'),
    ])
      expect(told(run)).toMatchObject({ name: 'TidingsError', code: 'invalid_argument' })
  })

  it('refuses to count further than numbers are exact, and a node without a name', () => {
    const full = { alice: Number.MAX_SAFE_INTEGER }
    expect(told(() => increment(full, 'alice'))).toMatchObject({ code: 'invalid_argument' })
    expect(increment(full, 'bob')).toEqual({ ...full, bob: 1 })
    const nameless: string = JSON.parse('null')
    expect(told(() => increment({}, nameless))).toMatchObject({ code: 'invalid_argument' })
  })
})

describe('the laws of vector clocks', () => {
  it('compare is a partial order: reflexive, antisymmetric, transitive', () => {
    const opposite = { before: 'after', after: 'before', equal: 'equal', concurrent: 'concurrent' } as const
    fc.assert(
      fc.property(clocks, clocks, clocks, (a, b, c) => {
        expect(compare(a, a)).toBe('equal')
        expect(compare(b, a)).toBe(opposite[compare(a, b)])
        if (atMost(a, b) && atMost(b, c)) expect(atMost(a, c)).toBe(true)
        if (compare(a, b) === 'equal') expect(compare(b, c)).toBe(compare(a, c))
      }),
    )
  })

  it('merge is the least upper bound: above both, and below whatever is', () => {
    fc.assert(
      fc.property(clocks, clocks, clocks, (a, b, c) => {
        const both = merge(a, b)
        expect(atMost(a, both) && atMost(b, both)).toBe(true)
        const above = merge(merge(c, a), b)
        expect(atMost(both, above)).toBe(true)
        if (atMost(a, c) && atMost(b, c)) expect(atMost(both, c)).toBe(true)
      }),
    )
  })

  it('merge does not care about order, grouping and repetition, down to the text', () => {
    fc.assert(
      fc.property(clocks, clocks, clocks, (a, b, c) => {
        const text = JSON.stringify
        expect(text(merge(a, b))).toBe(text(merge(b, a)))
        expect(text(merge(merge(a, b), c))).toBe(text(merge(a, merge(b, c))))
        expect(text(merge(merge(a, b), b))).toBe(text(merge(a, b)))
      }),
    )
  })

  it('increment goes strictly up, on its own node only, and survives being stored', () => {
    fc.assert(
      fc.property(clocks, nodes, nodes, (clock, node, other) => {
        const next = increment(clock, node)
        expect(compare(clock, next)).toBe('before')
        expect(count(next, node)).toBe(count(clock, node) + 1)
        if (other !== node) expect(count(next, other)).toBe(count(clock, other))
        const stored: VectorClock = JSON.parse(JSON.stringify(next))
        expect(compare(stored, next)).toBe('equal')
        expect(compare(structuredClone(next), next)).toBe('equal')
      }),
    )
  })

  it('two increments of one clock on two nodes are concurrent', () => {
    fc.assert(
      fc.property(clocks, nodes, nodes, (clock, a, b) => {
        fc.pre(a !== b)
        expect(compare(increment(clock, a), increment(clock, b))).toBe('concurrent')
      }),
    )
  })
})
