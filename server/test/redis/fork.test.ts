import type { ServerFrame } from 'tidings/protocol'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createEmbeddedServer, type EmbeddedServer, type Operation } from '../../src/index.js'
import { nodeClock, nodeRandom } from '../../src/platform.js'
import { openRedis } from '../../src/redis/open.js'
import { type Balancer, startBalancer } from '../support/balancer.js'
import { describeRedis, type RedisProcess, startRedis } from '../support/redis.js'
import { connect, ofType, type Remote } from '../support/remote.js'
import { until } from '../support/until.js'

type Event = Extract<ServerFrame, { type: 'event' }>

/** Nobody listens there. */
const NOWHERE = 1
const KEPT = 5
const LOST = 5

describeRedis('a client whose messages Redis has lost', () => {
  let ends: (() => unknown)[]
  let way: Balancer
  let server: EmbeddedServer
  beforeEach(() => {
    ends = []
  })
  afterEach(async () => {
    for (const end of ends.reverse()) await end()
  })

  const start = async (...words: readonly string[]) => {
    const redis = await startRedis(...words)
    ends.push(() => redis.remove())
    return redis
  }
  /** A server that reaches Redis by a way which can lead elsewhere. */
  const serve = async (redis: RedisProcess) => {
    way = await startBalancer([redis.port])
    ends.push(() => way.close())
    const options = { secret: 's'.repeat(32), dev: true, redis: `redis://127.0.0.1:${way.port}` }
    server = await createEmbeddedServer(options)
    ends.push(() => server.close())
  }
  const enter = async (user: string, cursor?: string): Promise<Remote> => {
    const remote = await connect(server.url)
    ends.push(() => remote.close())
    const rooms = [{ room: 'general', ...(cursor !== undefined && { cursor }), pages: 9 }]
    remote.send({ type: 'hello', v: 1, device: user, token: await server.token(user), rooms })
    await remote.next(ofType('subscribed'))
    return remote
  }
  const create = (id: string): Operation => ({
    ...{ room: 'general', author: 'writer', id, kind: 'create', stamp: '0mabcdefg0000node-------' },
    body: JSON.stringify({ text: id }),
  })
  /** Writes past the server, as another one would. */
  const write = async (redis: RedisProcess, what: string, count: number) => {
    const { log } = await openRedis({ url: redis.url, clock: nodeClock, random: nodeRandom })
    await log.append(Array.from({ length: count }, (_, i) => create(`${what} ${i}`)))
    await log.close()
  }
  const cursorAt = async (remote: Remote, seq: number) => {
    const isThere = (frame: ServerFrame): frame is Event => frame.type === 'event' && frame.seq === seq
    return (await remote.next(isThere)).cursor
  }
  const infoOf = async (redis: RedisProcess) => String(await redis.ask('INFO', 'replication'))
  const offsetOf = async (redis: RedisProcess) => /master_repl_offset:(\d+)/.exec(await infoOf(redis))?.[1]

  /** A Redis that will come back with less than it acknowledged. */
  interface Losing {
    readonly redis: RedisProcess
    /** What is written from now on is lost. */
    begin(): Promise<void>
    /** The one that is there afterwards. */
    lose(): Promise<RedisProcess>
  }
  const promotion = async (): Promise<Losing> => {
    const [redis, replica] = [await start('--repl-diskless-sync-delay', '0'), await start()]
    await replica.ask('REPLICAOF', '127.0.0.1', String(redis.port))
    await until(async () => (await infoOf(replica)).includes('master_link_status:up'))
    return {
      redis,
      async begin() {
        await until(async () => (await offsetOf(redis)) === (await offsetOf(replica)))
        await replica.ask('REPLICAOF', '127.0.0.1', String(NOWHERE))
      },
      async lose() {
        await redis.kill()
        await replica.ask('REPLICAOF', 'NO', 'ONE')
        return replica
      },
    }
  }
  const lostTail = async (): Promise<Losing> => {
    const redis = await start('--appendonly', 'yes', '--appendfsync', 'always')
    let kept = 0
    return {
      redis,
      async begin() {
        kept = await redis.size()
      },
      async lose() {
        await redis.kill()
        await redis.loseTail((await redis.size()) - kept)
        await redis.start()
        return redis
      },
    }
  }

  for (const [how, losing] of [
    ['a replica is promoted that never had them', promotion],
    ['the end of the append-only file is gone', lostTail],
  ] as const) {
    it(`is told fork, live and when it comes back, if ${how} and others wrote on`, async () => {
      const { redis, begin, lose } = await losing()
      await serve(redis)
      const [alice, bob] = [await enter('alice'), await enter('bob')]
      await write(redis, 'kept', KEPT)
      const common = await cursorAt(bob, KEPT)
      await begin()
      await write(redis, 'lost', LOST)
      const cursor = await cursorAt(bob, KEPT + LOST)
      await cursorAt(alice, KEPT + LOST)
      bob.close()

      way.route([NOWHERE])
      const after = await lose()
      way.cut()
      await write(after, 'other', LOST + 1)
      way.route([after.port])
      const reset = { type: 'reset', room: 'general', reason: 'fork', head: KEPT + LOST + 1 }
      expect(await alice.next(ofType('reset'))).toEqual(reset)

      const again = await enter('bob', cursor)
      expect(await again.next(ofType('reset'))).toEqual(reset)
      again.send({
        ...{ type: 'sync_request', id: 's', room: 'general', limit: 50 },
        checkpoints: [cursor, common],
      })
      const page = await again.next(ofType('sync_response'))
      expect(page.prev).toBe(common)
      expect(page.messages.map((each) => 'id' in each && each.id)).toEqual(
        Array.from({ length: LOST + 1 }, (_, i) => `other ${i}`),
      )
    })

    it(`is told restored if ${how} and nobody has written since`, async () => {
      const { redis, begin, lose } = await losing()
      await serve(redis)
      const alice = await enter('alice')
      await write(redis, 'kept', KEPT)
      await cursorAt(alice, KEPT)
      await begin()
      await write(redis, 'lost', LOST)
      await cursorAt(alice, KEPT + LOST)
      way.route([NOWHERE])
      const after = await lose()
      way.cut()
      way.route([after.port])
      const reset = { type: 'reset', room: 'general', reason: 'restored', head: KEPT }
      expect(await alice.next(ofType('reset'))).toEqual(reset)
    })
  }
})
