import { describe, expect, it } from 'vitest'
import type { Change, Storage, Store, Stored, StoreLoss } from '../../src/core/seams/storage.js'
import { createMemoryDisk } from '../../src/testing/memory-disk.js'
import { createTimeline } from '../../src/testing/timeline.js'

const put = (store: Store, key: string, value: Stored = key) =>
  store.transact([], () => ({ changes: [{ put: key, value }], result: undefined }), 'strict')

/** What became of a promise so far. */
function outcome(promise: Promise<unknown>) {
  const seen: { is: string } = { is: 'pending' }
  promise.then(
    () => {
      seen.is = 'resolved'
    },
    (error: unknown) => {
      seen.is = error instanceof Error && 'code' in error ? String(error.code) : 'rejected'
    },
  )
  return seen
}

describe('the disk in memory', () => {
  it('commits never inside the call, and only after its latency', async () => {
    const timeline = createTimeline()
    const disk = createMemoryDisk({ clock: timeline.clock(), latencyMs: 10 })
    const store = await disk.storage().open('a')
    const write = outcome(put(store, 'k'))
    await timeline.advance(19)
    expect([write.is, disk.entries('a')]).toEqual(['pending', []])
    await timeline.advance(1)
    expect([write.is, disk.entries('a')]).toEqual(['resolved', [['k', 'k']]])
  })

  it('loses with a context what it had not committed, and nothing else', async () => {
    const timeline = createTimeline()
    const disk = createMemoryDisk({ clock: timeline.clock(), latencyMs: 10 })
    const tab = disk.storage()
    const other = await disk.storage().open('a')
    const store = await tab.open('a')
    const first = put(store, 'committed')
    await timeline.advance(20)
    await first
    const second = outcome(put(store, 'under way'))
    void put(store, 'waiting in line')
    const close = outcome(store.close())
    const third = outcome(put(other, 'of another'))
    await timeline.advance(15)
    disk.crash(tab)
    await timeline.advance(20)
    expect(third.is).toBe('resolved')
    const after = outcome(tab.open('a'))
    await timeline.advance(100)
    expect([second.is, close.is, after.is, third.is]).toEqual(['pending', 'pending', 'pending', 'resolved'])
    expect(disk.entries('a').map(([key]) => key)).toEqual(['committed', 'of another'])
    expect([disk.openStores, timeline.pending]).toEqual([1, 0])
  })

  it('loses in a power cut what no strict commit and no flush made sure, in every context', async () => {
    const disk = createMemoryDisk()
    const tab = disk.storage()
    const store = await tab.open('a')
    const other = await disk.storage().open('b')
    const relax = (on: Store, ...changes: Change[]) =>
      on.transact([], () => ({ changes, result: undefined }), 'relaxed')
    await put(store, 'sure')
    await put(store, 'also sure')
    await relax(other, { put: 'flushed', value: 1 })
    disk.flush()
    await relax(other, { put: 'flushed', value: 2 }, { put: 'new', value: 3 })
    await relax(store, { put: 'sure', value: 'changed' })
    await relax(store, { put: 'sure', value: 'changed again' }, { del: 'also sure' })
    await relax(store, { delRange: ['a', 'z'] })
    const waiting = outcome(put(store, 'under way'))
    disk.powerCut()
    expect(disk.entries('a')).toEqual([
      ['also sure', 'also sure'],
      ['sure', 'sure'],
    ])
    expect(disk.entries('b')).toEqual([['flushed', 1]])
    await createTimeline().settle()
    expect([waiting.is, disk.openStores]).toEqual(['pending', 0])
    expect(await (await disk.storage().open('a')).read(['sure'])).toEqual(['sure'])
  })

  it('makes everything before a strict commit sure with it', async () => {
    const disk = createMemoryDisk()
    const store = await disk.storage().open('a')
    await store.transact([], () => ({ changes: [{ put: 'relaxed', value: 1 }], result: 0 }), 'relaxed')
    await put(store, 'strict')
    disk.powerCut()
    expect(disk.entries('a').map(([key]) => key)).toEqual(['relaxed', 'strict'])
  })

  it('brings nothing back in a power cut from before it was emptied', async () => {
    const disk = createMemoryDisk()
    const relax = async (key: string, value: number) =>
      (await disk.storage().open('a')).transact(
        [],
        () => ({ changes: [{ put: key, value }], result: 0 }),
        'relaxed',
      )
    await put(await disk.storage().open('a'), 'changed')
    await relax('changed', 1)
    disk.lose('emptied')
    await relax('since then', 2)
    disk.powerCut()
    expect(disk.entries('a')).toEqual([])
  })

  it('hangs for one context, and for others behind a transaction of its', async () => {
    const timeline = createTimeline()
    const disk = createMemoryDisk({ clock: timeline.clock(), latencyMs: 10 })
    const [tab, neighbour] = [disk.storage(), disk.storage()]
    const [store, other] = [await tab.open('a'), await neighbour.open('a')]
    const release = disk.hang(tab)
    const free = outcome(put(other, 'before'))
    await timeline.advance(50)
    const stuck = outcome(put(store, 'in the middle'))
    await timeline.advance(50)
    const behind = outcome(put(other, 'behind'))
    await timeline.advance(1000)
    expect([free.is, stuck.is, behind.is]).toEqual(['resolved', 'pending', 'pending'])
    release()
    await timeline.advance(50)
    expect([stuck.is, behind.is]).toEqual(['resolved', 'resolved'])
  })

  it('counts what one context has open, and what failed', async () => {
    const disk = createMemoryDisk()
    const [tab, other] = [disk.storage(), disk.storage()]
    const store = await tab.open('a')
    await other.open('a')
    disk.abortNext()
    await expect(put(store, 'k')).rejects.toThrow('aborted')
    expect([disk.openBy(tab), disk.openBy(other), disk.aborts, disk.commits]).toEqual([1, 1, 1, 0])
    await store.close()
    expect([disk.openBy(tab), disk.openStores]).toEqual([0, 1])
  })

  it('aborts the next transactions after their fn ran, and writes nothing of them', async () => {
    const disk = createMemoryDisk()
    const store = await disk.storage().open('a')
    disk.abortNext('quota', 2)
    let ran = 0
    const run = () => ({ changes: [{ put: 'k', value: ++ran }], result: ran })
    await expect(store.transact([], run, 'strict')).rejects.toMatchObject({ code: 'quota' })
    await expect(store.transact([], run, 'strict')).rejects.toMatchObject({ code: 'quota' })
    await expect(store.transact([], run, 'strict')).resolves.toBe(3)
    expect(disk.entries('a')).toEqual([['k', 3]])
  })

  it('runs fn again when told to, and keeps the second run only', async () => {
    const disk = createMemoryDisk()
    const store = await disk.storage().open('a')
    disk.rerunNext()
    let ran = 0
    await store.transact(
      [],
      () => ({ changes: [{ put: `run ${++ran}`, value: ran }], result: ran }),
      'strict',
    )
    expect(disk.entries('a')).toEqual([['run 2', 2]])
    expect(disk.commits).toBe(1)
  })

  it('refuses what exceeds its quota and takes what makes room', async () => {
    const disk = createMemoryDisk()
    const store = await disk.storage().open('a')
    await put(store, 'k', 'x'.repeat(100))
    disk.quota(80)
    await expect(put(store, 'j', 'y')).rejects.toMatchObject({ code: 'quota' })
    await put(store, 'k', 'x'.repeat(90))
    await put(store, 'k', 'x')
    await put(store, 'j', 'y')
    expect(disk.entries('a').map(([key]) => key)).toEqual(['j', 'k'])
  })

  it('hangs until released, for everybody', async () => {
    const disk = createMemoryDisk()
    const timeline = createTimeline()
    const [one, two] = [await disk.storage().open('a'), await disk.storage().open('b')]
    const release = disk.hang()
    const writes = [outcome(put(one, 'k')), outcome(two.read(['k']))]
    await timeline.settle()
    expect(writes.map(({ is }) => is)).toEqual(['pending', 'pending'])
    release()
    await timeline.settle()
    expect(writes.map(({ is }) => is)).toEqual(['resolved', 'resolved'])
  })

  it('refuses opens, and times out those that hang', async () => {
    const timeline = createTimeline()
    const disk = createMemoryDisk({ clock: timeline.clock() })
    disk.refuseOpen('unavailable')
    await expect(disk.storage().open('a')).rejects.toMatchObject({ code: 'unavailable' })
    disk.openHangs(true)
    const opening = outcome(disk.storage().open('a'))
    await timeline.advance(2999)
    expect(opening.is).toBe('pending')
    await timeline.advance(1)
    expect(opening.is).toBe('timeout')
    disk.openHangs(false)
    await (await disk.storage().open('a')).close()
  })

  it('takes stores away, tells it once, also late, and rejects what was under way', async () => {
    const disk = createMemoryDisk()
    const tab: Storage = disk.storage()
    const store = await tab.open('a')
    const other = await disk.storage().open('a')
    await put(store, 'k')
    const told: StoreLoss[] = []
    store.onLost((why) => told.push(why))
    const write = put(store, 'j')
    disk.lose('closed', tab)
    disk.lose('closed', tab)
    await expect(write).rejects.toMatchObject({ code: 'closed' })
    await expect(store.read(['k'])).rejects.toMatchObject({ code: 'closed' })
    store.onLost((why) => told.push(why))
    await Promise.resolve()
    expect(told).toEqual(['closed', 'closed'])
    expect(await other.read(['k', 'j'])).toEqual(['k', undefined])
    disk.lose('emptied')
    expect(await (await tab.open('a')).read(['k'])).toEqual([undefined])
  })

  it('loses the stores that others hold when one destroys them', async () => {
    const disk = createMemoryDisk()
    const store = await disk.storage().open('a')
    const told: StoreLoss[] = []
    store.onLost((why) => told.push(why))
    await disk.storage().destroy('a')
    expect([told, disk.names()]).toEqual([['emptied'], []])
  })

  it('goes back to a snapshot, shows what it holds and takes what nobody wrote', async () => {
    const disk = createMemoryDisk()
    const store = await disk.storage().open('a')
    await put(store, 'k', { n: 1 })
    const before = disk.snapshot()
    await put(store, 'k', { n: 2 })
    disk.corrupt('b', 'bad', 'row')
    expect(disk.names()).toEqual(['a', 'b'])
    expect(disk.entries('b')).toEqual([['bad', 'row']])
    disk.restore(before)
    expect([disk.names(), disk.entries('a'), disk.openStores]).toEqual([['a'], [['k', { n: 1 }]], 0])
    await expect(store.read(['k'])).rejects.toMatchObject({ code: 'closed' })
  })

  it('tells watchers nothing while deaf', async () => {
    const disk = createMemoryDisk()
    const [here, there] = [await disk.storage().open('a'), await disk.storage().open('a')]
    const told: string[] = []
    here.watch('', (keys) => told.push(...keys))
    disk.deafen(true)
    await put(there, '1')
    disk.deafen(false)
    await put(there, '2')
    await Promise.resolve()
    expect(told).toEqual(['2'])
  })
})
