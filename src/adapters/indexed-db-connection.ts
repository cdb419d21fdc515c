import { openDB, unwrap } from 'idb'
import { LIMITS } from '../core/limits.js'
import type { Clock } from '../core/seams/clock.js'
import { StorageError, type StorageFault, type StoreLoss } from '../core/seams/storage.js'
import { OBJECTS } from './indexed-db-transaction.js'

/** A database that is kept open: a dead connection is replaced by a new one without anybody noticing, as often as that makes sense. */
export interface IndexedDbConnection {
  /** Runs something on the open database; again on a new connection when this one turns out to be dead. */
  use<T>(run: (database: IDBDatabase) => Promise<T>): Promise<T>
  close(): void
}

type State =
  | { readonly is: 'open'; readonly database: IDBDatabase }
  | { readonly is: 'opening'; readonly opening: Promise<IDBDatabase> }
  | { readonly is: 'gone' }

interface Opened {
  readonly database: IDBDatabase
  /** There was nothing before. */
  readonly created: boolean
}

/** What happens to an open connection without its doing. */
interface Events {
  onVersionChange(database: IDBDatabase, deleted: boolean): void
  onTerminated(database: IDBDatabase): void
}

// Names say what happened; messages differ between engines.
const CODES: Readonly<Record<string, StorageFault>> = {
  QuotaExceededError: 'quota',
  NotFoundError: 'corrupt',
  VersionError: 'corrupt',
  TimeoutError: 'timeout',
}

/** Faults of a connection, not of what it was asked to do: another one may work. After an abort nothing was committed. */
const DEAD = new Set([
  'AbortError',
  'InvalidStateError',
  'NotFoundError',
  'TransactionInactiveError',
  'UnknownError',
])

const nameOf = (error: unknown): string =>
  error instanceof Error || error instanceof DOMException ? error.name : ''

function fault(name: string, error: unknown): StorageError {
  if (error instanceof StorageError) return error
  const code = CODES[nameOf(error)] ?? 'unavailable'
  return new StorageError(code, `IndexedDB refused ${name} (${nameOf(error) || 'unknown'}).`, {
    cause: error,
  })
}

/** One attempt, with an end: a frozen tab elsewhere can keep an open waiting without any event. */
function openOnce(name: string, clock: Clock, events: Events): Promise<Opened> {
  return new Promise((resolve, reject) => {
    let inTime = true
    let created = false
    let code: StorageFault = 'timeout'
    const cancel = clock.after(LIMITS.openTimeoutMs, () => {
      inTime = false
      reject(new StorageError(code, `IndexedDB did not open ${name} within ${LIMITS.openTimeoutMs} ms.`))
    })
    const opened: { database?: IDBDatabase } = {}
    const told = (tell: (database: IDBDatabase) => void) => {
      if (opened.database !== undefined) tell(opened.database)
    }
    const opening = (async () =>
      openDB(name, 1, {
        upgrade(database, _from, _to, transaction) {
          created = true
          database.createObjectStore(OBJECTS, { keyPath: 'k' })
          // Its failure is the open's failure, which is told below.
          transaction.done.catch(() => undefined)
        },
        blocked() {
          code = 'blocked'
        },
        blocking: (_current, to) => told((database) => events.onVersionChange(database, to === null)),
        terminated: () => told(events.onTerminated),
      }))()
    opening.then(
      (wrapped) => {
        cancel()
        // Too late to be of use, and an open connection nobody owns would block every deletion.
        if (!inTime) wrapped.close()
        else {
          opened.database = unwrap(wrapped)
          resolve({ database: opened.database, created })
        }
      },
      (error: unknown) => {
        cancel()
        reject(error)
      },
    )
  })
}

async function openPatiently(name: string, clock: Clock, events: Events): Promise<Opened> {
  for (let again = 0; ; again++) {
    try {
      return await openOnce(name, clock, events)
    } catch (error) {
      if (again >= LIMITS.reopenTimes || !DEAD.has(nameOf(error))) throw fault(name, error)
    }
  }
}

/** Opens a database; `lost` is called at most once, when it is gone for good. */
export async function connectIndexedDb(
  name: string,
  clock: Clock,
  lost: (why: StoreLoss) => void,
): Promise<IndexedDbConnection> {
  let state: State = { is: 'gone' }
  let heals = 0

  function end(why?: StoreLoss): void {
    if (state.is === 'gone') return
    if (state.is === 'open') state.database.close()
    state = { is: 'gone' }
    if (why !== undefined) lost(why)
  }

  /** Does nothing when somebody else has replaced it already. */
  function replace(dead: IDBDatabase, why: StoreLoss): void {
    if (state.is !== 'open' || state.database !== dead) return
    if (heals >= LIMITS.reopenTimes) {
      end(why)
      return
    }
    heals++
    // The dead handle goes first: retries that keep it fail for ever.
    dead.close()
    const opening = openPatiently(name, clock, events).then(
      ({ database, created }) => {
        const wanted = state.is === 'opening' && state.opening === opening
        if (!wanted || created) {
          database.close()
          if (wanted) end('emptied')
          throw new StorageError('closed', `The database ${name} is gone.`)
        }
        state = { is: 'open', database }
        return database
      },
      (error: unknown) => {
        if (state.is === 'opening' && state.opening === opening) end('closed')
        throw error
      },
    )
    state = { is: 'opening', opening }
    // Told by `lost`, and to those who wait for it.
    opening.catch(() => undefined)
  }

  const events: Events = {
    onVersionChange(database, deleted) {
      // Whoever wants to delete or upgrade has to wait for this connection, so it leaves at once and for good.
      if (state.is === 'open' && state.database === database) end(deleted ? 'emptied' : 'closed')
      else database.close()
    },
    onTerminated: (database) => replace(database, 'closed'),
  }

  state = { is: 'open', database: (await openPatiently(name, clock, events)).database }

  return {
    async use(run) {
      for (let again = 0; ; again++) {
        if (state.is === 'gone') throw new StorageError('closed', `The database ${name} is closed.`)
        const database: IDBDatabase = state.is === 'open' ? state.database : await state.opening
        try {
          const result = await run(database)
          heals = 0
          return result
        } catch (error) {
          if (DEAD.has(nameOf(error)))
            replace(database, nameOf(error) === 'NotFoundError' ? 'corrupt' : 'closed')
          if (again >= LIMITS.reopenTimes || !DEAD.has(nameOf(error))) throw fault(name, error)
        }
      }
    },
    close: () => end(),
  }
}
