import 'fake-indexeddb/auto'
import { describe, expect, it, vi } from 'vitest'
import { createIndexedDbStorage } from '../../src/adapters/indexed-db.js'
import { abortCommits, codeOf, faultyBrowser, put, terminate } from './faulty-browser.js'

const { timeline, connections, setUp, newest } = faultyBrowser()

describe('a transaction that is aborted after its requests succeeded', () => {
  it('rejects `quota` on a full disk, writes nothing and is not tried again', async () => {
    const { store, lost } = await setUp()
    const commits = abortCommits('QuotaExceededError', 1)
    let runs = 0
    const filling = store.transact(
      [],
      () => ({ changes: [{ put: 'k', value: ++runs }], result: 0 }),
      'strict',
    )
    expect(await codeOf(filling)).toBe('quota')
    expect([runs, commits.mock.calls.length, connections().length]).toEqual([1, 1, 1])
    expect(await store.read(['k'])).toEqual([undefined])
    expect([await put(store, 'k'), lost]).toEqual(['k', []])
    await store.close()
  })

  it('is run again on a new connection when the connection was at fault', async () => {
    const { store, lost } = await setUp()
    abortCommits('UnknownError', 2)
    expect(await put(store, 'k')).toBe('k')
    expect(await store.read(['k'])).toEqual(['k'])
    expect([connections().length, lost]).toEqual([3, []])
    await store.close()
  })

  it('is given up after three new connections, and the store is lost', async () => {
    const { store, lost } = await setUp()
    const commits = abortCommits('UnknownError', 1000)
    expect(await codeOf(put(store, 'k'))).toBe('unavailable')
    expect([connections().length, commits.mock.calls.length, lost]).toEqual([4, 4, ['closed']])
    expect(await codeOf(put(store, 'k'))).toBe('closed')
    await store.close()
  })

  it('counts failures in a row only: success makes three new connections possible again', async () => {
    const { store, lost } = await setUp()
    for (let round = 0; round < 4; round++) {
      abortCommits('UnknownError', 2)
      expect(await put(store, `k${round}`)).toBe(`k${round}`)
      vi.mocked(IDBTransaction.prototype.commit).mockRestore()
    }
    expect([connections().length, lost]).toEqual([9, []])
    await store.close()
  })
})

describe('a connection that dies', () => {
  it('is replaced between two calls without anybody noticing', async () => {
    const { store, lost } = await setUp()
    await put(store, 'before')
    terminate(newest())
    await put(store, 'after')
    expect(await store.read(['before', 'after'])).toEqual(['before', 'after'])
    expect([connections().length, lost]).toEqual([2, []])
    await store.close()
  })

  it('is replaced once for fifty calls that find it dead', async () => {
    const { store, lost } = await setUp()
    newest().close()
    await Promise.all(Array.from({ length: 50 }, (_, i) => put(store, `k${i}`)))
    expect((await store.scan({ gte: 'k', lt: 'l' })).length).toBe(50)
    expect([connections().length, lost]).toEqual([2, []])
    await store.close()
  })

  it('does not take its successor with it when its last transaction fails late', async () => {
    const { store, lost } = await setUp()
    const old = newest()
    const holder = old.transaction('kv', 'readwrite').objectStore('kv')
    let over = false
    const goOn = () => {
      if (!over) holder.get('k').onsuccess = goOn
    }
    goOn()
    const begun = vi.spyOn(IDBDatabase.prototype, 'transaction')
    const late = store.transact(
      ['k'],
      () => ({ changes: [{ put: 'k', value: 1 }], result: 'late' }),
      'strict',
    )
    const waiting: IDBTransaction = begun.mock.results[0]?.value
    old.close()
    const reading = store.read(['k'])
    await timeline().settle()
    expect(connections().length).toBe(2)
    waiting.abort()
    await timeline().settle()
    over = true
    expect([await late, await reading, connections().length, lost]).toEqual(['late', [undefined], 2, []])
    await store.close()
  })

  it('leaves all or nothing of a transaction that it interrupts, and runs it again', async () => {
    const { store } = await setUp()
    // Cut when the puts are on their way and the commit is not: the browser aborts, then closes.
    vi.spyOn(IDBTransaction.prototype, 'commit').mockImplementationOnce(function (this: IDBTransaction) {
      this.abort()
      terminate(this.db)
    })
    let runs = 0
    const writing = store.transact(
      ['n'],
      ([n]) => ({
        changes: [
          { put: 'n', value: Number(n ?? 0) + 1 },
          { put: 'm', value: 1 },
        ],
        result: ++runs,
      }),
      'strict',
    )
    expect(await writing).toBe(2)
    expect(await store.read(['n', 'm'])).toEqual([1, 1])
    await store.close()
  })

  it('is lost as `emptied` when nothing is left behind it', async () => {
    const { name, store, lost } = await setUp()
    await put(store, 'k')
    newest().close()
    const deletion = indexedDB.deleteDatabase(name)
    await new Promise((resolve) => deletion.addEventListener('success', resolve))
    expect(await codeOf(store.read(['k']))).toBe('closed')
    expect(lost).toEqual(['emptied'])
    await store.close()
  })

  it('leaves at once when another tab deletes the store, so that nobody waits', async () => {
    const { name, storage, store, lost } = await setUp()
    await put(store, 'k')
    await createIndexedDbStorage({ clock: timeline().clock() }).destroy(name)
    expect(lost).toEqual(['emptied'])
    expect(await codeOf(put(store, 'k'))).toBe('closed')
    const again = await storage.open(name)
    expect(await again.read(['k'])).toEqual([undefined])
    await again.close()
    expect(timeline().pending).toBe(0)
  })

  it('leaves at once when another tab brings a newer version', async () => {
    const { name, store, lost } = await setUp()
    const upgrade = indexedDB.open(name, 2)
    await new Promise((resolve) => upgrade.addEventListener('success', resolve))
    expect(lost).toEqual(['closed'])
    upgrade.result.close()
    expect(await codeOf(createIndexedDbStorage({ clock: timeline().clock() }).open(name))).toBe('corrupt')
    await store.close()
  })
})
