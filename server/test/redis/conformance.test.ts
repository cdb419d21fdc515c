import { afterAll, beforeAll, expect, it } from 'vitest'
import { report } from '../../../lab/conformance/report.js'
import { conform } from '../../../lab/conformance/run.js'
import type { Target } from '../../../lab/conformance/stage.js'
import { createEmbeddedServer, type EmbeddedServer } from '../../src/index.js'
import { type Balancer, startBalancer } from '../support/balancer.js'
import { describeRedis, type RedisProcess, startRedis } from '../support/redis.js'

/** Everything comes sooner or later: a machine may be busy. */
const PATIENCE_MS = 20_000

describeRedis('the conformance kit', () => {
  let redis: RedisProcess
  let nodes: readonly EmbeddedServer[]
  let balancer: Balancer
  const targetAt = async (url: string, prefix: string): Promise<Target> => {
    const account = async (user: string) => ({ user, token: (await nodes[0]?.token(user)) ?? '' })
    const accounts = [await account('alice'), await account('bob'), await account('carol')] as const
    return { url, over: 'websocket', patienceMs: PATIENCE_MS, prefix, accounts }
  }
  const faults = async (target: Target) => {
    const verdicts = await conform(target)
    expect(verdicts.length).toBeGreaterThan(100)
    return report(verdicts.filter(({ fault }) => fault !== undefined))
  }

  beforeAll(async () => {
    redis = await startRedis()
    const options = { redis: redis.url, secret: 's'.repeat(32), dev: true, limits: { rate: null } }
    nodes = await Promise.all([1, 2, 3].map(() => createEmbeddedServer(options)))
    balancer = await startBalancer(nodes.map(({ port }) => port))
  })
  afterAll(async () => {
    await balancer.close()
    await Promise.all(nodes.map((node) => node.close()))
    await redis.remove()
  })

  it('finds nothing wrong with a server on Redis', { timeout: 120_000 }, async () => {
    expect(await faults(await targetAt(nodes[0]?.url ?? '', 'one-'))).toBe('\n0 passed, 0 failed')
  })

  it('takes three nodes behind a balancer for one server', { timeout: 120_000 }, async () => {
    const url = `ws://127.0.0.1:${balancer.port}/v1/ws`
    expect(await faults(await targetAt(url, 'three-'))).toBe('\n0 passed, 0 failed')
  })
})
