import { afterAll, beforeAll } from 'vitest'
import { nodeRandom } from '../../src/platform.js'
import { openRedis } from '../../src/redis/open.js'
import { type LogUnderTest, logLaws } from '../log-laws/index.js'
import { markLaws } from '../mark-laws.js'
import { describeRedis, freshPrefix, type RedisProcess, startRedis } from '../support/redis.js'

describeRedis('on Redis', () => {
  let redis: RedisProcess
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.remove())

  const subject: LogUnderTest = {
    async open(clock) {
      const options = { url: redis.url, prefix: freshPrefix(), clock, random: nodeRandom, now: clock.now }
      return (await openRedis(options)).log
    },
    clean: async () => {},
  }
  logLaws('the Redis log', subject)
  markLaws('the Redis log', subject)
})
