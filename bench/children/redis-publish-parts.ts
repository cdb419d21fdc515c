// What the log says to Redis, for those who say it themselves.
import type { Operation } from '../../server/src/index.js'
import { firstMark } from '../../server/src/log/cursor.js'
import { createCommits } from '../../server/src/redis/commits.js'
import { functionName } from '../../server/src/redis/library.js'
import { keyOf, type Link } from '../../server/src/redis/link.js'

export { nodeClock, nodeRandom } from '../../server/src/platform.js'
export { openRedis } from '../../server/src/redis/open.js'
export { formatStamp } from '../../src/protocol/index.js'

export const KEEP = 10_000
export const FORGET_MS = 7 * 24 * 60 * 60_000

const nothing = () => {}

/** The words of the call by which the log of a server writes this one operation. */
export function wordsOf(prefix: string, operation: Operation): readonly string[] {
  let asked: readonly string[] = []
  const link: Pick<Link, 'call'> = {
    call(name, room, ...words) {
      const key = keyOf(prefix, room)
      asked = ['FCALL', functionName(name), '1', key, firstMark(room), ...words]
      return new Promise(() => {})
    },
  }
  const append = createCommits({
    link,
    node: 'bench',
    now: undefined,
    keep: () => KEEP,
    forgetMs: FORGET_MS,
    recall: undefined,
    tell: nothing,
    due: nothing,
    wantedBy: () => [],
    dueFor: nothing,
  })
  void append([operation])
  return asked
}
