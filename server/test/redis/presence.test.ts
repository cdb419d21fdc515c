import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Clock, Presence } from '../../src/index.js'
import { nodeClock, nodeRandom } from '../../src/platform.js'
import { openRedis, type RedisOptions } from '../../src/redis/open.js'
import { createRedisPresence } from '../../src/redis/presence.js'
import { presenceLaws } from '../presence-laws/index.js'
import { describeRedis, freshPrefix, ownRedis, type RedisProcess, startRedis } from '../support/redis.js'
import { createTimeline } from '../support/timeline.js'
import { until } from '../support/until.js'

describe('presence on Redis, alone', () => {
  const nobody = { command: async () => [], tell: () => {} }
  presenceLaws((clock) =>
    createRedisPresence({
      ...{ link: nobody, clock, node: 'n', prefix: 'p', ttlMs: 75_000, graceMs: 15_000 },
    }),
  )
})

describe('presence of another node', () => {
  const seat = (user: string) => JSON.stringify([user, null, []])
  const told = (count: number, ...acts: readonly unknown[]) => JSON.stringify({ told: count, acts })

  it('is what it tells, also while it is read what it has written', async () => {
    const time = createTimeline()
    let answer: (written: readonly string[]) => void = () => {}
    const presence = createRedisPresence({
      link: {
        command: (what) =>
          what === 'HGETALL'
            ? new Promise((resolve) => {
                answer = resolve
              })
            : Promise.resolve([]),
        tell: () => {},
      },
      ...{ clock: time, node: 'n', prefix: 'p', ttlMs: 75_000, graceMs: 0 },
    })
    // The first four were lost.
    presence.heard('other', told(5))
    presence.heard('other', told(6, ['leave', 's1', time.now()], ['enter', 's2', 'bob']))
    answer(['s1', seat('alice'), 's3', seat('carol')])
    await time.advance(0)
    const entries = await presence.of(['alice', 'bob', 'carol'])
    expect(entries.map(({ status }) => status)).toEqual(['offline', 'online', 'online'])
    presence.close()
  })
})

describe('presence of a node that died', () => {
  it('is remembered no longer than that of everybody else', async () => {
    const time = createTimeline()
    const presence = createRedisPresence({
      link: { command: async () => [], tell: () => {} },
      ...{ clock: time, node: 'n', prefix: 'p', ttlMs: 75_000, graceMs: 0 },
    })
    const users = Array.from({ length: 10_100 }, (_, i) => `user${i}`)
    const acts = users.map((user) => ['enter', `session of ${user}`, user])
    presence.heard('dead', JSON.stringify({ told: 1, acts }))
    expect(await presence.online({})).toHaveLength(users.length)
    await time.advance(150_000)
    expect((await presence.online({ since: 1 })).length).toBeLessThanOrEqual(10_000)
    expect(time.timers).toBe(0)
    presence.heard('dead', JSON.stringify({ told: 2, acts: [['enter', 'another', 'alice']] }))
    await time.advance(0)
    expect(await presence.online({})).toMatchObject([{ userId: 'alice' }])
    presence.close()
    expect(time.timers).toBe(0)
  })
})

describeRedis('presence of several nodes on Redis', () => {
  const own = ownRedis()
  let redis: RedisProcess
  let prefix: string
  let ends: (() => Promise<unknown>)[]
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.remove())
  beforeEach(() => {
    prefix = freshPrefix()
    ends = []
  })
  afterEach(async () => {
    for (const end of ends) await end()
  })

  const node = async (more: Partial<RedisOptions> = {}) => {
    const times = { ttlMs: 2_000, graceMs: 0 }
    const options = { url: redis.url, prefix, clock: nodeClock, random: nodeRandom, presence: times }
    const { presence, log } = await openRedis({ ...options, ...more })
    ends.push(async () => {
      presence.close()
      await log.close()
    })
    return presence
  }
  const statusOf = async (presence: Presence | undefined, user: string) =>
    (await presence?.of([user]))?.[0]?.status
  const whoIsIn = async (presence: Presence | undefined, room: string) =>
    (await presence?.inRoom(room, 10))?.users?.map(({ userId, custom }) => `${userId} ${custom ?? ''}`.trim())

  it('is the same on each: who came, what they say, where they are, and who left', async () => {
    const [one, two] = [await node(), await node()]
    one.enter('s1', 'alice')
    one.join('s1', 'general')
    one.say('s1', { status: 'busy', custom: 'reading' })
    await until(async () => (await statusOf(two, 'alice')) === 'busy')
    expect(await whoIsIn(two, 'general')).toEqual(['alice reading'])
    two.enter('s2', 'alice')
    one.leave('s1', nodeClock.now())
    await until(async () => (await statusOf(one, 'alice')) === 'online')
    two.leave('s2', nodeClock.now())
    await until(async () => (await statusOf(one, 'alice')) === 'offline')
  })

  it('S22, S30, S33: tells each of what comes and goes at once, and ends with the same on all', async () => {
    const nodes = await Promise.all([node(), node(), node()])
    const told = nodes.map((presence) => {
      const changes: string[] = []
      presence?.follow(({ user, entry }) => {
        if (entry) changes.push(user)
      })
      return changes
    })
    // Nobody is told of twice: each of them changes once.
    const users = Array.from({ length: 60 }, (_, i) => `user${i}`)
    users.forEach((user, i) => {
      nodes[i % 3]?.enter(`session-${user}`, user)
    })
    await until(() => told.every((changes) => changes.length >= users.length))
    for (const changes of told) expect([...changes].sort()).toEqual([...users].sort())
    users.forEach((user, i) => {
      nodes[(i + 1) % 3]?.enter(`second-${user}`, user)
      if (i % 2 === 0) nodes[i % 3]?.leave(`session-${user}`, nodeClock.now())
      nodes[(i + 1) % 3]?.leave(`second-${user}`, nodeClock.now())
    })
    const statuses = async (presence: Presence | undefined) =>
      (await presence?.of(users))?.map(({ status }) => status).join()
    const expected = users.map((_, i) => (i % 2 === 0 ? 'offline' : 'online')).join()
    for (const each of nodes) await until(async () => (await statuses(each)) === expected)
  })

  it('is known to a node that starts later', async () => {
    const one = await node()
    one.enter('s1', 'alice')
    one.join('s1', 'general')
    await until(async () => Number(await redis.ask('ZCARD', `${prefix}:presence`)) === 1)
    const two = await node()
    await until(async () => (await whoIsIn(two, 'general'))?.length === 1)
  })

  it('S23: of a node that died ends when nobody hears of it, and leaves nothing in Redis', async () => {
    // A node whose time stands still never says that it lives.
    const stopped: Clock = {
      now: nodeClock.now,
      after: (ms, fn) => (ms === 0 ? nodeClock.after(0, fn) : () => {}),
    }
    const [dying, other] = [await node({ clock: stopped }), await node()]
    dying.enter('s1', 'alice')
    await until(async () => (await statusOf(other, 'alice')) === 'online')
    await until(async () => (await statusOf(other, 'alice')) === 'offline')
    await until(async () => {
      other.enter('s2', 'bob')
      other.leave('s2', nodeClock.now())
      return (await redis.ask('ZCARD', `${prefix}:presence`)) === 1
    })
    const keys = await redis.ask('KEYS', `${prefix}:presence:*`)
    expect(Array.isArray(keys) && keys.length).toBe(0)
  })

  it('is right again after the channel was lost', async () => {
    const [one, two] = [await node(), await node()]
    one.enter('s1', 'alice')
    await until(async () => (await statusOf(two, 'alice')) === 'online')
    const lost = redis.ask('CLIENT', 'KILL', 'TYPE', 'pubsub')
    one.leave('s1', nodeClock.now())
    one.enter('s2', 'bob')
    await lost
    await until(async () => (await statusOf(two, 'alice')) === 'offline')
    await until(async () => (await statusOf(two, 'bob')) === 'online')
  })

  it('is right again after Redis was away, also where that forgot everything', async () => {
    const mortal = await own()
    const more = { url: mortal.url, presence: { ttlMs: 60_000, graceMs: 0 } }
    const [one, two] = [await node(more), await node(more)]
    one.enter('s1', 'alice')
    one.enter('s2', 'bob')
    one.join('s2', 'general')
    await until(async () => (await whoIsIn(two, 'general'))?.length === 1)
    await mortal.kill()
    one.leave('s1', nodeClock.now())
    one.enter('s3', 'carol')
    one.part('s2', 'general')
    one.join('s2', 'random')
    await mortal.start()
    await until(async () => (await statusOf(two, 'carol')) === 'online')
    expect(await statusOf(two, 'alice')).toBe('offline')
    expect([await whoIsIn(two, 'general'), await whoIsIn(two, 'random')]).toEqual([[], ['bob']])
    // Whoever comes now knows them all.
    const three = await node(more)
    await until(async () => (await statusOf(three, 'carol')) === 'online')
    expect(await whoIsIn(three, 'random')).toEqual(['bob'])
  })

  it('counts a user who was sent out of a room on every node as gone from it', async () => {
    const [one, two] = [await node(), await node()]
    one.enter('s1', 'alice')
    one.join('s1', 'general')
    await until(async () => (await whoIsIn(two, 'general'))?.length === 1)
    two.expel('alice', 'general')
    await until(async () => (await whoIsIn(one, 'general'))?.length === 0)
  })
})
