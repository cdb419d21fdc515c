import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { start, statuses } from './steps.js'
import { newWorld, type Profile, type Tab, texts, type World } from './world.js'

let world: World

const alone = (profile: Profile): Tab => world.tab(profile, { locks: false })

/** Somebody else's name stands on the last operation of the outbox, since so many ms. */
function claimLast({ disk }: Profile, sinceMs: number): void {
  const name = disk.names().find((each) => each.includes('outbox')) ?? ''
  const [key = '', record] = disk.entries(name).findLast(([each]) => each.startsWith('e/')) ?? []
  const rows: unknown = record instanceof Object ? Reflect.get(record, 'e') : []
  const claimed = {
    ...JSON.parse(Array.isArray(rows) ? String(rows[0]) : ''),
    attempts: 1,
    claim: { by: 'gone', at: world.timeline.now() - sinceMs },
  }
  disk.corrupt(name, key, { v: 1, e: [JSON.stringify(claimed)] })
}

describe('tabs without locks', () => {
  it('do not wait for each other for ever when each has claimed a part', async () => {
    world = newWorld({ latencyMs: 5 })
    const profile = world.profile('alice')
    const writer = alone(profile)
    writer.link.refuse(true)
    start(writer)
    for (const text of ['one', 'two']) {
      writer.client.room('general').send(text)
      await world.timeline.advance(100)
    }
    writer.crash()
    // The first tab finds it claimed for a moment longer, and gets the first half only; the second one gets the other.
    claimLast(profile, LIMITS.claimLeaseMs - 100)
    const first = start(alone(profile))
    await world.timeline.advance(200)
    const second = start(alone(profile))
    await world.timeline.advance(2 * LIMITS.claimLeaseMs + 1_000)
    for (const tab of [first, second]) expect(texts(tab.client)).toEqual(['one', 'two'])
    for (const tab of [first, second]) expect(statuses(tab)).toEqual(['confirmed', 'confirmed'])
  })

  it('do not respect a claim of a day to come', async () => {
    world = newWorld({ latencyMs: 5 })
    const profile = world.profile('alice')
    const ahead = start(alone(profile))
    await world.timeline.advance(500)
    ahead.link.blackHole()
    ahead.clock.jump(86_400_000)
    ahead.client.room('general').send('from tomorrow')
    await world.timeline.advance(100)
    ahead.crash()
    const next = start(alone(profile))
    await world.timeline.advance(LIMITS.claimLeaseMs + 1_000)
    expect(texts(next.client)).toEqual(['from tomorrow'])
    expect(statuses(next)).toEqual(['confirmed'])
  })
})
