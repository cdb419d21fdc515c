import { openDB } from 'idb'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createIndexedDbStorage } from '../../src/adapters/indexed-db.js'
import { createSystemClock } from '../../src/adapters/system-clock.js'
import { createLogGuard } from '../../src/adapters/torn-log.js'
import type { Store } from '../../src/core/seams/storage.js'
import { createPuppetLifecycle, createTimeline } from '../../src/testing/index.js'
import { storageLaws } from '../../src/testing/laws/storage.js'

const clock = createSystemClock()
const LOCK = 'tidings.pages'
/** LevelDB's bound, which Chromium fills with twice of what is put. */
const LOG_BYTES = 4 * 1024 * 1024

let names = 0
const stores: Store[] = []

/** A page with one open store. Pages of one document have their locks and databases in common, as those of one origin do. */
async function openPage(wait = clock) {
  const lifecycle = createPuppetLifecycle()
  const storage = createIndexedDbStorage({ clock, guard: createLogGuard(wait, lifecycle) })
  const store = await storage.open(`torn-log ${names++}`)
  stores.push(store)
  const write = () =>
    store.transact([], () => ({ changes: [{ put: 'a', value: 1 }], result: 'written' }), 'relaxed')
  return { store, lifecycle, write }
}

/** How many pages are entered and not left. */
async function pages(): Promise<number> {
  const database = await openDB(LOCK)
  const count = await database.count('pages')
  database.close()
  return count
}

/** Bytes of values that are put and are bytes. */
let ballast = 0
beforeEach(() => {
  ballast = 0
  const { put } = IDBObjectStore.prototype
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
    this: IDBObjectStore,
    value,
    ...key
  ) {
    if (value instanceof Uint8Array) ballast += value.byteLength
    return put.call(this, value, ...key)
  })
})
afterEach(async () => {
  vi.restoreAllMocks()
  for (const store of stores.splice(0)) await store.close()
  await expect.poll(pages).toBe(0)
})

describe('IndexedDB behind a guard of its log', () => {
  for (const law of storageLaws)
    it(law.name, async () => {
      const [here, there] = [1, 2].map(() =>
        createIndexedDbStorage({ clock, guard: createLogGuard(clock, createPuppetLifecycle()) }),
      )
      const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 5))
      if (here && there) await law.run({ here, there, name: `guarded: ${law.name}`, pause })
    })
})

describe('a page', () => {
  it('is entered before it writes, and left with its last store', async () => {
    const { store, write } = await openPage()
    expect(await write()).toBe('written')
    expect(await pages()).toBe(1)
    await store.close()
    await expect.poll(pages).toBe(0)
    expect(ballast).toBe(0)
  })

  it('is left when it is hidden for good or frozen, and entered again when it is back', async () => {
    const { lifecycle, write } = await openPage()
    await write()
    lifecycle.signal('hidden')
    await write()
    expect(await pages()).toBe(1)
    for (const [last, back] of [
      ['pagehide', 'pageshow'],
      ['freeze', 'resume'],
    ] as const) {
      lifecycle.signal(last)
      await expect.poll(pages).toBe(0)
      lifecycle.signal(back)
      await write()
      expect(await pages()).toBe(1)
    }
    expect(ballast).toBe(0)
  })

  it('begins a new log before it writes, where a page before it was never left', async () => {
    await (await openPage()).write()
    for (const store of stores.splice(0)) await store.close()
    const database = await openDB(LOCK)
    await database.add('pages', null)
    const { write } = await openPage()
    const written = write().then(() => ballast)
    expect(2 * (await written)).toBeGreaterThan(2 * LOG_BYTES)
    expect(await database.count('ballast')).toBe(0)
    expect(await pages()).toBe(1)
    database.close()
  })

  it('leaves the log alone while the page that is not left is alive', async () => {
    await (await openPage()).write()
    await (await openPage()).write()
    expect(await pages()).toBe(2)
    expect(ballast).toBe(0)
  })

  it('writes in the end though another page stands still in the middle of this', async () => {
    const timeline = createTimeline()
    let release: () => void = () => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    await new Promise<void>((granted) => {
      navigator.locks.request(LOCK, () => {
        granted()
        return held
      })
    })
    const { write } = await openPage(timeline.clock())
    const written = write()
    await timeline.advance(2_000)
    expect(await written).toBe('written')
    release()
    await expect.poll(pages).toBe(1)
  })
})
