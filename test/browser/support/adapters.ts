/*
 * Runs in a frame: the adapters of a context of its own, for whoever holds the frame.
 */
import { createIndexedDbStorage } from '../../../src/adapters/indexed-db.js'
import { createSystemClock } from '../../../src/adapters/system-clock.js'
import { createWebLocks } from '../../../src/adapters/web-locks.js'
import type { Locks } from '../../../src/core/seams/locks.js'
import type { Storage } from '../../../src/core/seams/storage.js'

export interface Adapters {
  readonly storage: Storage
  readonly locks: Locks
}

declare global {
  interface Window {
    /** Set by the frame once it runs. */
    adapters?: Adapters
  }
}

const locks = createWebLocks()
if (locks) window.adapters = { storage: createIndexedDbStorage({ clock: createSystemClock() }), locks }
