import type { Store } from '../../core/seams/storage.js'
import { equal, eventually, holds, type Pause } from './law.js'
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

/** Collects what a store's watcher is told. */
function listen(store: Store, prefix: string) {
  const told: string[] = []
  return { told, stop: store.watch(prefix, (keys) => told.push(...keys)) }
}

/** Resolves when the watcher was told of a commit made now: what came before it has been told by then. */
async function fence(from: Store, to: Store, pause: Pause): Promise<void> {
  const { told, stop } = listen(to, '~fence')
  await commit(from, puts(['~fence']))
  await eventually(pause, () => told.length > 0, 'telling a commit')
  stop()
}

/** Moves one from a to b, many times. */
async function moveAll(store: Store, times: number): Promise<void> {
  for (let i = 0; i < times; i++)
    await store.transact(
      ['a', 'b'],
      ([a, b]) => ({
        changes: [
          { put: 'a', value: Number(a) - 1 },
          { put: 'b', value: Number(b) + 1 },
        ],
        result: undefined,
      }),
      'relaxed',
    )
}

/** Laws about contexts that share a store. */
export const sharingLaws: readonly StorageLaw[] = [
  aboutContexts('shows a commit to another context once it has resolved', async (here, there) => {
    await commit(here, puts(['a']))
    equal(await readOne(there, 'a'), 'at a', 'seen there')
    await commit(there, [{ del: 'a' }])
    equal(await readOne(here, 'a'), undefined, 'seen here')
  }),
  aboutContexts('serialises fifty read-modify-writes of two contexts', async (here, there) => {
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, i) => increment(i % 2 === 0 ? here : there, 'n')),
    )
    equal(new Set(results).size, 50, 'distinct results')
    equal(await readOne(here, 'n'), 50, 'the number')
  }),
  aboutContexts(
    'reads and scans what belongs together, whatever is committed meanwhile',
    async (here, there) => {
      await commit(here, [
        { put: 'a', value: 40 },
        { put: 'b', value: 0 },
      ])
      const sums = new Set<number>()
      const writing = moveAll(here, 40)
      for (let i = 0; i < 20; i++) {
        const [a, b] = await there.read(['a', 'b'])
        sums.add(Number(a) + Number(b))
        for (const ranges of [
          [{ gte: 'a', lt: 'c' }],
          [
            { gte: 'b', lt: 'c' },
            { gte: 'a', lt: 'b' },
          ],
        ]) {
          const entries = await there.scan(...ranges)
          sums.add(entries.reduce((sum, [, value]) => sum + Number(value), 0))
        }
      }
      await writing
      equal([...sums], [40], 'the sums seen')
    },
  ),
  aboutContexts('shows another context all of a transaction or nothing', async (here, there) => {
    const keys = Array.from({ length: 200 }, (_, i) => `k${i}`)
    const writing = commit(here, puts(keys))
    const seen = new Set<number>()
    for (let i = 0; i < 10; i++) seen.add((await keysIn(there, 'k', 'l')).length)
    await writing
    seen.add((await keysIn(there, 'k', 'l')).length)
    for (const count of seen) holds(count === 0 || count === 200, `${count} of 200 keys were seen`)
    holds(seen.has(200), 'the transaction was never seen')
  }),
  aboutStore('keeps stores of different names apart', async (store, { here, name }) => {
    const other = await here.open(`${name}/inner`)
    await commit(store, puts(['a', 'inner/a', '/inner/a']))
    equal(await keysIn(other, '', 'z'), [], 'a store that nobody wrote to')
    await commit(other, [{ put: 'a', value: 'other' }])
    equal([await readOne(store, 'a'), await readOne(other, 'a')], ['at a', 'other'], 'the two stores')
    await other.close()
  }),
  aboutContexts(
    'tells the keys under a prefix that another context committed',
    async (here, there, { pause }) => {
      const outbox = listen(here, 'o/')
      const everything = listen(here, '')
      await commit(there, puts(['o/1', 'p/1']))
      await commit(there, [{ del: 'o/2' }, { delRange: ['o/3', 'o/9'] }])
      await eventually(pause, () => outbox.told.length >= 3, 'telling three keys')
      await fence(there, here, pause)
      equal(outbox.told, ['o/1', 'o/2', 'o/3'], 'told under o/')
      equal(everything.told.slice(0, 4), ['o/1', 'p/1', 'o/2', 'o/3'], 'told under no prefix')
    },
  ),
  aboutContexts('does not tell a context its own commits', async (here, there, { pause }) => {
    const own = listen(here, 'k')
    await commit(here, puts(['k1']))
    await fence(there, here, pause)
    await fence(here, there, pause)
    equal(own.told, [], 'told here')
  }),
  aboutContexts('tells both of two contexts that watch each other', async (here, there, { pause }) => {
    const [toHere, toThere] = [listen(here, 'k'), listen(there, 'k')]
    await commit(here, puts(['k from here']))
    await commit(there, puts(['k from there']))
    await fence(here, there, pause)
    await fence(there, here, pause)
    equal([toHere.told, toThere.told], [['k from there'], ['k from here']], 'told')
  }),
  aboutContexts('tells nothing of a transaction that failed', async (here, there, { pause }) => {
    const { told } = listen(here, 'k')
    const failing = there.transact(
      ['k'],
      () => {
        throw new Error('no')
      },
      'relaxed',
    )
    await failing.catch(() => undefined)
    await fence(there, here, pause)
    equal(told, [], 'told')
  }),
  aboutContexts(
    'tells nobody who stopped, and goes on telling the others',
    async (here, there, { pause }) => {
      const [stopped, other] = [listen(here, 'k'), listen(here, 'k')]
      stopped.stop()
      stopped.stop()
      await commit(there, puts(['k1']))
      await eventually(pause, () => other.told.length > 0, 'telling the other')
      equal(stopped.told, [], 'told after stop')
    },
  ),
  aboutContexts('tells nothing once it is closed', async (here, there, { here: storage, name, pause }) => {
    const { told } = listen(here, 'k')
    await here.close()
    const witness = await storage.open(name)
    await commit(there, puts(['k1']))
    await fence(there, witness, pause)
    await witness.close()
    equal(told, [], 'told after close')
  }),
]
