import type { StorageStatus } from './api.js'
import { TidingsError } from './errors.js'
import { LIMITS } from './limits.js'
import type { Storage, Store } from './seams/storage.js'

/** An open store that heals: opened at the first use, opened again when its connection is lost. */
export interface Vault {
  /** The store, opened if need be. Rejects when it cannot be had; the next call tries again. */
  readonly open: () => Promise<Store>
  /** Empties it, closes it and lets the platform remove it. */
  wipe(): Promise<void>
  close(): Promise<void>
}

export interface VaultParts {
  readonly storage: Storage
  readonly name: string
  readonly onStatus: (status: StorageStatus) => void
}

const FELL_BACK =
  'The storage of this page cannot be used. Messages are kept in memory: they are sent as long as the page is open.'

export function createVault({ storage, name, onStatus }: VaultParts): Vault {
  const promised = storage.durable
  let opened: Promise<Store> | undefined
  let losses = 0
  let closed = false
  const tell = (state: StorageStatus['state'], error: TidingsError | null): void =>
    onStatus({ state, kind: storage.kind, durable: storage.durable, error })

  async function attempt(): Promise<Store> {
    tell('opening', null)
    try {
      const store = await storage.open(name)
      store.onLost((why) => {
        // The dead handle is dropped; who needs the store next opens it again.
        opened = undefined
        losses += 1
        tell(
          'degraded',
          new TidingsError('storage', `The storage of this page was lost (${why}). It is opened again.`),
        )
      })
      // A ladder may have fallen back to something that the page does not outlive.
      if (storage.durable || !promised) tell('ready', null)
      else tell('degraded', new TidingsError('storage', FELL_BACK))
      return store
    } catch (cause) {
      opened = undefined
      const message = 'The storage of this page cannot be opened. Messages are kept in memory until it can.'
      tell('degraded', new TidingsError('storage', message, { cause }))
      throw cause
    }
  }

  const open = (): Promise<Store> => {
    if (closed) return Promise.reject(new TidingsError('destroyed', 'The client was destroyed.'))
    if (losses > LIMITS.reopenTimes) {
      return Promise.reject(
        new TidingsError('storage', 'The storage of this page was lost too often. Reload the page.'),
      )
    }
    opened ??= attempt()
    return opened
  }

  async function close(): Promise<void> {
    closed = true
    const store = await opened?.catch(() => undefined)
    await store?.close()
  }

  return {
    open,
    async wipe() {
      const store = await open()
      await store.transact([], () => ({ changes: [{ delRange: ['', '\uffff'] }], result: null }), 'strict')
      await close()
      // Best effort: another tab may hold it open, and what was to go is gone.
      await storage.destroy(name).catch(() => undefined)
    },
    close,
  }
}
