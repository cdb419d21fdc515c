import type { Stored } from '../../core/seams/storage.js'
import { equal, holds, rejection } from './law.js'
import {
  aboutContexts,
  aboutStore,
  commit,
  increment,
  keysIn,
  puts,
  readOne,
  type StorageLaw,
} from './storage-setup.js'

/** Nested far deeper than any platform copies: whoever must copy it has to give up half-way. */
function tooDeep(): Stored {
  let value: Stored = 'bottom'
  for (let i = 0; i < 200_000; i++) value = [value]
  return value
}

/** Laws about transactions of one context. */
export const writingLaws: readonly StorageLaw[] = [
  aboutStore('hands fn the values in the order of the keys, and its result back', async (store) => {
    await commit(store, puts(['b', 'a']))
    const seen = await store.transact(
      ['a', 'nothing', 'b'],
      (values) => ({ changes: [], result: values }),
      'relaxed',
    )
    equal(seen, ['at a', undefined, 'at b'], 'what fn saw')
  }),
  aboutStore('runs fn once when nothing fails', async (store) => {
    let runs = 0
    await store.transact(['a'], () => ({ changes: puts([`run ${++runs}`]), result: undefined }), 'strict')
    equal(runs, 1, 'runs')
  }),
  aboutStore('applies the changes in their order', async (store) => {
    await commit(store, [
      { put: 'a', value: 1 },
      { put: 'a', value: 2 },
      { put: 'b', value: 1 },
      { del: 'b' },
      { put: 'c', value: 1 },
      { delRange: ['c', 'd'] },
      { put: 'c', value: 2 },
      { del: 'd' },
      { put: 'd', value: 1 },
      { put: 'e', value: 1 },
      { delRange: ['e', 'f'] },
    ])
    equal(
      await store.scan({ gte: 'a', lt: 'z' }),
      [
        ['a', 2],
        ['c', 2],
        ['d', 1],
      ],
      'the end of it',
    )
  }),
  aboutStore('commits strictly and relaxed alike, also without any change', async (store) => {
    await commit(store, puts(['strict']), 'strict')
    await commit(store, puts(['relaxed']), 'relaxed')
    equal(
      await store.transact(['strict'], ([value]) => ({ changes: [], result: value ?? null }), 'strict'),
      'at strict',
      'a transaction that only reads',
    )
    equal(await keysIn(store, '', 'z'), ['relaxed', 'strict'], 'both')
  }),
  aboutStore('writes nothing when fn throws, and rejects with what it threw', async (store) => {
    await commit(store, puts(['a']))
    for (const thrown of [new Error('no'), 'a text', undefined]) {
      const seen = await rejection(
        store.transact(
          ['a'],
          () => {
            throw thrown
          },
          'strict',
        ),
        'a fn that throws',
      )
      holds(Object.is(seen, thrown), 'the rejection is not what fn threw')
    }
    await commit(store, puts(['b']))
    equal(await keysIn(store, '', 'z'), ['a', 'b'], 'the store afterwards')
  }),
  aboutStore('writes nothing when one of the changes cannot be stored', async (store) => {
    await commit(store, puts(['kept']))
    const outcome = await commit(store, [
      { put: 'first', value: 1 },
      { del: 'kept' },
      { put: 'second', value: tooDeep() },
      { put: 'third', value: 3 },
    ]).then(
      () => 'stored',
      () => 'refused',
    )
    const due = outcome === 'stored' ? [1, undefined, 3] : [undefined, 'at kept', undefined]
    equal(await store.read(['first', 'kept', 'third']), due, `a transaction that was ${outcome}`)
  }),
  aboutStore('gives out values that are not shared with the store', async (store) => {
    await commit(store, [{ put: 'a', value: { list: [1] } }])
    const spoil = (value: Stored | undefined) => {
      if (typeof value === 'object' && value !== null) Reflect.set(value, 'list', 'spoilt')
    }
    spoil(await readOne(store, 'a'))
    for (const [, value] of await store.scan({ gte: 'a', lt: 'b' })) spoil(value)
    const spoilIt = ([value]: readonly (Stored | undefined)[]) => {
      spoil(value)
      return { changes: [], result: undefined }
    }
    await store.transact(['a'], spoilIt, 'relaxed')
    equal(await readOne(store, 'a'), { list: [1] }, 'the stored value')
  }),
  aboutStore('copies the values it takes', async (store) => {
    const value = { list: [1] }
    await store.transact(
      [],
      () => {
        // As soon as fn has returned, its objects are the caller's again.
        void Promise.resolve().then(() => value.list.push(2))
        return { changes: [{ put: 'a', value }], result: undefined }
      },
      'relaxed',
    )
    equal(await readOne(store, 'a'), { list: [1] }, 'the stored value')
    const kept = { list: [3] }
    const two = commit(store, [
      { put: 'b', value: kept },
      { put: 'c', value: kept },
    ])
    await two
    const [b, c] = await store.read(['b', 'c'])
    holds(b !== c, 'two keys share one object')
  }),
  aboutStore('shows a commit to every call made after it', async (store) => {
    for (let i = 0; i < 20; i++) {
      await commit(store, [{ put: 'a', value: i }])
      equal(await readOne(store, 'a'), i, 'read after commit')
    }
  }),
  aboutStore('serialises transactions that start together', async (store) => {
    const results = await Promise.all(Array.from({ length: 25 }, () => increment(store, 'n')))
    equal(
      [...results].sort((a, b) => a - b),
      Array.from({ length: 25 }, (_, i) => i + 1),
      'results',
    )
  }),
  aboutStore('keeps what is stored when it is closed and opened again', async (store, { here, name }) => {
    await commit(store, puts(['a']), 'strict')
    await store.close()
    const again = await here.open(name)
    equal(await readOne(again, 'a'), 'at a', 'after opening again')
    await again.close()
  }),
  aboutStore('rejects `closed` for every call after close, which may be called twice', async (store) => {
    await store.close()
    await store.close()
    let ran = false
    const run = () => {
      ran = true
      return { changes: [], result: undefined }
    }
    const calls = [store.read(['a']), store.scan({ gte: 'a', lt: 'b' }), store.transact([], run, 'relaxed')]
    for (const call of calls) {
      const error = await rejection(call, 'a call after close')
      holds(error instanceof Error, 'rejected with something that is no Error')
      equal(Reflect.get(error, 'code'), 'closed', 'the code')
    }
    holds(!ran, 'fn ran after close')
  }),
  aboutStore('lets calls under way settle before close resolves', async (store, { here, name }) => {
    let settled = 0
    const calls = Array.from({ length: 5 }, () => increment(store, 'n').finally(() => settled++))
    await store.close()
    equal(settled, 5, 'calls settled when close resolved')
    await Promise.all(calls)
    const again = await here.open(name)
    equal(await readOne(again, 'n'), 5, 'what they wrote')
    await again.close()
  }),
  aboutContexts(
    'is empty again after it was destroyed, and destroys what never was',
    async (here, there, setup) => {
      await commit(here, puts(['a']))
      await here.close()
      await there.close()
      await setup.here.destroy(setup.name)
      await setup.here.destroy(`${setup.name} never was`)
      const again = await setup.here.open(setup.name)
      equal(await keysIn(again, '', 'z'), [], 'after destroy')
      await again.close()
    },
  ),
]
