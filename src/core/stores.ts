import { PROTOCOL_VERSION } from '../protocol/index.js'
import type { StorageStatus } from './api.js'
import { createCell } from './emitter.js'
import { LIMITS } from './limits.js'
import { readMark, writeMark } from './messages/outbox-records.js'
import { keys, roomOf } from './messages/record.js'
import { within } from './patience.js'
import type { Platform } from './platform.js'
import type { Reports } from './reports.js'
import type { Readable } from './seams/readable.js'
import type { Store } from './seams/storage.js'
import {
  empty,
  emptyOutbox,
  lastSignOut,
  type Note,
  obeyCache,
  obeyOutbox,
  watchSignOut,
} from './sign-out.js'
import { createVault, type Vault } from './vault.js'

/** The two stores of a user: they share nothing, so that the cache can be thrown away without a thought for the outbox. */
export interface Stores {
  readonly status: Readable<StorageStatus>
  readonly outboxVault: Vault
  readonly cacheVault: Vault
  /** Looks whether the user signed out in another context. */
  look(): void
  /** Empties both, as far as they answer, and leaves a note for those that come later. Rejects when one did not answer. */
  wipe(): Promise<void>
  close(): Promise<void>
}

export interface StoresParts {
  readonly platform: Platform
  readonly scope: string
  readonly reports: Reports
  /** The user signed out in another context. */
  readonly onSignedOut: () => void
  /** The device is full: resolves with whether there is room now. */
  readonly onFull: () => Promise<boolean>
  /** The cache may hold other things than it did: of these rooms, or of all of them. */
  readonly onCached: (rooms?: readonly string[]) => void
}

/** Version of the outbox's records: for ever 1. */
const OUTBOX = 'outbox.1'
/** The cache may be thrown away: another shape of it gets another name. */
const CACHE = `cache.${PROTOCOL_VERSION}`

export function createStores({
  platform,
  scope,
  reports,
  onSignedOut,
  onFull,
  onCached,
}: StoresParts): Stores {
  const { storage, clock, random } = platform
  const initial: StorageStatus = { state: 'idle', kind: storage.kind, durable: storage.durable, error: null }
  const status = createCell(initial, reports.onThrow)
  /** The last logout that this context knows of, once it has looked. */
  let known: { readonly id: string | undefined } | undefined
  let outbox: Store | undefined
  /** What the outbox says of the last logout, while it is being read. */
  let obeying: Promise<Note | undefined> | undefined
  /** Stores that are looked at and not given out yet. Room is made in a store that is given out: who is looked at cannot wait for it. */
  let admissions = 0

  const told = new Map<string, StorageStatus>()
  const vault = (name: string, givesUpWrites: boolean, admit: (store: Store) => Promise<void>): Vault =>
    createVault({
      storage,
      clock,
      givesUpWrites,
      name: `tidings.${name}.${scope}`,
      async admit(store) {
        admissions += 1
        try {
          await admit(store)
        } finally {
          admissions -= 1
        }
      },
      onFull: async () => admissions === 0 && onFull(),
      onStatus(next) {
        told.set(name, next)
        // The worse of the two is what there is to know.
        status.set([...told.values()].find(({ error }) => error !== null) ?? next)
        if (next.error) reports.onError(next.error)
      },
    })

  const outboxVault = vault(OUTBOX, false, async (store) => {
    // It knows of no logout: the one that it stands in for does.
    if (store.isFallback) return
    obeying = obeyOutbox(store, known)
    try {
      compare((await obeying)?.id)
    } finally {
      obeying = undefined
    }
    outbox = store
    watchSignOut(store, look)
  })
  // Its writes are given up: what is in the cache can be had again, and who was quicker is found out by the position.
  const cacheVault = vault(CACHE, true, async (store) => {
    // The two are opened together: what one of them reads just now, the other need not read again.
    const read = obeying
    const beside = await outboxVault.open().catch(() => undefined)
    if (beside && !store.isFallback) await obeyCache(await (read ?? lastSignOut(beside)), beside, store)
    store.watch(keys.rooms[0], (changed) => onCached(changed.map(roomOf)))
    onCached()
  })

  /** None at all says nothing: who deletes databases takes the note with them. */
  function compare(id: string | undefined): void {
    if (known && id !== undefined && id !== known.id) onSignedOut()
    else known ??= { id }
  }

  function look(): void {
    // What cannot be read now is looked at again.
    if (outbox)
      lastSignOut(outbox).then(
        (last) => compare(last?.id),
        () => undefined,
      )
  }

  const close = async (): Promise<void> => {
    await Promise.all([outboxVault.close(), cacheVault.close()])
  }

  const emptied = (from: Vault, how: (store: Store) => Promise<null>): Promise<null> =>
    within(clock, LIMITS.openTimeoutMs, from.open().then(how))

  return {
    status,
    outboxVault,
    cacheVault,
    look,
    async wipe() {
      const mark = writeMark(readMark(undefined))
      const done = await Promise.allSettled([
        emptied(cacheVault, empty),
        emptied(outboxVault, (store) => emptyOutbox(store, random.id(), mark)),
      ])
      await close()
      for (const one of done) if (one.status === 'rejected') throw one.reason
    },
    close,
  }
}
