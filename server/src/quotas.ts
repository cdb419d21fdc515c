import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible'
import type { Allowance, Quota, Quotas } from './core/quotas.js'

/** Runs a script on the store that all nodes share. Rejects when it cannot now. */
export type Script = (
  script: string,
  on: { readonly keys: readonly string[]; readonly arguments: readonly string[] },
) => Promise<unknown>

export interface QuotasOptions {
  readonly allowances: Readonly<Record<Quota, Allowance>>
  /** Without it each node counts for itself. While it cannot be reached they do so, too. */
  readonly shared?: Script | undefined
}

const limiterOf = (name: string, { points, seconds }: Allowance, shared: QuotasOptions['shared']) => {
  const rule = { keyPrefix: name, points, duration: seconds }
  const alone = new RateLimiterMemory(rule)
  if (!shared) return alone
  return new RateLimiterRedis({
    ...rule,
    keyPrefix: `quota:${name}`,
    storeClient: { eval: shared },
    useRedisPackage: true,
    insuranceLimiter: alone,
    // Who has used all up is told so without asking again.
    inMemoryBlockOnConsumed: points,
  })
}

/** Counts in fixed windows, in Redis where nodes share one. */
export function createQuotas({ allowances, shared }: QuotasOptions): Quotas {
  const limiters: Readonly<Record<Quota, RateLimiterAbstract>> = {
    attempts: limiterOf('attempts', allowances.attempts, shared),
    connections: limiterOf('connections', allowances.connections, shared),
    operations: limiterOf('operations', allowances.operations, shared),
    requests: limiterOf('requests', allowances.requests, shared),
    changes: limiterOf('changes', allowances.changes, shared),
  }
  return {
    async use(quota, who, points = 1) {
      try {
        await limiters[quota].consume(who, points)
        return 0
      } catch (refused) {
        // What is no answer is a failure of the count, which must not keep anybody out.
        return refused instanceof RateLimiterRes ? Math.max(1, refused.msBeforeNext) : 0
      }
    },
  }
}
