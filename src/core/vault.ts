import type { StorageStatus } from './api.js'
import { TidingsError } from './errors.js'
import { LIMITS } from './limits.js'
import { createPatientStore } from './patient-store.js'
import type { Clock } from './seams/clock.js'
import { type Storage, StorageError, type Store } from './seams/storage.js'

/** An open store that heals: opened at the first use, opened again when its connection is lost. */
export interface Vault {
  /** The store, opened if need be. Rejects when it cannot be had; the next call tries again. */
  readonly open: () => Promise<Store>
  close(): Promise<void>
}

export interface VaultParts {
  readonly storage: Storage
  readonly name: string
  readonly clock: Clock
  /** Whether a write that takes too long is given up as well, see the patient store. */
  readonly givesUpWrites: boolean
  /** Something to be done with the store, each time it was opened, before anybody else is given it. */
  readonly admit?: (store: Store) => Promise<void>
  /** The device is full: resolves with whether there is room now. */
  readonly onFull: () => Promise<boolean>
  readonly onStatus: (status: StorageStatus) => void
}

/** A store that makes room when it is full, and tries again. */
const roomy = (store: Store, onFull: () => Promise<boolean>): Store => ({
  ...store,
  async transact(keys, fn, durability) {
    for (;;) {
      try {
        return await store.transact(keys, fn, durability)
      } catch (cause) {
        if (!(cause instanceof StorageError && cause.code === 'quota' && (await onFull()))) throw cause
      }
    }
  },
})

const CLOSED = 'The storage of this page cannot be opened. Messages are kept in memory until it can.'
const STUCK =
  'The storage of this page does not answer. Messages are kept in memory until it does; perhaps another tab is frozen.'

export function createVault(parts: VaultParts): Vault {
  const { storage, name, clock } = parts
  const promised = storage.durable
  /** The store, and whether it may be given out. */
  let raw: Promise<Store> | undefined
  let opened: Promise<Store> | undefined
  let losses = 0
  /** When it was lost last, or could not be had any more: wall time. */
  let lostAt = 0
  let closed = false
  /** What is wrong, as it was told last. */
  let wrong: string | undefined

  function tell(state: StorageStatus['state'], why?: string, cause?: unknown): void {
    // What is tried again and again is not news again and again.
    if (wrong !== undefined && (state === 'opening' || why === wrong)) return
    wrong = why
    const error = why === undefined ? null : new TidingsError('storage', why, { cause })
    parts.onStatus({ ...{ state, kind: storage.kind, durable: storage.durable }, error })
  }

  async function openRaw(): Promise<Store> {
    const store = await storage.open(name)
    store.onLost((why) => {
      // The dead handle is dropped, and another one opened at once: whoever needs the store next has it.
      raw = undefined
      opened = undefined
      if (closed) return
      // A better one took its place.
      if (store.isFallback) return void open().catch(() => undefined)
      losses = isLongAgo() ? 1 : losses + 1
      lostAt = clock.now()
      tell('degraded', `The storage of this page was lost (${why}). It is opened again.`)
      open().catch(() => undefined)
    })
    return createPatientStore({
      store: roomy(store, parts.onFull),
      clock,
      writesToo: parts.givesUpWrites,
      onStuck: (stuck) => !closed && (stuck ? tell('degraded', STUCK) : tell('ready')),
    })
  }

  async function attempt(): Promise<Store> {
    tell('opening')
    try {
      raw ??= openRaw().catch((cause: unknown) => {
        raw = undefined
        throw cause
      })
      const store = await raw
      await parts.admit?.(store)
      // A ladder may have fallen back to something that the page does not outlive.
      if (!store.isFallback && (storage.durable || !promised)) tell('ready')
      else tell('degraded', CLOSED)
      return store
    } catch (cause) {
      opened = undefined
      tell('degraded', CLOSED, cause)
      throw cause
    }
  }

  /** Whether a loss says nothing about the next one any more. */
  const isLongAgo = (): boolean => Math.abs(clock.now() - lostAt) > LIMITS.reopenAfterMs

  function open(): Promise<Store> {
    if (closed) return Promise.reject(new TidingsError('destroyed', 'The client was destroyed.'))
    if (losses > LIMITS.reopenTimes) {
      const message = 'The storage of this page was lost too often. It is tried again in a minute.'
      if (!isLongAgo()) return Promise.reject(new TidingsError('storage', message))
      losses = 0
    }
    opened ??= attempt()
    return opened
  }

  return {
    open,
    async close() {
      closed = true
      const store = await raw?.catch(() => undefined)
      await store?.close()
    },
  }
}
