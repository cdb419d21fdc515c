import { type Bucket, createBucket } from './core/bucket.js'
import type { Clock } from './core/seams.js'

/** Requests of one user over HTTP. A poll each second is far below it. */
const HISTORY = { perSecond: 10, burst: 30 }
/** Users who are remembered at once. */
const USERS = 10_000

/** How long each user has to wait before the next request. Users who have been quiet the longest are forgotten first. */
export function createRations(clock: Pick<Clock, 'now'>): (user: string) => number {
  const buckets = new Map<string, Bucket>()
  return (user) => {
    const bucket = buckets.get(user) ?? createBucket(HISTORY, clock)
    buckets.delete(user)
    buckets.set(user, bucket)
    const [oldest] = buckets.keys()
    if (buckets.size > USERS && oldest !== undefined) buckets.delete(oldest)
    return bucket.take()
  }
}
