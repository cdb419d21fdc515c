import { StorageError, type StoreLoss } from '../seams/storage.js'

/** What every store has in common, whatever it keeps things in: calls, watchers and the end. */
export interface StoreLife {
  /** Starts a call; rejects `closed` instead once the store was closed or lost. */
  call<T>(work: () => Promise<T>): Promise<T>
  watch(prefix: string, fn: (keys: readonly string[]) => void): () => void
  onLost(fn: (why: StoreLoss) => void): () => void
  /** Another context committed these keys. */
  told(keys: readonly string[]): void
  /** The store is gone. Told once, also to those who ask later. */
  lose(why: StoreLoss): void
  /** Refuses new calls; resolves when those under way have settled. */
  close(): Promise<void>
  readonly open: boolean
}

type State =
  | { readonly is: 'open' }
  | { readonly is: 'lost'; readonly why: StoreLoss }
  | { readonly is: 'closed' }

/** Tells everybody, also when one throws; the first thing thrown goes on once all were told. */
function tellAll(tells: readonly (() => void)[]): void {
  const thrown: unknown[] = []
  for (const tell of tells) {
    try {
      tell()
    } catch (error) {
      thrown.push(error)
    }
  }
  if (thrown.length > 0) throw thrown[0]
}

/** The life of a store called `name`, from open to lost or closed. */
export function createStoreLife(name: string): StoreLife {
  let state: State = { is: 'open' }
  const watchers = new Set<{ readonly prefix: string; readonly fn: (keys: readonly string[]) => void }>()
  const mourners = new Set<{ readonly fn: (why: StoreLoss) => void }>()
  const underWay = new Set<Promise<unknown>>()

  return {
    get open() {
      return state.is === 'open'
    },
    call(work) {
      if (state.is !== 'open')
        return Promise.reject(new StorageError('closed', `The store ${name} is ${state.is}. Open it again.`))
      const done = work()
      underWay.add(done)
      const over = () => underWay.delete(done)
      done.then(over, over)
      return done
    },
    watch(prefix, fn) {
      const watcher = { prefix, fn }
      watchers.add(watcher)
      return () => {
        watchers.delete(watcher)
      }
    },
    onLost(fn) {
      const mourner = { fn }
      mourners.add(mourner)
      if (state.is === 'lost') {
        const { why } = state
        void Promise.resolve().then(() => mourners.has(mourner) && fn(why))
      }
      return () => {
        mourners.delete(mourner)
      }
    },
    told(keys) {
      if (state.is !== 'open') return
      tellAll(
        [...watchers].map((watcher) => () => {
          const own = keys.filter((key) => key.startsWith(watcher.prefix))
          if (own.length > 0 && watchers.has(watcher)) watcher.fn(own)
        }),
      )
    },
    lose(why) {
      if (state.is !== 'open') return
      state = { is: 'lost', why }
      tellAll([...mourners].map((mourner) => () => mourners.has(mourner) && mourner.fn(why)))
    },
    async close() {
      state = { is: 'closed' }
      watchers.clear()
      mourners.clear()
      await Promise.allSettled(underWay)
    },
  }
}
