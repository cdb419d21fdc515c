import { name } from '../protocol/fields.js'
import { boolean, fits, type Infer, object } from '../protocol/shape.js'
import type { Change, Store, Stored } from './seams/storage.js'

/*
 * A logout empties both stores of a user, as far as they answer, and leaves a note in the outbox: which logout it was, so that tabs that
 * were away notice, and that whatever is found is to be emptied again, since a store may not have answered and a tab may have written
 * after it. The next client that opens the stores obeys before it reads. The note itself stays, and says nothing of the user.
 */

const KEY = 'w'
/** Above every key in use. */
const LAST = '\uffff'

const note = object({
  /** Of this logout. */
  id: name,
  /** Whether the store has to be emptied before it is read. */
  outbox: boolean,
  cache: boolean,
})

export type Note = Infer<typeof note>

const noteOf = (value: Stored | undefined) => (fits(note, value) ? value : undefined)

export type Wiped = 'outbox' | 'cache'

const EVERYTHING: Change = { delRange: ['', LAST] }

/** Empties a store. */
export const empty = (store: Store): Promise<null> =>
  store.transact([], () => ({ changes: [EVERYTHING], result: null }), 'strict')

/** Empties the outbox and leaves the note of this logout. `rest` is what has to be there all the same. */
export const emptyOutbox = (store: Store, id: string, rest: Change): Promise<null> =>
  store.transact(
    [],
    () => ({
      changes: [EVERYTHING, { put: KEY, value: { id, outbox: true, cache: true } }, rest],
      result: null,
    }),
    'strict',
  )

/**
 * Empties the outbox if a logout said so. Resolves with the note of the last one, if there was one. A tab that knows of an earlier one leaves
 * everything as it is: the logout was one of its own user, and it has to end.
 */
export async function obeyOutbox(
  store: Store,
  known?: { readonly id: string | undefined },
): Promise<Note | undefined> {
  const last = await lastSignOut(store)
  if (!last?.outbox || (known && known.id !== last.id)) return last
  return store.transact(
    [KEY],
    ([value]) => {
      const left = noteOf(value)
      // Another tab was quicker: what is there now is new.
      if (!left?.outbox) return { changes: [], result: left }
      const result = { ...left, outbox: false }
      return { changes: [EVERYTHING, { put: KEY, value: result }], result }
    },
    'strict',
  )
}

/** Empties the cache if the last logout said so. */
export async function obeyCache(last: Note | undefined, outbox: Store, cache: Store): Promise<void> {
  if (!last?.cache) return
  await empty(cache)
  await outbox.transact(
    [KEY],
    ([value]) => {
      const left = noteOf(value)
      return { changes: left ? [{ put: KEY, value: { ...left, cache: false } }] : [], result: null }
    },
    'relaxed',
  )
}

/** Tells when another context leaves a note, or clears one. */
export const watchSignOut = (store: Store, fn: () => void): (() => void) => store.watch(KEY, fn)

/** The note of the last logout, if there was one. */
export const lastSignOut = async (store: Store): Promise<Note | undefined> => {
  const [found] = await store.read([KEY])
  return noteOf(found)
}
