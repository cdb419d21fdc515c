import 'fake-indexeddb/auto'
import { describe, expect, it, vi } from 'vitest'
import { createIndexedDbStorage } from '../../src/adapters/indexed-db.js'
import { codeOf, faultyBrowser, newName, put } from './faulty-browser.js'

const { timeline, connections, setUp, newest } = faultyBrowser()

describe('a database that does not open', () => {
  const openIt = (name = newName()) => createIndexedDbStorage({ clock: timeline().clock() }).open(name)
  const refuse = (name: string) => () => {
    throw new DOMException('', name)
  }

  it('rejects `timeout` after three seconds, and holds nothing open that comes later', async () => {
    const { name, storage, store } = await setUp()
    await store.close()
    // An old tab that does not let go, with a deletion waiting for it: opens queue up without any event.
    const old = indexedDB.open(name, 1)
    await new Promise((resolve) => old.addEventListener('success', resolve))
    const deletion = codeOf(storage.destroy(name))
    const opening = codeOf(openIt(name))
    await timeline().advance(2999)
    expect(timeline().pending).toBe(2)
    await timeline().advance(1)
    expect([await deletion, await opening]).toEqual(['blocked', 'timeout'])
    const before = connections().length
    old.result.close()
    await vi.waitFor(() => expect(connections().length).toBe(before + 1))
    await timeline().settle()
    expect(() => newest().transaction('kv')).toThrow()
    await storage.destroy(name)
    expect(timeline().pending).toBe(0)
  })

  it('opens when the third attempt succeeds, and gives up after the fourth', async () => {
    const open = vi.mocked(indexedDB.open)
    for (let i = 0; i < 3; i++) open.mockImplementationOnce(refuse('UnknownError'))
    const store = await openIt()
    await store.close()
    open.mockImplementation(refuse('UnknownError')).mockClear()
    expect(await codeOf(openIt())).toBe('unavailable')
    expect(open).toHaveBeenCalledTimes(4)
  })

  it('rejects `unavailable` at once where a private window refuses it', async () => {
    vi.mocked(indexedDB.open).mockImplementation(refuse('SecurityError')).mockClear()
    expect(await codeOf(openIt())).toBe('unavailable')
    expect(indexedDB.open).toHaveBeenCalledTimes(1)
    expect(timeline().pending).toBe(0)
  })

  it('rejects `unavailable` where there is no IndexedDB at all', async () => {
    vi.stubGlobal('indexedDB', undefined)
    expect(await codeOf(openIt())).toBe('unavailable')
    expect(await codeOf(createIndexedDbStorage({ clock: timeline().clock() }).destroy('x'))).toBe(
      'unavailable',
    )
  })

  it('rejects `corrupt` when somebody else made a database of that name', async () => {
    const name = newName()
    const foreign = indexedDB.open(name, 1)
    await new Promise((resolve) => foreign.addEventListener('success', resolve))
    foreign.result.close()
    const store = await openIt(name)
    expect(await codeOf(store.read(['k']))).toBe('corrupt')
    await store.close()
  })
})

describe('a platform that lacks something', () => {
  it('scans backwards by cursor where getAll knows no direction', async () => {
    const { store } = await setUp()
    for (const key of ['a', 'b', 'c', 'd']) await put(store, key)
    const cursors = vi.spyOn(IDBObjectStore.prototype, 'openCursor')
    const withDirection = Object.getOwnPropertyDescriptor(IDBObjectStore.prototype, 'getAllRecords')
    if (withDirection === undefined) throw new Error('this IndexedDB has no getAllRecords')
    Reflect.deleteProperty(IDBObjectStore.prototype, 'getAllRecords')
    const all = await store.scan({ gte: 'a', lt: 'd', reverse: true })
    const two = await store.scan({ gte: 'a', lt: 'z', reverse: true, limit: 2 })
    const none = await store.scan({ gte: 'x', lt: 'z', reverse: true })
    Object.defineProperty(IDBObjectStore.prototype, 'getAllRecords', withDirection)
    expect(all.map(([key]) => key)).toEqual(['c', 'b', 'a'])
    expect(two).toEqual([
      ['d', 'd'],
      ['c', 'c'],
    ])
    expect(none).toEqual([])
    expect(cursors).toHaveBeenCalledTimes(3)
    await store.close()
  })

  it('stores without BroadcastChannel, and tells nobody', async () => {
    vi.stubGlobal('BroadcastChannel', undefined)
    const { store, storage, name } = await setUp()
    const other = await storage.open(name)
    const told = vi.fn()
    other.watch('', told)
    await put(store, 'k')
    await timeline().settle()
    expect([await other.read(['k']), told.mock.calls]).toEqual([['k'], []])
    await store.close()
    await other.close()
  })

  it('does not let a transaction that hangs keep close waiting for more than three seconds', async () => {
    const { store } = await setUp()
    // Another transaction that does not end, so that this one does not begin.
    const other = newest().transaction('kv', 'readwrite').objectStore('kv')
    let over = false
    const goOn = () => {
      if (!over) other.get('k').onsuccess = goOn
    }
    goOn()
    const writing = put(store, 'k')
    let closed = false
    const closing = store.close().then(() => {
      closed = true
    })
    await timeline().advance(2999)
    expect(closed).toBe(false)
    await timeline().advance(1)
    await closing
    expect(timeline().pending).toBe(0)
    over = true
    await writing
  })
})
