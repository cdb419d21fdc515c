import type { TidingsError } from '../../../src/core/errors.js'
import { createOptimisticOn, type OptimisticOptions } from '../../../src/core/records/optimistic.js'
import type { RecordChange } from '../../../src/core/records/records.js'
import { createSeededRandom } from '../../../src/testing/index.js'

export interface Card {
  readonly id: string
  readonly name: string
  readonly topic: string | null
  readonly pinned?: readonly string[]
  readonly version?: number
}

export const card = (id: string, more: Partial<Card> = {}): Card => ({
  id,
  name: 'General',
  topic: 'News',
  ...more,
})

/** A backend that answers when the test says so, in any order. */
export function createBackend(options: Partial<OptimisticOptions<Card>> = {}) {
  const calls: {
    change: RecordChange<Card>
    accept: (record?: Card) => Promise<void>
    refuse: (why?: unknown) => Promise<void>
  }[] = []
  const errors: TidingsError[] = []
  const store = createOptimisticOn<Card>(createSeededRandom(1), {
    key: ({ id }) => id,
    onError: (error) => errors.push(error),
    commit: (change) =>
      new Promise<Card | undefined>((resolve, reject) => {
        calls.push({
          change,
          accept: async (record) => {
            resolve(record)
            await turn()
          },
          refuse: async (why = new Error('refused')) => {
            reject(why)
            await turn()
          },
        })
      }),
    ...options,
  })
  const call = (at: number) => {
    const found = calls[at]
    if (!found) throw new Error(`There was no call ${at}.`)
    return found
  }
  return { store, calls, call, errors }
}

export const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

type Store = ReturnType<typeof createBackend>['store']

export const shown = (store: Store) => store.state.get().items.map(({ record }) => record)

export const statuses = (store: Store) => store.state.get().items.map(({ status }) => status)

export const outcome = (promise: Promise<unknown>) =>
  promise.then(
    (value) => ({ value }),
    (error: TidingsError) => ({ code: error.code }),
  )
