import { createMemoryLog, type FrameHead, type Operation } from 'tidings-server'
import { afterEach, describe, expect, it } from 'vitest'
import { createWorld, messages, type Tab, texts, type World } from './world.js'

let world: World
afterEach(() => world.end())

const start = (tab: Tab): Tab => {
  tab.client.room('general').open()
  tab.client.connect()
  return tab
}
const statuses = (tab: Tab) => messages(tab.client).map((message) => message.status)
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

describe('an acknowledgement that is lost', () => {
  it('is made up for by the echo: nothing is sent again', async () => {
    const seen: FrameHead[] = []
    world = createWorld({
      outgoing(frame) {
        seen.push(frame)
        return frame.type === 'ack' ? 'drop' : 'pass'
      },
    })
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(100)
    alice.client.room('general').send('once')
    await world.timeline.advance(30_000)
    expect(statuses(alice)).toEqual(['confirmed'])
    expect(seen.filter((frame) => frame.type === 'ack')).toHaveLength(1)
    expect(alice.client.outbox.get().pending).toBe(0)
  })

  it('with the echo as well leads to the same operation again, and to one message (conversation 5)', async () => {
    let lossy = true
    const acks: FrameHead[] = []
    world = createWorld({
      outgoing(frame) {
        if (frame.type === 'ack') acks.push(frame)
        return lossy && (frame.type === 'ack' || frame.type === 'event') ? 'drop' : 'pass'
      },
    })
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(100)
    const sent = alice.client.room('general').send('twice')
    await world.timeline.advance(100)
    lossy = false
    expect(statuses(alice)).toEqual(['pending'])
    await world.timeline.advance(20_000)
    expect(statuses(alice)).toEqual(['confirmed'])
    expect(acks.length).toBe(2)
    const bob = start(world.tab(world.profile('bob')))
    await world.timeline.advance(1_000)
    expect(texts(bob.client)).toEqual(['twice'])
    expect(messages(alice.client)[0]?.key).toBe(sent.key)
  })

  it('with the connection is made up for by a page at resume: nothing is sent again (conversation 4)', async () => {
    const acks: FrameHead[] = []
    let lossy = false
    world = createWorld({
      outgoing(frame) {
        if (frame.type === 'ack') acks.push(frame)
        return lossy ? 'drop' : 'pass'
      },
    })
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(100)
    lossy = true
    alice.client.room('general').send('held by a page')
    await world.timeline.advance(100)
    alice.link.drop()
    lossy = false
    await world.timeline.advance(60_000)
    expect(statuses(alice)).toEqual(['confirmed'])
    expect(acks).toHaveLength(1)
  })
})

describe('a reply whose acknowledgement is lost', () => {
  it('is known by its own id, not by that of what it answers, to a later array that names it', async () => {
    world = createWorld({
      limits: { rate: null },
      outgoing: (frame) => (frame.type === 'ack' ? 'drop' : 'pass'),
    })
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(100)
    alice.client.disconnect()
    const room = alice.client.room('general')
    const parent = room.send('parent')
    const reply = room.send('reply', { replyTo: parent.key })
    for (const i of numbers(50)) room.send(i)
    room.send('to the reply', { replyTo: reply.key })
    alice.client.connect()
    await world.timeline.advance(30_000)
    const shown = messages(alice.client)
    expect(shown.at(-1)).toMatchObject({ body: 'to the reply', status: 'confirmed', replyTo: shown[1]?.id })
    expect(shown[1]?.replyTo).toBe(shown[0]?.id)
  })
})

describe('a live event that is lost', () => {
  it('is noticed by the next one and read from a page (conversation 6)', async () => {
    let drop = false
    world = createWorld({
      outgoing: (frame, to) => (drop && frame.type === 'event' && to.user === 'bob' ? 'drop' : 'pass'),
    })
    const alice = start(world.tab(world.profile('alice')))
    const bob = start(world.tab(world.profile('bob')))
    await world.timeline.advance(100)
    drop = true
    alice.client.room('general').send(1)
    await world.timeline.advance(100)
    drop = false
    alice.client.room('general').send(2)
    await world.timeline.advance(1_000)
    expect(texts(bob.client)).toEqual([1, 2])
    expect(bob.errors).toEqual([])
  })
})

describe('the server', () => {
  it('killed between commit and acknowledgement leaves one message', async () => {
    let dead = false
    world = createWorld({ outgoing: () => (dead ? 'drop' : 'pass') })
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

  it('that refuses number 20 of 50 for good lets the others through, and the refused one shown as failed can be retried (conversation 11)', async () => {
    let strict = true
    world = createWorld({
      limits: { rate: null },
      screen: ({ body }) =>
        strict && body === '20' ? { code: 'content_rejected', message: 'No.' } : undefined,
    })
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(100)
    for (const i of numbers(50)) alice.client.room('general').send(i)
    await world.timeline.advance(5_000)
    const failed = messages(alice.client).filter((message) => message.status === 'failed')
    expect(failed.map((message) => message.body)).toEqual([20])
    expect(failed[0]?.error).toMatchObject({ code: 'rejected', serverCode: 'content_rejected' })
    expect(alice.client.outbox.get()).toMatchObject({ pending: 0, failed: 1 })
    strict = false
    expect(alice.client.room('general').retry(failed[0]?.key ?? '')).toBe(true)
    await world.timeline.advance(5_000)
    expect(statuses(alice)).toEqual(Array(50).fill('confirmed'))
    expect(texts(alice.client)).toEqual(numbers(50))
  })

  it('that says "not now" to number 20 of 50 gets the rest again in order (conversation 11)', async () => {
    let busy = true
    world = createWorld({
      limits: { rate: null },
      screen: ({ body }) =>
        busy && body === '20' ? { code: 'unavailable', message: 'Later.', retryAfter: 500 } : undefined,
    })
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(100)
    for (const i of numbers(50)) alice.client.room('general').send(i)
    await world.timeline.advance(300)
    busy = false
    await world.timeline.advance(5_000)
    expect(statuses(alice)).toEqual(Array(50).fill('confirmed'))
    expect(messages(alice.client).map((message) => message.seq)).toEqual(numbers(50))
  })

  it('that keeps saying "not now" to one message ends as a visible failure after eight times', async () => {
    world = createWorld({ screen: () => ({ code: 'unavailable', message: 'Later.', retryAfter: 10 }) })
    const alice = start(world.tab(world.profile('alice')))
    await world.timeline.advance(100)
    alice.client.room('general').send('poison')
    await world.timeline.advance(60_000)
    expect(statuses(alice)).toEqual(['failed'])
    expect(messages(alice.client)[0]?.error).toMatchObject({ code: 'rejected', serverCode: 'unavailable' })
  })

  it('that drains gives a slot, and the client comes back at it (conversation 10)', async () => {
    world = createWorld()
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
    world = createWorld({
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
    world = createWorld({
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
    world = createWorld({ authorize: ({ user }) => (user === 'alice' && !allowed ? 'not_member' : 'allow') })
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
    world = createWorld()
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
    world = createWorld({ limits: { rate: null } })
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
    for (const i of numbers(40)) bob.client.room('general').send(`b${i}`)
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
    const wanted = ['b1, edited', ...numbers(39).map((i) => `b${i + 1}`), 'a1', 'a2', 'a3']
    expect(texts(alice.client)).toEqual(wanted)
    expect(texts(bob.client)).toEqual(wanted)
    expect(new Set(statuses(alice))).toEqual(new Set(['confirmed']))
    expect(alice.client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
  })
})
