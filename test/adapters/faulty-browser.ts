import { forceCloseDatabase } from 'fake-indexeddb'
import { afterEach, beforeEach, vi } from 'vitest'
import { createIndexedDbStorage } from '../../src/adapters/indexed-db.js'
import type { Store, StoreLoss } from '../../src/core/seams/storage.js'
import { createTimeline, type Timeline } from '../../src/testing/timeline.js'

let names = 0
/** A name that no database had yet. */
export const newName = () => `faults ${++names}`

export const put = (store: Store, key: string, result = key) =>
  store.transact([], () => ({ changes: [{ put: key, value: key }], result }), 'strict')

/** Cuts a connection the way a browser does when it clears a site's storage. */
export function terminate(database: IDBDatabase): void {
  // Its published type asks for the class instead of one of its objects.
  const mistyped: Parameters<typeof forceCloseDatabase>[0] = Object.assign(database)
  forceCloseDatabase(mistyped)
}

/** The next commits end in an abort although every request succeeded, as on a full disk. */
export function abortCommits(name: string, times: number) {
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
/** How a promise ends: with the code of its error, or resolved. */
export const codeOf = (promise: Promise<unknown>) => promise.then(() => 'resolved', code)

/** An IndexedDB whose connections a test can cut and whose commits it can abort, as it was again after each test. */
export function faultyBrowser() {
  let timeline: Timeline
  /** Connections opened, the newest last. */
  let connections: IDBDatabase[]

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
    const name = newName()
    const storage = createIndexedDbStorage({ clock: timeline.clock() })
    const store = await storage.open(name)
    const lost: StoreLoss[] = []
    store.onLost((why) => lost.push(why))
    return { name, storage, store, lost }
  }

  const newest = (): IDBDatabase => {
    const connection = connections.at(-1)
    if (connection === undefined) throw new Error('nothing was opened')
    return connection
  }

  return { timeline: () => timeline, connections: () => connections, setUp, newest }
}
