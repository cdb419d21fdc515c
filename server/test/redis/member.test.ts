import { expect, it } from 'vitest'
import { nodeClock } from '../../src/platform.js'
import { type Link, openLink } from '../../src/redis/link.js'
import { createMember } from '../../src/redis/member.js'
import { createTasks } from '../../src/redis/tasks.js'
import { describeRedis } from '../support/redis.js'
import { until } from '../support/until.js'
import { onRedis } from './on-redis.js'

/** So soon a room that nobody says to be at is for others. */
const IDLE_MS = 300

describeRedis('a member of a group on Redis', () => {
  const bench = onRedis()

  it('works on the rooms that it could take, also where it could not take another one with them', async () => {
    const { prefix, redis } = bench
    const parts = { prefix, clock: nodeClock, heard: () => {}, reconnected: () => {} }
    const link = await openLink({ url: redis.url, ...parts })
    let failures = 1
    const call: Link['call'] = (name, room, ...words) => {
      if (name === 'lease' && room === 'b' && failures-- > 0) return Promise.reject(new Error('No answer.'))
      return link.call(name, room, ...words)
    }
    const group = { name: 'indexer', rooms: '*', state: 'settled', made: 0 } as const
    const key = `${prefix}:workers:indexer`
    const tasks = createTasks({ link, key, group: 'workers', node: 'one', idleMs: IDLE_MS })
    const ways = { again: () => {}, left: () => {}, group: () => group }
    const member = createMember({
      link: { call },
      clock: nodeClock,
      tasks,
      id: 'one',
      idleMs: IDLE_MS,
      ...ways,
    })
    await tasks.prepare()
    for (const room of ['a', 'b', 'c']) await tasks.add(room)
    const rooms: string[] = []
    await until(async () => {
      const holds = await member.take(5).catch(() => [])
      rooms.push(...holds.map(({ room }) => room))
      return rooms.length === 3
    })
    expect(rooms).toEqual(['a', 'c', 'b'])
    await member.leave()
    link.close()
  })
})
