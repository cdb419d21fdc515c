import { createMemoryLog, type Operation } from 'tidings-server'
import { describe, expect, it } from 'vitest'
import { numbers, start, statuses } from './steps.js'
import { messages, newWorld, texts, type World } from './world.js'

let world: World

describe('the server', () => {
  it('killed between commit and acknowledgement leaves one message', async () => {
    let dead = false
    world = newWorld({ outgoing: () => (dead ? 'drop' : 'pass') })
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(100)
    dead = true
    alice.client.room('general').send('kept')
    await world.timeline.advance(50)
    world.killServer()
    dead = false
    await world.timeline.advance(5_000)
    world.startServer()
    await world.timeline.advance(90_000)
    expect(texts(alice.client)).toEqual(['kept'])
    expect(statuses(alice)).toEqual(['confirmed'])
    expect(messages(alice.client)[0]?.seq).toBe(1)
  })

  it('S184: that refuses number 20 of 50 for good lets the others through, and the refused one shown as failed can be retried (conversation 11)', async () => {
    let strict = true
    world = newWorld({
      limits: { rate: null },
      screen: ({ body }) =>
        strict && body === '20' ? { code: 'content_rejected', message: 'No.' } : undefined,
    })
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(100)
    for (const i of numbers(1, 50)) alice.client.room('general').send(i)
    await world.timeline.advance(5_000)
    const failed = messages(alice.client).filter((message) => message.status === 'failed')
    expect(failed.map((message) => message.body)).toEqual([20])
    expect(failed[0]?.error).toMatchObject({ code: 'rejected', serverCode: 'content_rejected' })
    expect(alice.client.outbox.get()).toMatchObject({ pending: 0, failed: 1 })
    strict = false
    expect(alice.client.room('general').retry(failed[0]?.key ?? '')).toBe(true)
    await world.timeline.advance(5_000)
    expect(statuses(alice)).toEqual(Array(50).fill('confirmed'))
    expect(texts(alice.client)).toEqual(numbers(1, 50))
  })

  it('that says "not now" to number 20 of 50 gets the rest again in order (conversation 11)', async () => {
    let busy = true
    world = newWorld({
      limits: { rate: null },
      screen: ({ body }) =>
        busy && body === '20' ? { code: 'unavailable', message: 'Later.', retryAfter: 500 } : undefined,
    })
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(100)
    for (const i of numbers(1, 50)) alice.client.room('general').send(i)
    await world.timeline.advance(300)
    busy = false
    await world.timeline.advance(5_000)
    expect(statuses(alice)).toEqual(Array(50).fill('confirmed'))
    expect(messages(alice.client).map((message) => message.seq)).toEqual(numbers(1, 50))
  })

  it('that keeps saying "not now" to one message ends as a visible failure after eight times', async () => {
    world = newWorld({ screen: () => ({ code: 'unavailable', message: 'Later.', retryAfter: 10 }) })
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(100)
    alice.client.room('general').send('poison')
    await world.timeline.advance(60_000)
    expect(statuses(alice)).toEqual(['failed'])
    expect(messages(alice.client)[0]?.error).toMatchObject({ code: 'rejected', serverCode: 'unavailable' })
  })

  it('that drains gives a slot, and the client comes back at it (conversation 10)', async () => {
    world = newWorld()
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(100)
    const drained = world.core.drain({ retryAfterMs: 3_000 })
    alice.client.room('general').send('while it drains')
    await world.timeline.advance(1_000)
    await drained
    world.killServer()
    world.startServer()
    await world.timeline.advance(20_000)
    expect(alice.client.connection.get().state).toBe('connected')
    expect(statuses(alice)).toEqual(['confirmed'])
  })

  it('that cannot give a room now is asked for it again on the same connection, ever more seldom', async () => {
    let busy = true
    let asked = 0
    world = newWorld({
      authorize({ verb }) {
        if (verb === 'read') asked += 1
        return busy ? 'unavailable' : 'allow'
      },
    })
    const alice = start(world.tab(world.profile('alice')))
    alice.client.room('general').send('kept')
    await world.timeline.advance(1_000)
    expect(alice.client.room('general').timeline.get()).toMatchObject({
      status: 'refused',
      error: { code: 'room_refused', serverCode: 'unavailable' },
    })
    await world.timeline.advance(5 * 60_000)
    expect(asked).toBeGreaterThan(5)
    expect(asked).toBeLessThan(40)
    busy = false
    await world.timeline.advance(30_000)
    expect(alice.client.room('general').timeline.get().status).toBe('live')
    expect(statuses(alice)).toEqual(['confirmed'])
    expect(world.network.attempts).toBe(1)
  })

  it('that cannot give a room now is not asked for one that nobody follows any more', async () => {
    let asked = 0
    world = newWorld({
      authorize({ verb }) {
        if (verb === 'read') asked += 1
        return 'unavailable'
      },
    })
    const alice = world.tab(world.profile('alice'))
    const close = alice.client.room('general').open()
    alice.client.connect()
    await world.timeline.advance(200)
    close()
    await world.timeline.advance(2_000)
    const before = asked
    await world.timeline.advance(5 * 60_000)
    expect(asked).toBe(before)
  })

  it('that throws a user out fails what waits, keeps it to be seen, and drops the cached room (conversation 13)', async () => {
    let allowed = true
    world = newWorld({ authorize: ({ user }) => (user === 'alice' && !allowed ? 'not_member' : 'allow') })
    const alice = start(world.tab(world.profile('alice')))
    const bob = start(world.tab(world.profile('bob')))
    await world.timeline.advance(100)
    bob.client.room('general').send('secret')
    await world.timeline.advance(100)
    expect(texts(alice.client)).toEqual(['secret'])
    allowed = false
    world.core.kick('alice', 'general', 'not_member')
    alice.client.room('general').send('too late')
    await world.timeline.advance(1_000)
    const timeline = alice.client.room('general').timeline.get()
    expect(timeline.status).toBe('refused')
    expect(timeline.error).toMatchObject({ code: 'room_refused', serverCode: 'not_member' })
    expect(texts(alice.client)).toEqual(['too late'])
    expect(statuses(alice)).toEqual(['failed'])
  })
})

describe('a server that lost its tail', () => {
  it('changes no name: what was lost keeps its id and its edit while it waits to be there again', async () => {
    world = newWorld()
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(100)
    const room = alice.client.room('general')
    const { key } = room.send('written')
    const answer = room.send('answer', { replyTo: key })
    await world.timeline.advance(100)
    const before = messages(alice.client)
    const [id] = before.map((message) => message.id)
    room.edit(key, 'edited')
    await world.timeline.advance(100)
    world.killServer()
    world.setLog(createMemoryLog({ clock: world.timeline.clock() }))
    world.startServer()
    const seen: unknown[] = []
    alice.client.on('reset', () => {
      void Promise.resolve().then(() => {
        const [first, second] = messages(alice.client)
        seen.push([first?.id, first?.body, first?.status, second?.key, second?.replyTo])
        seen.push(room.message(id ?? '').get()?.key)
      })
    })
    await world.timeline.advance(60_000)
    expect(seen).toEqual([[id, 'edited', 'pending', answer.key, id], key])
    expect(messages(alice.client).map((message) => [message.id, message.status])).toEqual(
      before.map((message) => [message.id, 'confirmed']),
    )
    expect(texts(alice.client)).toEqual(['edited', 'answer'])
  })

  it('is followed to what it still has, and gets back what this user wrote beyond, with pending messages and an edit beyond (conversation 7)', async () => {
    world = newWorld({ limits: { rate: null } })
    const operations: Operation[] = []
    const record = (log: typeof world.log): typeof world.log => ({
      ...log,
      append(added) {
        operations.push(...added)
        return log.append(added)
      },
    })
    world.killServer()
    world.setLog(record(world.log))
    world.startServer()
    const alice = start(world.tab(world.profile('alice')))
    const bob = start(world.tab(world.profile('bob')))
    await world.timeline.advance(5_000)
    for (const i of numbers(1, 40)) bob.client.room('general').send(`b${i}`)
    await world.timeline.advance(2_000)
    const kept = operations.length
    alice.client.room('general').send('a1')
    alice.client.room('general').send('a2')
    bob.client.room('general').edit(messages(bob.client)[0]?.key ?? '', 'b1, edited')
    await world.timeline.advance(2_000)
    expect(texts(alice.client)).toHaveLength(42)
    alice.client.disconnect()
    bob.client.disconnect()
    world.killServer()
    const shorter = createMemoryLog({ clock: world.timeline.clock() })
    for (const operation of operations.slice(0, kept)) await shorter.append([operation])
    world.setLog(shorter)
    world.startServer()
    let resets = 0
    alice.client.on('reset', () => resets++)
    alice.client.room('general').send('a3')
    alice.client.connect()
    bob.client.connect()
    await world.timeline.advance(60_000)
    expect(resets).toBe(1)
    const wanted = ['b1, edited', ...numbers(1, 39).map((i) => `b${i + 1}`), 'a1', 'a2', 'a3']
    expect(texts(alice.client)).toEqual(wanted)
    expect(texts(bob.client)).toEqual(wanted)
    expect(new Set(statuses(alice))).toEqual(new Set(['confirmed']))
    expect(alice.client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
  })
})
