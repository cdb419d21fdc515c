import type { Operation } from 'tidings-server'
import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { start, statuses } from './steps.js'
import { messages, newWorld } from './world.js'

describe('the limits of the outbox', () => {
  it('a message that waited for 7 days is not sent unasked; a retry sends it', async () => {
    const { timeline, ...w } = newWorld()
    const alice = start(w.tab(w.profile('alice')))
    await timeline.advance(100)
    alice.client.disconnect()
    const room = alice.client.room('general')
    const old = room.send('old')
    await timeline.advance(LIMITS.expireAfterMs - 1_000)
    room.send('newer')
    await timeline.advance(1_000)
    alice.client.connect()
    await timeline.advance(1_000)
    expect(messages(alice.client).map(({ body, status }) => [body, status])).toEqual([
      ['old', 'failed'],
      ['newer', 'confirmed'],
    ])
    expect(messages(alice.client)[0]?.error).toMatchObject({ code: 'expired', retry: 'later' })
    expect(room.retry(old.key)).toBe(true)
    await timeline.advance(1_000)
    expect(statuses(alice)).toEqual(['confirmed', 'confirmed'])
  })

  it('one that may have arrived 7 days ago becomes unknown; a retry sends it, and it is still one message', async () => {
    let deaf = false
    const { timeline, ...w } = newWorld({ outgoing: () => (deaf ? 'drop' : 'pass') })
    const profile = w.profile('alice')
    const alice = start(w.tab(profile))
    await timeline.advance(100)
    const committed = w.log.append
    let arrives = false
    Object.assign(w.log, {
      append: (operations: readonly Operation[]) =>
        arrives ? committed(operations) : new Promise(() => undefined),
    })
    deaf = true
    const sent = alice.client.room('general').send('perhaps')
    await timeline.advance(100)
    alice.client.disconnect()
    await timeline.advance(LIMITS.expireAfterMs + 1_000)
    deaf = false
    arrives = true
    alice.client.connect()
    await timeline.advance(5_000)
    expect(statuses(alice)).toEqual(['unknown'])
    expect(alice.client.outbox.get()).toMatchObject({ pending: 1, failed: 0 })
    expect(alice.client.room('general').retry(sent.key)).toBe(true)
    await timeline.advance(5_000)
    expect(statuses(alice)).toEqual(['confirmed'])
    expect(messages(alice.client)).toHaveLength(1)
  })
})
