import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { numbers, start } from './steps.js'
import { messages, newWorld } from './world.js'

describe('the limits of the outbox', () => {
  it('S94: at 1,000 entries the next is refused aloud, kept in sight, and goes out on retry when there is room', {
    timeout: 30_000,
  }, async () => {
    const { timeline, ...w } = newWorld({ limits: { rate: null } })
    const alice = w.tab(w.profile('alice'))
    alice.link.refuse(true)
    start(alice)
    await timeline.advance(10)
    const room = alice.client.room('general')
    for (const i of numbers(1, LIMITS.outboxEntries)) room.send(i)
    const over = room.send('one too many')
    expect(over.message).toMatchObject({ status: 'failed', body: 'one too many' })
    await expect(over.queued()).rejects.toMatchObject({ code: 'outbox_full', retry: 'later' })
    await expect(over.confirmed()).rejects.toMatchObject({ code: 'outbox_full' })
    await timeline.advance(100)
    expect(alice.client.outbox.get()).toMatchObject({ pending: LIMITS.outboxEntries, failed: 1 })
    expect(messages(alice.client)).toHaveLength(LIMITS.outboxEntries + 1)
    expect(messages(alice.client).at(-1)?.error).toMatchObject({ code: 'outbox_full' })
    // While it is full a retry is refused the same way: nothing grows beyond the limit.
    room.retry(over.key)
    await timeline.advance(10)
    expect(alice.client.outbox.get()).toMatchObject({ pending: LIMITS.outboxEntries, failed: 1 })
    alice.link.refuse(false)
    await timeline.advance(60_000)
    expect(alice.client.outbox.get()).toMatchObject({ pending: 0, failed: 1 })
    expect(room.retry(over.key)).toBe(true)
    await timeline.advance(1_000)
    expect(messages(alice.client).find(({ key }) => key === over.key)?.status).toBe('confirmed')
    // The list shows the newest of them; the log holds every one, once.
    expect(messages(alice.client).at(-1)?.seq).toBe(LIMITS.outboxEntries + 1)
    expect(alice.client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
  })

  it('S94: so it is at 5 MiB, also for an edit, and after a reload', { timeout: 30_000 }, async () => {
    const { timeline, ...w } = newWorld()
    const profile = w.profile('alice')
    const first = w.tab(profile)
    first.link.refuse(true)
    start(first)
    await timeline.advance(10)
    const body = 'x'.repeat(32_000)
    const count = Math.floor(LIMITS.outboxBytes / (body.length + 2))
    for (let i = 0; i < count; i++) first.client.room('general').send(body)
    await timeline.advance(100)
    first.crash()
    const second = w.tab(profile)
    second.link.refuse(true)
    start(second)
    await timeline.advance(100)
    const room = second.client.room('general')
    expect(second.client.outbox.get()).toMatchObject({ pending: count, bytes: count * (body.length + 2) })
    await expect(room.send(body).queued()).rejects.toMatchObject({ code: 'outbox_full' })
    // What takes the place of what waits needs room only for what it is longer by.
    const longer = messages(second.client).map(({ key }) => room.edit(key, 'y'.repeat(32_700)).queued())
    const refused = (await Promise.allSettled(longer)).filter(({ status }) => status === 'rejected')
    const { bytes, pending } = second.client.outbox.get()
    expect(refused.length).toBeGreaterThan(count / 2)
    expect(refused[0]).toMatchObject({ reason: { code: 'outbox_full' } })
    expect(refused.length).toBeLessThan(count)
    expect(pending).toBe(count)
    expect(bytes).toBeLessThanOrEqual(LIMITS.outboxBytes)
    expect(room.send('short').message.status).toBe('pending')
  })
})
