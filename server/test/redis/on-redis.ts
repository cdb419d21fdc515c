import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { Committed } from '../../src/index.js'
import { nodeClock, nodeRandom } from '../../src/platform.js'
import { openRedis, type Redis, type RedisOptions } from '../../src/redis/open.js'
import { freshPrefix, type RedisProcess, startRedis } from '../support/redis.js'

/** A node, and all that it was told. */
export interface ToldNode extends Redis {
  readonly told: readonly Committed[]
}

/** A Redis, and nodes on it, each test's under a prefix of its own: called where a file's tests are described. */
export function onRedis() {
  let redis: RedisProcess
  let prefix: string
  let open: Redis[]
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.remove())
  beforeEach(() => {
    prefix = freshPrefix()
    open = []
  })
  afterEach(async () => {
    await Promise.all(open.map(({ log }) => log.close()))
  })
  return {
    get redis() {
      return redis
    },
    get prefix() {
      return prefix
    },
    /** Closed after the test. */
    async node(more: Partial<RedisOptions> = {}): Promise<ToldNode> {
      const opened = await openRedis({
        url: redis.url,
        prefix,
        clock: nodeClock,
        random: nodeRandom,
        ...more,
      })
      open.push(opened)
      const told: Committed[] = []
      opened.log.follow((committed) => told.push(...committed))
      return { ...opened, told }
    },
  }
}
