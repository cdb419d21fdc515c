import { afterAll, beforeAll } from 'vitest'
import { createMemoryArchive } from '../../src/archive/memory.js'
import { nodeRandom } from '../../src/platform.js'
import { openRedis } from '../../src/redis/open.js'
import { type LogUnderTest, logLaws } from '../log-laws/index.js'
import { describeRedis, freshPrefix, type RedisProcess, startRedis } from '../support/redis.js'

describeRedis('with an archive', () => {
  let redis: RedisProcess
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.remove())

  /** Redis keeps two entries of each room, and all others are in the archive before anybody asks for them. */
  const subject: LogUnderTest = {
    async open(clock) {
      const { log, archive } = await openRedis({
        ...{ url: redis.url, prefix: freshPrefix(), clock, random: nodeRandom, now: clock.now },
        ...{ keep: 2, archive: createMemoryArchive() },
      })
      return {
        ...log,
        async append(operations) {
          const outcomes = await log.append(operations)
          await archive()
          return outcomes
        },
      }
    },
    clean: async () => {},
  }
  logLaws('a log of which Redis keeps two entries', subject)
})
