import 'fake-indexeddb/auto'
import { forceCloseDatabase } from 'fake-indexeddb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createIndexedDbStorage } from '../../src/adapters/indexed-db.js'
import type { Store, StoreLoss } from '../../src/core/seams/storage.js'
import { createTimeline, type Timeline } from '../../src/testing/timeline.js'

let timeline: Timeline
/** Connections opened, the newest last. */
let connections: IDBDatabase[]
let names = 0

beforeEach(() => {
  timeline = createTimeline({ turns: 30 })
  connections = []
  const open = indexedDB.open.bind(indexedDB)
  vi.spyOn(indexedDB, 'open').mockImplementation((name, version) => {
    const request = open(name, version)
    request.addEventListener('success', () => connections.push(request.result))
    return request
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

async function setUp() {
  const name = `faults ${++names}`
  const storage = createIndexedDbStorage({ clock: timeline.clock() })
  const store = await storage.open(name)
  const lost: StoreLoss[] = []
  store.onLost((why) => lost.push(why))
  return { name, storage, store, lost }
}

const put = (store: Store, key: string, result = key) =>
  store.transact([], () => ({ changes: [{ put: key, value: key }], result }), 'strict')

const newest = (): IDBDatabase => {
  const connection = connections.at(-1)
  if (connection === undefined) throw new Error('nothing was opened')
  return connection
}

/** Cuts a connection the way a browser does when it clears a site's storage. */
function terminate(database: IDBDatabase): void {
  // Its published type asks for the class instead of one of its objects.
  const mistyped: Parameters<typeof forceCloseDatabase>[0] = Object.assign(database)
  forceCloseDatabase(mistyped)
}

/** The next commits end in an abort although every request succeeded, as on a full disk. */
function abortCommits(name: string, times: number) {
  const commit = IDBTransaction.prototype.commit
  let left = times
  return vi.spyOn(IDBTransaction.prototype, 'commit').mockImplementation(function (this: IDBTransaction) {
    if (left-- <= 0) {
      commit.call(this)
      return
    }
    Object.defineProperty(this, 'error', { configurable: true, value: new DOMException('', name) })
    this.abort()
  })
}

const code = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error)
const codeOf = (promise: Promise<unknown>) => promise.then(() => 'resolved', code)

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
    expect([runs, commits.mock.calls.length, connections.length]).toEqual([1, 1, 1])
    expect(await store.read(['k'])).toEqual([undefined])
    expect([await put(store, 'k'), lost]).toEqual(['k', []])
    await store.close()
  })

  it('is run again on a new connection when the connection was at fault', async () => {
    const { store, lost } = await setUp()
    abortCommits('UnknownError', 2)
    expect(await put(store, 'k')).toBe('k')
    expect(await store.read(['k'])).toEqual(['k'])
    expect([connections.length, lost]).toEqual([3, []])
    await store.close()
  })

  it('is given up after three new connections, and the store is lost', async () => {
    const { store, lost } = await setUp()
    const commits = abortCommits('UnknownError', 1000)
    expect(await codeOf(put(store, 'k'))).toBe('unavailable')
    expect([connections.length, commits.mock.calls.length, lost]).toEqual([4, 4, ['closed']])
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
    expect([connections.length, lost]).toEqual([9, []])
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
    expect([connections.length, lost]).toEqual([2, []])
    await store.close()
  })

  it('is replaced once for fifty calls that find it dead', async () => {
    const { store, lost } = await setUp()
    newest().close()
    await Promise.all(Array.from({ length: 50 }, (_, i) => put(store, `k${i}`)))
    expect((await store.scan({ gte: 'k', lt: 'l' })).length).toBe(50)
    expect([connections.length, lost]).toEqual([2, []])
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
    await timeline.settle()
    expect(connections.length).toBe(2)
    waiting.abort()
    await timeline.settle()
    over = true
    expect([await late, await reading, connections.length, lost]).toEqual(['late', [undefined], 2, []])
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
    await createIndexedDbStorage({ clock: timeline.clock() }).destroy(name)
    expect(lost).toEqual(['emptied'])
    expect(await codeOf(put(store, 'k'))).toBe('closed')
    const again = await storage.open(name)
    expect(await again.read(['k'])).toEqual([undefined])
    await again.close()
    expect(timeline.pending).toBe(0)
  })

  it('leaves at once when another tab brings a newer version', async () => {
    const { name, store, lost } = await setUp()
    const upgrade = indexedDB.open(name, 2)
    await new Promise((resolve) => upgrade.addEventListener('success', resolve))
    expect(lost).toEqual(['closed'])
    upgrade.result.close()
    expect(await codeOf(createIndexedDbStorage({ clock: timeline.clock() }).open(name))).toBe('corrupt')
    await store.close()
  })
})

describe('a database that does not open', () => {
  const openIt = (name = `faults ${++names}`) =>
    createIndexedDbStorage({ clock: timeline.clock() }).open(name)
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
    await timeline.advance(2999)
    expect(timeline.pending).toBe(2)
    await timeline.advance(1)
    expect([await deletion, await opening]).toEqual(['blocked', 'timeout'])
    const before = connections.length
    old.result.close()
    await vi.waitFor(() => expect(connections.length).toBe(before + 1))
    await timeline.settle()
    expect(() => newest().transaction('kv')).toThrow()
    await storage.destroy(name)
    expect(timeline.pending).toBe(0)
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
    expect(timeline.pending).toBe(0)
  })

  it('rejects `unavailable` where there is no IndexedDB at all', async () => {
    vi.stubGlobal('indexedDB', undefined)
    expect(await codeOf(openIt())).toBe('unavailable')
    expect(await codeOf(createIndexedDbStorage({ clock: timeline.clock() }).destroy('x'))).toBe('unavailable')
  })

  it('rejects `corrupt` when somebody else made a database of that name', async () => {
    const name = `faults ${++names}`
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
    await timeline.settle()
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
    await timeline.advance(2999)
    expect(closed).toBe(false)
    await timeline.advance(1)
    await closing
    expect(timeline.pending).toBe(0)
    over = true
    await writing
  })
})
