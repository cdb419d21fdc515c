import { type Bucket, createBucket, type Rate } from './core/bucket.js'
import type { Clock } from './core/seams.js'

/** Requests of one user over HTTP. A poll each second is far below it. */
const HISTORY: Rate = { perSecond: 10, burst: 30 }
/** Changes that one other system tells of: as many as it has, as long as it does not run wild. */
export const CHANGES: Rate = { perSecond: 500, burst: 2_000 }
/** Users who are remembered at once. */
const USERS = 10_000

/** How long each user has to wait before the next request. Users who have been quiet the longest are forgotten first. */
export function createRations(clock: Pick<Clock, 'now'>, rate = HISTORY): (user: string) => number {
  const buckets = new Map<string, Bucket>()
  return (user) => {
    const bucket = buckets.get(user) ?? createBucket(rate, clock)
    buckets.delete(user)
    buckets.set(user, bucket)
    const [oldest] = buckets.keys()
    if (buckets.size > USERS && oldest !== undefined) buckets.delete(oldest)
    return bucket.take()
  }
}
