import { type IDBPDatabase, openDB } from 'idb'
import { within } from '../core/patience.js'
import type { Clock } from '../core/seams/clock.js'
import type { Lifecycle, LifecycleSignal } from '../core/seams/lifecycle.js'

/*
 * Chromium keeps IndexedDB in LevelDB, and goes on with the log of the browser before it. Where that one was killed in the middle of a
 * record, what follows in the log can be read by nobody: the browser after next takes it for damage and deletes every database of the
 * origin (google/leveldb#1287). No page is told. But a page can see that one before it was never left, and make Chromium begin a new log,
 * by writing more than one log takes, before it writes anything that must last.
 */

/** Pages that were entered and not left yet. The lock of this name is shared by those that live. */
const DATABASE = 'tidings.pages'
const PAGES = 'pages'
const BALLAST = 'ballast'

/**
 * LevelDB begins a new log after 4 MB, of which Chromium uses two for one that is put. Twice that: the second new log begins when all of
 * the old one has found its place elsewhere. A value of more than 64 KB would go into a file of its own.
 */
const BALLAST_RECORDS = 80
const BALLAST_BYTES = 60_000
/** In steps, so that who reads meanwhile comes in between. */
const STEP_RECORDS = 10

/** Another page may be at it, or frozen in it: what is written must not wait longer than its own patience. */
const PATIENCE_MS = 2_000

const nothing = (): void => undefined

async function beginNewLog(database: IDBPDatabase): Promise<void> {
  const ballast = new Uint8Array(BALLAST_BYTES)
  for (let at = 0; at < BALLAST_RECORDS; at += STEP_RECORDS) {
    const step = database.transaction(BALLAST, 'readwrite')
    for (let i = at; i < at + STEP_RECORDS; i++) step.store.put(ballast, i).catch(nothing)
    await step.done
  }
  await database.clear(BALLAST)
}

/** Holds a lock together with all other pages until it is released. */
const share = (): Promise<() => void> =>
  new Promise((granted, refused) => {
    const held = () => new Promise<void>((release) => granted(release))
    navigator.locks.request(DATABASE, { mode: 'shared' }, held).catch(refused)
  })

const openPages = () =>
  openDB(DATABASE, 1, {
    upgrade(database) {
      database.createObjectStore(PAGES, { autoIncrement: true })
      database.createObjectStore(BALLAST)
    },
    blocking: (_current, _blocked, { target }) => {
      if (target instanceof IDBDatabase) target.close()
    },
  })

/** Sees that nothing that another page left behind is of harm. Alone: whoever is entered now ended without having left. */
const lookBehind = (database: IDBPDatabase): Promise<void> =>
  // Where others live, the first of them has looked.
  navigator.locks.request(DATABASE, { ifAvailable: true }, async (lock) => {
    if (lock === null || (await database.count(PAGES)) === 0) return
    await beginNewLog(database)
    await database.clear(PAGES)
  })

/** Enters this page; resolves with how it leaves. */
async function enter(): Promise<() => void> {
  const database = await openPages()
  let release = nothing
  try {
    await lookBehind(database)
    release = await share()
    const page = await database.add(PAGES, null)
    return () => {
      release()
      const leaving = database.transaction(PAGES, 'readwrite')
      leaving.store.delete(page).catch(nothing)
      leaving.done.catch(nothing)
      // Nobody may be there to do it in the next tick.
      leaving.commit()
      database.close()
    }
  } catch (cause) {
    release()
    database.close()
    throw cause
  }
}

/** On behalf of all stores of a page: entered with the first write, while one of them is open and the page is not left. */
export interface LogGuard {
  begin(store: object): void
  end(store: object): void
  /** Resolves when what a store wants to last may be written. Never rejects, and not later than in two seconds. */
  entered(): Promise<void>
}

type Stay =
  | { readonly is: 'out' }
  | { readonly is: 'in'; readonly entering: Promise<() => void>; readonly entered: Promise<void> }
  /** The page may be gone before it hears another signal: what it writes now does not enter it again. */
  | { readonly is: 'left' }
const OUT: Stay = { is: 'out' }
const LEFT: Stay = { is: 'left' }

/** Whether this is a Chromium. Said by Chromium alone, and only where pages are secure, as they must be for locks. */
export const keepsTornLogs = (): boolean => typeof navigator !== 'undefined' && 'userAgentData' in navigator

/**
 * Sees to it that nothing is written before what a killed Chromium left is out of harm's way. Costs the first write after such an end a
 * tenth of a second, once, and every other page two small transactions. Needs Web Locks.
 */
export function createLogGuard(clock: Clock, lifecycle: Lifecycle): LogGuard {
  const open = new Set<object>()
  let stay: Stay = OUT
  let stop = nothing

  function leave(next: Stay): void {
    if (stay.is === 'in') stay.entering.then((goOut) => goOut()).catch(nothing)
    stay = next
  }

  function onSignal(signal: LifecycleSignal): void {
    if (signal === 'pageshow' || signal === 'resume') {
      if (stay.is === 'left') stay = OUT
    } else if (signal === 'pagehide' || signal === 'freeze') leave(LEFT)
  }

  return {
    begin(store) {
      open.add(store)
      if (open.size === 1) stop = lifecycle.listen(onSignal)
    },
    end(store) {
      if (!open.delete(store) || open.size > 0) return
      stop()
      leave(OUT)
    },
    async entered() {
      if (stay.is === 'out') {
        const entering = enter()
        // What cannot be guarded is written all the same: it is lost in the rarest of cases only.
        stay = { is: 'in', entering, entered: within(clock, PATIENCE_MS, entering).then(nothing, nothing) }
      }
      if (stay.is === 'in') await stay.entered
    },
  }
}
