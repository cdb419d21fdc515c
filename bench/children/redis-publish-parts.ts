// What the log says to Redis, for those who say it themselves.

export { firstMark } from '../../server/src/log/cursor.js'
export { nodeClock, nodeRandom } from '../../server/src/platform.js'
export { createCommits } from '../../server/src/redis/commits.js'
export { functionName } from '../../server/src/redis/library.js'
export { keyOf } from '../../server/src/redis/link.js'
export { openRedis } from '../../server/src/redis/open.js'
export { formatStamp } from '../../src/protocol/index.js'
