import { createCryptoRandom } from './adapters/crypto-random.js'
import { createOptimisticOn, type Optimistic, type OptimisticOptions } from './core/records/optimistic.js'
import type { Random } from './core/seams/random.js'

/** What records are, and how changes of them reach a backend. */
export interface CreateOptimisticOptions<T extends object> extends OptimisticOptions<T> {
  /** Where temporary ids and ids of changes come from. */
  readonly random?: Random | undefined
}

/**
 * Records that are not messages, over any backend: shown as they were asked for, in the same tick. Needs no client, starts nothing and
 * holds what it knows in memory. Throws a TidingsError `no_random` where ids cannot be made.
 */
export const createOptimistic = <T extends object>({
  random = createCryptoRandom(),
  ...options
}: CreateOptimisticOptions<T>): Optimistic<T> => createOptimisticOn(random, options)
