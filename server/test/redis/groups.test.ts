import { afterAll, beforeAll } from 'vitest'
import type { Log } from '../../src/index.js'
import { nodeClock, nodeRandom } from '../../src/platform.js'
import { openRedis } from '../../src/redis/open.js'
import { groupLaws } from '../group-laws.js'
import { describeRedis, freshPrefix, type RedisProcess, startRedis } from '../support/redis.js'

/** Long enough for whoever lives to say so, on a busy machine as well. */
const IDLE_MS = 1_000

describeRedis('on Redis', () => {
  let redis: RedisProcess
  let prefix: string
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.remove())

  const open = async (): Promise<Log> => {
    const { log } = await openRedis({
      url: redis.url,
      prefix,
      clock: nodeClock,
      random: nodeRandom,
      workerIdleMs: IDLE_MS,
    })
    return log
  }
  groupLaws('the Redis log', {
    open() {
      prefix = freshPrefix()
      return open()
    },
    another: () => open(),
    async reopen(log) {
      await log.close()
      return open()
    },
    clean: async () => {},
  })
})
