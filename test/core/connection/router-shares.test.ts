import { describe, expect, it } from 'vitest'
import { createWorld, KEYS, MANY, names, sharesOf } from './routers.js'

/** How far shares are from what they should be, in the measure that has a known distribution. */
const chiSquare = (
  shares: ReadonlyMap<string, number>,
  expected: (name: string) => number,
  all: readonly string[],
) => all.reduce((sum, name) => sum + ((shares.get(name) ?? 0) - expected(name)) ** 2 / expected(name), 0)
/** Exceeded once in 10,000 times by chance, with 9 degrees of freedom; the hash is fixed, so this says the same each time. */
const BOUND_OF_9 = 33.72

describe('a router', () => {
  it.each(Object.entries(KEYS))('S97: shares %s ids out evenly', (_, key) => {
    const { router } = createWorld(names(10))
    const shares = sharesOf(router.pick, key)
    expect(chiSquare(shares, () => MANY / 10, router.nodes())).toBeLessThan(BOUND_OF_9)
  })

  it.each([
    ['numbered hosts', names(10, 'wss://ws-')],
    ['letters', [...'abcdefghij']],
    ['long common beginnings', names(10, `wss://${'realtime.'.repeat(10)}example.com/shard/`)],
    ['two that differ in a bit', ['p', 'q', ...names(8)]],
  ])('S99: gives each of ten nodes its share, when they are %s: none is favoured', (_, nodes) => {
    const { router } = createWorld(nodes)
    const shares = sharesOf(router.pick, KEYS.sequential)
    expect(Math.max(...shares.values()) / (MANY / 10)).toBeLessThan(1.05)
    expect(chiSquare(shares, () => MANY / 10, nodes)).toBeLessThan(BOUND_OF_9)
  })

  it('S98: moves to a new node only what it takes, its share of all', () => {
    const { router } = createWorld(names(10))
    const before = Array.from({ length: 60_000 }, (_, i) => router.pick(KEYS.sequential(i)))
    router.add('node-11')
    const now = before.map((_, i) => router.pick(KEYS.sequential(i)))
    const moved = now.filter((node, i) => node !== before[i])
    expect(new Set(moved)).toEqual(new Set(['node-11']))
    expect(moved.length / before.length).toBeGreaterThan(0.0868)
    expect(moved.length / before.length).toBeLessThan(0.095)
  })

  it('S98: a node that leaves gives away only what it had, evenly over the others', () => {
    const { router } = createWorld(names(10))
    const before = Array.from({ length: MANY }, (_, i) => router.pick(KEYS.random(i)))
    router.remove('node-4')
    const heirs = new Map<string, number>()
    const others = before.filter((node, i) => {
      const now = router.pick(KEYS.random(i))
      if (node === 'node-4') heirs.set(now, (heirs.get(now) ?? 0) + 1)
      return node !== 'node-4' && now !== node
    })
    expect(others).toEqual([])
    const each = before.filter((node) => node === 'node-4').length / 9
    expect(chiSquare(heirs, () => each, router.nodes())).toBeLessThan(BOUND_OF_9)
  })
})

describe('weights', () => {
  it('are shares: twice the weight, twice the keys', () => {
    const weights = { 'node-1': 1, 'node-2': 2, 'node-3': 0.5, 'node-4': 6.5 }
    const { router } = createWorld(names(10), { weights })
    const all = 10 + 6
    const weightOf = (name: string) => new Map(Object.entries(weights)).get(name) ?? 1
    const shares = sharesOf(router.pick, KEYS.random)
    expect(chiSquare(shares, (name) => (MANY * weightOf(name)) / all, router.nodes())).toBeLessThan(
      BOUND_OF_9,
    )
  })

  it('that change move keys only to or from their node', () => {
    const { router } = createWorld(names(6))
    const before = Array.from({ length: 10_000 }, (_, i) => router.pick(KEYS.sequential(i)))
    router.add('node-2', 3)
    const moved = before
      .map((_, i) => router.pick(KEYS.sequential(i)))
      .filter((node, i) => node !== before[i])
    expect(new Set(moved)).toEqual(new Set(['node-2']))
    router.add('node-2', 1)
    expect(Array.from({ length: 10_000 }, (_, i) => router.pick(KEYS.sequential(i)))).toEqual(before)
  })
})
