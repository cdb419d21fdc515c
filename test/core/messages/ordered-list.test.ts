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

  it('tells items of one key apart by their ties', () => {
    const list = createOrderedList<{ stamp: string; id: string }>(
      ({ stamp }) => stamp,
      ({ id }) => id,
    )
    const numbers = shuffled(1_500, 3)
    const addAll = () => numbers.filter((n) => list.add({ stamp: key(n % 3), id: key(n) })).length
    expect([addAll(), addAll()]).toEqual([1_500, 0])
    const expected = upTo(1_500).sort((a, b) => (a % 3) - (b % 3) || a - b)
    expect(list.slice(0).map(({ id }) => id)).toEqual(expected.map(key))
    expect(list.indexOf(key(1), key(4))).toBe(501)
    expect(list.indexOf(key(1), key(5))).toBe(-1)
    expect(list.countBefore(key(1), key(5))).toBe(502)
    expect(list.get(key(2), key(5))?.id).toBe(key(5))
    expect(list.replace({ stamp: key(0), id: key(3) })).toBe(true)
    expect(list.remove(key(0), key(4))).toBe(false)
    expect(list.remove(key(0), key(3))).toBe(true)
    expect(list.size).toBe(1_499)
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
      fc.property(fc.array(change, { maxLength: 25 }), n, n, (changes, from, to) => {
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
      { numRuns: 60 },
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

/** Does the same to both; what they answer differently is a mistake. */
const apply = (list: OrderedList<Item>, model: Map<string, Item>, change: Applied) => {
  const mistakes: string[] = []
  const same = (what: string, ours: boolean, theirs: boolean) => {
    if (ours !== theirs) mistakes.push(`${what} says ${ours}`)
  }
  const add = (fresh: Item) => {
    same(`add ${fresh.key}`, list.add(fresh), !model.has(fresh.key))
    if (!model.has(fresh.key)) model.set(fresh.key, fresh)
  }
  const remove = (gone: string) => same(`remove ${gone}`, list.remove(gone), model.delete(gone))

  if ('add' in change) add(item(change.add))
  else if ('block' in change) for (const i of upTo(700)) add(item(change.block + i))
  else if ('remove' in change) remove(key(change.remove))
  else if ('cut' in change) for (const i of upTo(1500)) remove(key(change.cut + i))
  else if ('replace' in change) {
    const fresh = item(change.replace)
    same(`replace ${fresh.key}`, list.replace(fresh), model.has(fresh.key))
    if (model.has(fresh.key)) model.set(fresh.key, fresh)
  } else {
    const oldest = [...model.keys()].sort().slice(0, change.take)
    same('take', list.takeFirst(change.take).map(keyOf).join() === oldest.join(), true)
    for (const taken of oldest) model.delete(taken)
  }
  expect(mistakes).toEqual([])
}
