import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRouter } from '../../../src/index.js'
import { createWorld, KEYS, names, sharesOf } from './routers.js'

describe('a router', () => {
  it('S96: gives every key a node, and the same one again', () => {
    const { router } = createWorld(names(3))
    const all = names(3).join()
    fc.assert(
      fc.property(fc.array(fc.nat(0xffff), { maxLength: 12 }), (units) => {
        const key = String.fromCharCode(...units)
        const node = router.pick(key)
        const ranked = router.ranked(key)
        return node === router.pick(key) && node === ranked[0] && [...ranked].sort().join() === all
      }),
    )
  })

  it('S100: knows a node once, however often it is added, in whatever order', () => {
    const once = createWorld(names(5)).router
    const often = createWorld([...names(5).reverse(), ...names(5)]).router
    expect(often.nodes()).toHaveLength(5)
    for (let i = 0; i < 1_000; i++) expect(often.ranked(`${i}`)).toEqual(once.ranked(`${i}`))
    often.remove('node-1')
    expect(often.nodes()).not.toContain('node-1')
    expect(often.remove('node-1')).toBe(false)
  })

  it('S100: two thousand nodes draw two thousand different numbers: none stands on the place of another', () => {
    const nodes = names(2_000)
    const { router } = createWorld(nodes)
    const firsts = new Set(Array.from({ length: 50 }, (_, i) => router.pick(`key ${i}`)))
    expect(firsts.size).toBeGreaterThan(45)
    expect(new Set(router.ranked('key')).size).toBe(2_000)
  })

  it('S101: a change of its nodes costs nothing but the change', () => {
    const { router } = createWorld(names(100))
    for (let i = 0; i < 10_000; i++) router.add(`passing-${i % 7}`)
    for (let i = 0; i < 7; i++) router.remove(`passing-${i}`)
    expect(router.nodes()).toEqual(names(100))
  })

  it('S102: without nodes says so, instead of nothing', () => {
    const { router } = createWorld([])
    expect(() => router.pick('alice')).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
    expect(router.ranked('alice')).toEqual([])
    router.add('one')
    expect(router.pick('alice')).toBe('one')
  })

  it('is the same on every device and in every version: these are fixed for ever', () => {
    const { router } = createWorld(names(5))
    expect(['alice', 'bob', 'carol', 'żółw', ''].map(router.pick)).toMatchInlineSnapshot(`
      [
        "node-3",
        "node-1",
        "node-5",
        "node-5",
        "node-5",
      ]
    `)
  })

  it('takes nodes of any name', () => {
    const { router } = createWorld(['__proto__', 'toString', 'constructor'])
    const shares = sharesOf(router.pick, KEYS.sequential, 3_000)
    expect([...shares.keys()].sort()).toEqual(['__proto__', 'constructor', 'toString'])
  })
})

describe('weights', () => {
  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('of %s are refused', (weight) => {
    const { router } = createWorld(names(2))
    const refusal = expect.objectContaining({ code: 'invalid_argument' })
    expect(() => router.add('more', weight)).toThrow(refusal)
    expect(() => router.add('node-1', weight)).toThrow(refusal)
    expect(() => createWorld(names(2), { weights: { 'node-1': weight } })).toThrow(refusal)
    expect(router.nodes()).toEqual(names(2))
  })

  it('of what is no node are a mistake, and so are names and times that cannot be meant', () => {
    const refusal = expect.objectContaining({ code: 'invalid_argument' })
    expect(() => createWorld(['a'], { weights: { b: 2 } })).toThrow(refusal)
    expect(() => createWorld([''])).toThrow(refusal)
    expect(() => createWorld(['a'], { coolDownMs: -1 })).toThrow(refusal)
    expect(() => createWorld(['a'], { coolDownMs: Number.NaN })).toThrow(refusal)
  })
})

describe('a node that is down', () => {
  it('is passed over for the cool-down, and its keys come back', () => {
    const { router, clock } = createWorld(names(4))
    const [first = '', second = ''] = router.ranked('alice')
    expect(router.markDown(first)).toBe(true)
    expect(router.pick('alice')).toBe(second)
    expect(router.ranked('alice').at(-1)).toBe(first)
    clock.ms += 29_999
    expect(router.pick('alice')).toBe(second)
    clock.ms += 1
    expect(router.pick('alice')).toBe(first)
    router.markDown(first)
    router.markUp(first)
    expect(router.pick('alice')).toBe(first)
    expect(router.markDown('nobody') || router.markUp('nobody')).toBe(false)
  })

  it('moves only its own keys, and where all are down the best one is tried', () => {
    const { router } = createWorld(names(4))
    const before = Array.from({ length: 1_000 }, (_, i) => router.pick(`${i}`))
    router.markDown('node-2')
    for (const [i, node] of before.entries()) if (node !== 'node-2') expect(router.pick(`${i}`)).toBe(node)
    for (const node of names(4)) router.markDown(node)
    expect(Array.from({ length: 1_000 }, (_, i) => router.pick(`${i}`))).toEqual(before)
  })

  it('is not passed over longer because a clock was set back, nor kept down by a new weight', () => {
    const { router, clock } = createWorld(names(2), { coolDownMs: 5_000 })
    const [first = ''] = router.ranked('alice')
    router.markDown(first)
    router.add(first, 1)
    expect(router.pick('alice')).not.toBe(first)
    clock.ms -= 3_600_000
    expect(router.pick('alice')).toBe(first)
  })
})

it('an application needs no clock', () => {
  const router = createRouter(names(2))
  const [first = '', second = ''] = router.ranked('alice')
  router.markDown(first)
  expect(router.pick('alice')).toBe(second)
})
