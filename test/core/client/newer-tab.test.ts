import { describe, expect, it } from 'vitest'
import { start } from './steps.js'
import { newWorld, texts, type World } from './world.js'

let world: World

describe('a tab beside one of a newer version', () => {
  it('leaves what it cannot read in the outbox as it is, says so once, and goes on', async () => {
    world = newWorld({ latencyMs: 5 })
    const profile = world.profile('alice')
    const before = start(world.tab(profile))
    await world.timeline.advance(100)
    before.crash()
    const name = profile.disk.names().find((each) => each.includes('outbox')) ?? ''
    const key = 'e/0000000001/newer'
    const newer = { v: 2, e: [JSON.stringify({ kind: 'poll', question: 'Lunch?' })], since: 'next year' }
    profile.disk.corrupt(name, key, newer)
    const alice = start(world.tab(profile))
    await world.timeline.advance(500)
    const room = alice.client.room('general')
    const first = room.send('first')
    await world.timeline.advance(500)
    // As after a logout or a loss, everything of ours is gone through.
    room.send('second')
    alice.lifecycle.signal('visible', 'visible')
    await world.timeline.advance(500)
    expect(texts(alice.client)).toEqual(['first', 'second'])
    await expect(first.confirmed()).resolves.toBeDefined()
    expect(alice.errors.map(({ code, message }) => [code, message.includes('newer version')])).toEqual([
      ['bad_record', true],
    ])
    expect(profile.disk.entries(name)).toContainEqual([key, newer])
    expect(profile.disk.entries(name).some(([each]) => each.startsWith('bad/'))).toBe(false)
    // What is written here comes behind it.
    const [last] = profile.disk.entries(name).filter(([each]) => each.startsWith('e/') && each !== key)
    expect(last && last[0] > key).toBe(true)
  })
})
