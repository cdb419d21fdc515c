import type { Stored } from '../../core/seams/storage.js'
import { equal } from './law.js'
import { aboutStore, commit, keysIn, puts, readOne, type StorageLaw } from './storage-setup.js'

// In code-unit order. By code points the emoji would come last.
const HOSTILE_KEYS = [
  '',
  '\u0000',
  ' ',
  '%2F',
  '-1',
  '0',
  '10',
  '9',
  'A',
  'Z',
  '__proto__',
  'a',
  'a b',
  'a/b',
  'constructor',
  'hasOwnProperty',
  'k'.repeat(1000),
  'toString',
  'z\n',
  'é',
  '\ud83d\ude00',
  '\ue000',
  '\uffff',
]

const VALUES: readonly Stored[] = [
  null,
  false,
  0,
  -1.5,
  Number.MAX_SAFE_INTEGER,
  '',
  'text with \u0000, \ud83d\ude00 and "quotes"',
  [],
  {},
  [[], [null], { a: [1, { b: 2 }] }],
  { z: 1, a: { 'key with spaces': [true] }, '': 'empty' },
]

/** Laws about keys, values and ranges. */
export const contentLaws: readonly StorageLaw[] = [
  aboutStore('reads values in the order of the keys, undefined where there is none', async (store) => {
    await commit(store, puts(['b', 'a']))
    equal(await store.read(['a', 'nothing', 'b', 'a']), ['at a', undefined, 'at b', 'at a'], 'read')
    equal(await store.read([]), [], 'reading no keys')
  }),
  aboutStore('keeps keys in code-unit order, not by code points, numbers or languages', async (store) => {
    await commit(store, puts([...HOSTILE_KEYS].reverse()))
    equal(await keysIn(store, '', '\uffff\uffff'), HOSTILE_KEYS, 'all keys')
  }),
  aboutStore('takes any string as a key, names of object members included', async (store) => {
    const before = await store.read(HOSTILE_KEYS)
    equal(
      before,
      HOSTILE_KEYS.map(() => undefined),
      'an empty store',
    )
    await commit(store, puts(HOSTILE_KEYS))
    const due = HOSTILE_KEYS.map((key) => `at ${key}`)
    equal(await store.read(HOSTILE_KEYS), due, 'what was put')
  }),
  aboutStore('keeps keys that share a prefix apart', async (store) => {
    const keys = ['a', 'a/', 'a/1', 'a/1/x', 'a/10', 'a/2', 'a0', 'aa']
    await commit(store, puts(keys))
    equal(await keysIn(store, 'a/', 'a0'), ['a/', 'a/1', 'a/1/x', 'a/10', 'a/2'], 'keys below a/')
    equal(await store.read(['a/1', 'a/']), ['at a/1', 'at a/'], 'neighbours')
  }),
  aboutStore('gives every value back as it was', async (store) => {
    await commit(
      store,
      VALUES.map((value, i) => ({ put: `v${i}`, value })),
    )
    equal(await store.read(VALUES.map((_, i) => `v${i}`)), VALUES, 'values')
  }),
  aboutStore('keeps a member called __proto__ a member', async (store) => {
    const value: Stored = JSON.parse('{"__proto__": {"admin": true}, "a": 1}')
    await commit(store, [{ put: 'k', value }])
    const back = await readOne(store, 'k')
    equal(back, value, 'the value')
    const polluted: unknown = Reflect.get({}, 'admin')
    equal(polluted, undefined, 'a member of every object')
  }),
  aboutStore('keeps a value of two million characters', async (store) => {
    const value = 'naïve 😀 '.repeat(222_223)
    await commit(store, [{ put: 'big', value }])
    equal((await readOne(store, 'big')) === value, true, 'the same text')
  }),
  aboutStore('scans from gte up to but not including lt', async (store) => {
    await commit(store, puts(['a', 'b', 'c', 'd']))
    equal(
      await store.scan({ gte: 'b', lt: 'd' }),
      [
        ['b', 'at b'],
        ['c', 'at c'],
      ],
      'b to d',
    )
    equal(await keysIn(store, 'bb', 'cc'), ['c'], 'bounds that are no keys')
    equal(await keysIn(store, 'x', 'z'), [], 'beyond the end')
  }),
  aboutStore('finds nothing in a range that is empty or the wrong way round', async (store) => {
    await commit(store, puts(['a', 'b', 'c']))
    equal(await keysIn(store, 'b', 'b'), [], 'an empty range')
    equal(await keysIn(store, 'c', 'a'), [], 'a range the wrong way round')
    equal(await keysIn(store, 'c', 'a', { reverse: true }), [], 'the same backwards')
  }),
  aboutStore('scans several ranges, one after the other, each in its own way', async (store) => {
    await commit(store, puts(['a', 'b', 'c', 'd']))
    const entries = await store.scan(
      { gte: 'c', lt: 'z', reverse: true, limit: 1 },
      { gte: 'x', lt: 'z' },
      { gte: 'a', lt: 'c' },
      { gte: 'b', lt: 'a' },
    )
    equal(
      entries.map(([key]) => key),
      ['d', 'a', 'b'],
      'the keys',
    )
  }),
  aboutStore('scans at most `limit` entries, none for 0', async (store) => {
    await commit(store, puts(['a', 'b', 'c', 'd']))
    equal(await keysIn(store, 'a', 'z', { limit: 2 }), ['a', 'b'], 'limit 2')
    equal(await keysIn(store, 'a', 'z', { limit: 9 }), ['a', 'b', 'c', 'd'], 'limit 9')
    equal(await keysIn(store, 'a', 'z', { limit: 0 }), [], 'limit 0')
  }),
  aboutStore('scans backwards from the end of the range, limited or not', async (store) => {
    await commit(store, puts(['a', 'b', 'c', 'd']))
    equal(await keysIn(store, 'a', 'd', { reverse: true }), ['c', 'b', 'a'], 'backwards')
    const two = await store.scan({ gte: 'a', lt: 'e', reverse: true, limit: 2 })
    equal(
      two,
      [
        ['d', 'at d'],
        ['c', 'at c'],
      ],
      'the last two',
    )
    equal(await keysIn(store, 'a', 'e', { reverse: true, limit: 0 }), [], 'limit 0 backwards')
  }),
  aboutStore('holds thousands of keys in one commit and finds the newest', async (store) => {
    const keys = Array.from({ length: 3000 }, (_, i) => `m/${String(i).padStart(6, '0')}`)
    await commit(store, puts(keys))
    equal(await keysIn(store, 'm/', 'm0', { reverse: true, limit: 1 }), ['m/002999'], 'the newest')
    equal((await keysIn(store, 'm/', 'm0')).length, 3000, 'all of them')
  }),
  aboutStore('deletes a range from gte up to but not including lt', async (store) => {
    await commit(store, puts(['a', 'b', 'ba', 'c', 'd']))
    await commit(store, [{ delRange: ['b', 'c'] }])
    equal(await keysIn(store, '', 'z'), ['a', 'c', 'd'], 'what is left')
  }),
  aboutStore('deletes nothing in a range that is empty or the wrong way round', async (store) => {
    await commit(store, puts(['a', 'b', 'c']))
    await commit(store, [{ delRange: ['b', 'b'] }, { delRange: ['c', 'a'] }, { del: 'nothing' }])
    equal(await keysIn(store, '', 'z'), ['a', 'b', 'c'], 'what is left')
  }),
]
