import { expect, it } from 'vitest'
import { SERVER_LIMITS } from '../../src/core/limits.js'
import type { Quotas } from '../../src/core/quotas.js'
import { createQuotas } from '../../src/quotas.js'
import { describeRedis } from '../support/redis.js'
import { onRedis } from './on-redis.js'

describeRedis('quotas of several nodes', () => {
  const bench = onRedis()
  const node = async (): Promise<Quotas> => {
    const { script } = await bench.node()
    const allowances = { ...SERVER_LIMITS.quotas, requests: { points: 3, seconds: 60 } }
    return createQuotas({ allowances, shared: script })
  }

  it('count together', async () => {
    const [one, two] = [await node(), await node()]
    for (const quotas of [one, two, one]) expect(await quotas.use('requests', 'alice')).toBe(0)
    for (const quotas of [one, two]) {
      const wait = await quotas.use('requests', 'alice')
      expect(wait).toBeGreaterThan(0)
      expect(wait).toBeLessThanOrEqual(60_000)
    }
    expect(await two.use('requests', 'bob')).toBe(0)
    const keys = await bench.redis.ask('KEYS', `${bench.prefix}:quota:*`)
    expect(keys).toHaveLength(2)
  })

  it('S123: count each for itself while Redis is away, and keep nobody out who has something left', async () => {
    const [one, two] = [await node(), await node()]
    await bench.redis.kill()
    try {
      for (const quotas of [one, two]) {
        for (let i = 0; i < 3; i++) expect(await quotas.use('requests', 'alice')).toBe(0)
        expect(await quotas.use('requests', 'alice')).toBeGreaterThan(0)
      }
    } finally {
      await bench.redis.start()
    }
  })
})
