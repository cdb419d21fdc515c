import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import type { LocksContext } from '../../../src/testing/locks.js'
import { numbers, start } from './steps.js'
import { type createWorld, messages, newWorld, type Tab, texts, type World } from './world.js'

let world: World
const statuses = ({ client }: Tab) => messages(client).map(({ status }) => status)
/** A profile that notes how its tabs ask for the lock of those who send. */
function noted(user: string) {
  const profile = world.profile(user)
  const asked: ('waits' | 'steals')[] = []
  const context = (): LocksContext => {
    const own = profile.locks.context()
    return {
      ...own,
      request(name, onGranted, wish) {
        if (name.startsWith('tidings.drain.')) asked.push(wish?.steal ? 'steals' : 'waits')
        return own.request(name, onGranted, wish)
      },
    }
  }
  return { profile: { ...profile, locks: { context } }, asked }
}
/** Two tabs of alice, the first of which sends; bob reads. */
async function two(options?: Parameters<typeof createWorld>[0]) {
  world = newWorld({ latencyMs: 5, ...options })
  const { profile, asked } = noted('alice')
  const [leader, follower] = [start(world.tab(profile)), start(world.tab(profile))]
  const bob = start(world.tab(world.profile('bob')))
  await world.timeline.advance(500)
  return { profile, asked, leader, follower, bob }
}

describe('the tab that sends for all', () => {
  it.each(['freeze', 'pagehide'] as const)('lets another do it when the page says %s', async (signal) => {
    const { leader, follower, bob } = await two()
    leader.lifecycle.signal(signal)
    leader.freeze()
    await world.timeline.advance(10)
    follower.client.room('general').send('from the other')
    await world.timeline.advance(500)
    expect(texts(bob.client)).toEqual(['from the other'])
  })

  it('waits its turn again when it comes back', async () => {
    const { leader, follower, bob, asked } = await two()
    leader.lifecycle.signal('freeze')
    const thaw = leader.freeze()
    await world.timeline.advance(1_000)
    thaw()
    leader.lifecycle.signal('resume')
    await world.timeline.advance(1_000)
    await follower.client.destroy()
    leader.client.room('general').send('mine again')
    await world.timeline.advance(500)
    expect(texts(bob.client)).toEqual(['mine again'])
    expect(asked).toEqual(['waits', 'waits', 'waits'])
  })

  it('hands over within half a second when it is closed or crashes', async () => {
    for (const end of ['crash', 'destroy'] as const) {
      const { leader, follower, bob } = await two()
      if (end === 'crash') leader.crash()
      else void leader.client.destroy()
      follower.client.room('general').send(end)
      await world.timeline.advance(500)
      expect(texts(bob.client)).toEqual([end])
      if (end === 'crash') await world.end()
    }
  })
})

describe('a tab that sends for all and is frozen without a word', () => {
  it('is robbed by a tab that somebody sees, 10 s after something was due', async () => {
    const { leader, follower, bob, asked } = await two()
    leader.freeze()
    follower.client.room('general').send('due')
    await world.timeline.advance(LIMITS.stealAfterMs - 100)
    expect(texts(bob.client)).toEqual([])
    await world.timeline.advance(500)
    expect(texts(bob.client)).toEqual(['due'])
    expect(asked).toEqual(['waits', 'waits', 'steals'])
    // From now on there is nothing to wait for.
    follower.client.room('general').send('next')
    await world.timeline.advance(100)
    expect(texts(bob.client)).toEqual(['due', 'next'])
  })

  it('is not robbed by one that nobody sees, until it is seen', async () => {
    const { leader, follower, bob, asked } = await two()
    follower.lifecycle.signal('hidden')
    leader.freeze()
    follower.client.room('general').send('due')
    await world.timeline.advance(LIMITS.claimLeaseMs - 100)
    expect(asked).not.toContain('steals')
    // What is left for too long is sent by whoever can.
    await world.timeline.advance(500)
    expect(texts(bob.client)).toEqual(['due'])
    follower.client.room('general').send('more')
    await world.timeline.advance(100)
    follower.lifecycle.signal('visible')
    await world.timeline.advance(LIMITS.stealAfterMs)
    expect(asked).toContain('steals')
  })

  it('finds itself robbed when it comes back: each message is there once, and it sends nothing that the other does', async () => {
    const { profile, leader, follower, bob } = await two()
    leader.client.room('general').send('first')
    await world.timeline.advance(100)
    for (const i of numbers(1, 20)) leader.client.room('general').send(i)
    const thaw = leader.freeze()
    await world.timeline.advance(LIMITS.stealAfterMs + LIMITS.ackTimeoutMs + 1_000)
    follower.client.room('general').send('from the other')
    await world.timeline.advance(1_000)
    thaw()
    leader.client.room('general').send('late')
    await world.timeline.advance(30_000)
    const all = ['first', ...numbers(1, 20), 'from the other', 'late']
    for (const tab of [bob, leader, follower]) expect(texts(tab.client)).toEqual(all)
    expect(statuses(leader)).toEqual(Array(all.length).fill('confirmed'))
    expect((await world.log.append([])).length).toBe(0)
    expect(profile.disk.openStores).toBe(4)
  })
})

describe('a tab that sends for all and gets nowhere', () => {
  it('is left alone as long as anything moves', async () => {
    const { leader, follower, asked } = await two({ limits: { rate: { perSecond: 1, burst: 1 } } })
    for (const i of numbers(1, 30)) follower.client.room('general').send(i)
    await world.timeline.advance(25_000)
    expect(leader.client.outbox.get().pending).toBeGreaterThan(0)
    expect(asked).not.toContain('steals')
  })

  it('is robbed at most once in 30 s, by each of the others', async () => {
    const notNow = { code: 'unavailable', message: 'Not now.', retryAfter: 600_000 } as const
    const { follower, asked } = await two({ screen: () => notNow })
    const steals = () => asked.filter((how) => how === 'steals').length
    follower.client.room('general').send('due')
    await world.timeline.advance(LIMITS.stealAfterMs + 100)
    const early = steals()
    await world.timeline.advance(120_000)
    expect(early).toBe(1)
    // Two tabs, two minutes.
    expect(steals()).toBeLessThanOrEqual(2 * 5)
  })
})
