import { describe, expect, it, vi } from 'vitest'
import { createIndexedDbStorage } from '../../src/adapters/indexed-db.js'
import { createMemoryStorage } from '../../src/adapters/memory.js'
import { createStorageLadder } from '../../src/adapters/storage-ladder.js'
import type { StorageError, Store } from '../../src/core/seams/storage.js'
import { createMemoryDisk } from '../../src/testing/memory-disk.js'
import { createTimeline } from '../../src/testing/timeline.js'

const put = (store: Store, key: string) =>
  store.transact([], () => ({ changes: [{ put: key, value: key }], result: undefined }), 'strict')

function setUp() {
  const timeline = createTimeline()
  const disk = createMemoryDisk({ clock: timeline.clock() })
  const degraded: string[] = []
  const ladder = createStorageLadder(
    disk.storage(),
    createMemoryStorage(),
    timeline.clock(),
    (why: StorageError) => degraded.push(why.code),
  )
  return { timeline, disk, degraded, ladder }
}

describe('the storage ladder', () => {
  it('stays on the first rung while it holds', async () => {
    const { disk, degraded, ladder } = setUp()
    await put(await ladder.open('a'), 'k')
    expect([disk.entries('a'), degraded]).toEqual([[['k', 'k']], []])
    expect([ladder.kind, ladder.durable]).toEqual(['memory-disk', true])
  })

  it('falls to the second when the first refuses, says why once, and stays there', async () => {
    const { disk, degraded, ladder } = setUp()
    disk.refuseOpen('unavailable')
    const [a, b] = await Promise.all([ladder.open('a'), ladder.open('a')])
    await put(a, 'k')
    const again = await ladder.open('a')
    expect(await again.read(['k'])).toEqual(['k'])
    expect([ladder.kind, ladder.durable, degraded]).toEqual(['memory', false, ['unavailable']])
    await Promise.all([a.close(), b.close(), again.close()])
  })

  it('falls when an open hangs', async () => {
    const { timeline, disk, degraded, ladder } = setUp()
    disk.openHangs(true)
    const opening = ladder.open('a')
    await timeline.advance(3000)
    await put(await opening, 'k')
    expect([disk.names(), degraded]).toEqual([[], ['timeout']])
  })

  it('falls where there is no IndexedDB', async () => {
    vi.stubGlobal('indexedDB', undefined)
    const why: StorageError[] = []
    const timeline = createTimeline()
    const first = createIndexedDbStorage({ clock: timeline.clock() })
    const ladder = createStorageLadder(first, createMemoryStorage(), timeline.clock(), (error) =>
      why.push(error),
    )
    await put(await ladder.open('a'), 'k')
    expect([ladder.kind, why[0]?.code]).toEqual(['memory', 'unavailable'])
    await ladder.destroy('a')
    vi.unstubAllGlobals()
  })

  it('destroys what lies on either rung', async () => {
    const { disk, ladder } = setUp()
    await (await ladder.open('a')).close()
    disk.refuseOpen('unavailable')
    await put(await ladder.open('b'), 'k')
    await ladder.destroy('a')
    await ladder.destroy('b')
    expect(disk.names()).toEqual([])
    expect(await (await ladder.open('b')).read(['k'])).toEqual([undefined])
  })

  it('goes back to the first as soon as every name opens there: all that the fallback held is lost at once', async () => {
    const { timeline, disk, ladder } = setUp()
    disk.refuseOpen('unavailable', 3)
    const lost: string[] = []
    for (const name of ['a', 'b']) (await ladder.open(name)).onLost(() => lost.push(name))
    await timeline.advance(2_999)
    expect(lost).toEqual([])
    await timeline.advance(10_000)
    expect(lost).toEqual(['a', 'b'])
    expect([ladder.kind, ladder.durable]).toEqual(['memory-disk', true])
    const again = await ladder.open('a')
    await put(again, 'k')
    expect([disk.entries('a'), timeline.pending]).toEqual([[['k', 'k']], 0])
  })

  it('does not leave the first for a name that was open there: what waits on it must not be overtaken', async () => {
    const { disk, ladder } = setUp()
    await (await ladder.open('a')).close()
    disk.refuseOpen('unavailable', 2)
    await expect(ladder.open('a')).rejects.toMatchObject({ code: 'unavailable' })
    const other = await ladder.open('b')
    expect([other.isFallback, ladder.kind]).toEqual([true, 'memory'])
    expect((await ladder.open('a')).isFallback).toBeUndefined()
    await other.close()
  })
})
