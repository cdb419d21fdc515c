import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createOrderedList, type OrderedList } from '../../../src/core/messages/ordered-list.js'

interface Item {
  readonly key: string
  readonly text?: string
}

const keyOf = (item: Item) => item.key
const key = (n: number) => String(n).padStart(6, '0')
const item = (n: number): Item => ({ key: key(n) })
const filled = (numbers: readonly number[]) => {
  const list = createOrderedList(keyOf)
  list.addMany(numbers.map(item))
  return list
}
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)
const shuffled = (n: number, seed: number) =>
  fc.sample(fc.shuffledSubarray(upTo(n), { minLength: n, maxLength: n }), { numRuns: 1, seed })[0] ?? []

describe('an ordered list', () => {
  it('is empty at first', () => {
    const list = createOrderedList(keyOf)
    expect(list.size).toBe(0)
    expect(list.at(0)).toBeUndefined()
    expect(list.last(5)).toEqual([])
    expect(list.slice(0)).toEqual([])
    expect(list.indexOf('a')).toBe(-1)
    expect(list.countBefore('a')).toBe(0)
    expect(list.remove('a')).toBe(false)
    expect([...list]).toEqual([])
  })

  it.each([
    ['in order', upTo(3000)],
    ['in reverse', upTo(3000).reverse()],
    ['in no order', shuffled(3000, 7)],
  ])('lists what came %s by key, over many chunks', (_name, numbers) => {
    const list = filled(numbers)
    expect(list.size).toBe(3000)
    expect(list.keys()).toEqual(upTo(3000).map(key))
    expect([...list].map(keyOf)).toEqual(list.keys())
  })

  it('takes a key once, wherever its chunk is, and keeps the first item', () => {
    const list = filled(upTo(3000))
    for (const n of [0, 1, 511, 512, 1500, 2999]) {
      expect(list.add({ key: key(n), text: 'again' })).toBe(false)
      expect(list.get(key(n))?.text).toBeUndefined()
    }
    expect(list.size).toBe(3000)
    expect(list.addMany([item(5), item(3000), item(5), item(3001), item(3000)])).toBe(2)
  })

  it('takes an empty key for a key like others', () => {
    const list = createOrderedList(keyOf)
    expect(list.add({ key: '' })).toBe(true)
    expect(list.add({ key: '' })).toBe(false)
    expect(list.add({ key: 'a' })).toBe(true)
    expect(list.indexOf('')).toBe(0)
    expect(list.remove('')).toBe(true)
    expect(list.keys()).toEqual(['a'])
  })

  it('S6: orders by code units, whatever the language of the reader', () => {
    const list = createOrderedList(keyOf)
    list.addMany([{ key: 'ö' }, { key: 'z' }, { key: 'Z' }, { key: 'a\u200d' }, { key: 'a' }])
    expect(list.keys()).toEqual(['Z', 'a', 'a\u200d', 'z', 'ö'])
  })

  it('gives the newest, also when they lie in two chunks', () => {
    const list = filled(upTo(520))
    expect(list.last(50).map(keyOf)).toEqual(upTo(520).slice(-50).map(key))
    expect(list.last(1).map(keyOf)).toEqual([key(519)])
    expect(list.last(0)).toEqual([])
    expect(list.last(10_000)).toHaveLength(520)
  })

  it('hands out arrays that are not its own', () => {
    const list = filled(upTo(3))
    list.slice(0).length = 0
    list.last(3).length = 0
    expect(list.size).toBe(3)
    expect(list.last(3)).toHaveLength(3)
  })

  it('replaces in place and only what is there', () => {
    const list = filled(upTo(2000))
    expect(list.replace({ key: key(700), text: 'new' })).toBe(true)
    expect(list.at(700)?.text).toBe('new')
    expect(list.replace({ key: 'nobody' })).toBe(false)
    expect(list.size).toBe(2000)
  })

  it('is usable again after everything was removed', () => {
    const list = filled(upTo(1200))
    for (const n of upTo(1200)) expect(list.remove(key(n))).toBe(true)
    expect(list.size).toBe(0)
    expect(list.add(item(5))).toBe(true)
    list.clear()
    expect([...list]).toEqual([])
    expect(list.add(item(6))).toBe(true)
    expect(list.keys()).toEqual([key(6)])
  })

  it('agrees with a sorted array after any series of changes', () => {
    // Few distinct keys over a filled list: repeats, removals and splits of chunks all happen.
    const n = fc.nat(2500)
    const change = fc.oneof(
      fc.record({ add: n }),
      fc.record({ remove: n }),
      fc.record({ replace: n }),
      fc.record({ block: n }),
      fc.record({ take: fc.nat(1300) }),
      fc.record({ cut: n }),
    )
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), n, n, (changes, from, to) => {
        const list = createOrderedList(keyOf)
        const model = new Map<string, Item>()
        for (const each of changes) apply(list, model, each)
        const expected = [...model.keys()].sort()
        expect(list.keys()).toEqual(expected)
        expect(list.size).toBe(expected.length)
        expect(list.slice(from, to).map(keyOf)).toEqual(expected.slice(from, to))
        expect(list.at(from)?.key).toBe(expected[from])
        expect(list.indexOf(key(from))).toBe(expected.indexOf(key(from)))
        expect(list.countBefore(key(from))).toBe(expected.filter((other) => other < key(from)).length)
        expect(list.get(key(to))).toBe(model.get(key(to)))
      }),
    )
  })
})

type Applied =
  | { add: number }
  | { remove: number }
  | { replace: number }
  | { block: number }
  | { take: number }
  | { cut: number }

const apply = (list: OrderedList<Item>, model: Map<string, Item>, change: Applied) => {
  if ('remove' in change) {
    expect(list.remove(key(change.remove))).toBe(model.delete(key(change.remove)))
    return
  }
  if ('replace' in change) {
    const fresh = item(change.replace)
    const there = model.has(fresh.key)
    expect(list.replace(fresh)).toBe(there)
    if (there) model.set(fresh.key, fresh)
    return
  }
  if ('take' in change) {
    const oldest = [...model.keys()].sort().slice(0, change.take)
    expect(list.takeFirst(change.take).map(keyOf)).toEqual(oldest)
    for (const taken of oldest) model.delete(taken)
    return
  }
  if ('cut' in change) {
    for (const gone of upTo(1500).map((i) => key(change.cut + i)))
      expect(list.remove(gone)).toBe(model.delete(gone))
    return
  }
  const numbers = 'add' in change ? [change.add] : upTo(700).map((i) => change.block + i)
  for (const fresh of numbers.map(item)) {
    expect(list.add(fresh)).toBe(!model.has(fresh.key))
    if (!model.has(fresh.key)) model.set(fresh.key, fresh)
  }
}
