import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { start } from './steps.js'
import { messages, newWorld, type Tab, texts, type World } from './world.js'

let world: World

const state = ({ client }: Tab) => client.connection.get().state
const statuses = ({ client }: Tab) => messages(client).map(({ status }) => status)
const storageErrors = ({ errors }: Tab) => errors.filter(({ code }) => code === 'storage')

/** Alice was here before: two messages are on her disk, one of which was never sent. Bob is there. */
async function aliceReturns() {
  world = newWorld({ latencyMs: 5 })
  const profile = world.profile('alice')
  const earlier = start(world.tab(profile))
  const bob = start(world.tab(world.profile('bob')))
  await world.timeline.advance(200)
  earlier.client.room('general').send('sent')
  await world.timeline.advance(200)
  earlier.link.refuse(true)
  earlier.link.drop()
  await world.timeline.advance(100)
  earlier.client.room('general').send('waits')
  await world.timeline.advance(100)
  earlier.crash()
  return { profile, bob }
}

describe('a disk that does not answer the first question', () => {
  it('keeps nobody from connecting, reading and writing for more than 3 s, and says so', async () => {
    const { profile, bob } = await aliceReturns()
    const release = profile.disk.hang()
    const alice = start(world.tab(profile))
    await world.timeline.advance(LIMITS.openTimeoutMs + 500)
    expect(state(alice)).toBe('connected')
    expect(alice.client.storage.get()).toMatchObject({ state: 'degraded', error: { code: 'storage' } })
    await world.timeline.advance(LIMITS.openTimeoutMs)
    expect(texts(alice.client)).toEqual(['sent'])
    expect(alice.client.room('general').timeline.get().status).toBe('live')
    alice.client.room('general').send('from memory')
    await world.timeline.advance(100)
    bob.client.room('general').send('heard')
    await world.timeline.advance(LIMITS.slowWriteMs + 500)
    expect(texts(bob.client)).toEqual(['sent', 'from memory', 'heard'])
    expect(texts(alice.client)).toEqual(['sent', 'from memory', 'heard'])
    const told = storageErrors(alice).length
    await world.timeline.advance(10 * 60_000)
    // It is not said again and again.
    expect(storageErrors(alice).length).toBe(told)
    release()
  })

  it('is read when it answers: what waited there is sent, and what was written meanwhile is stored', async () => {
    const { profile, bob } = await aliceReturns()
    const release = profile.disk.hang()
    const alice = start(world.tab(profile))
    await world.timeline.advance(10_000)
    alice.link.refuse(true)
    alice.link.drop()
    const sent = alice.client.room('general').send('from memory')
    let queued = false
    void sent.queued().then(() => {
      queued = true
    })
    await world.timeline.advance(10_000)
    expect(queued).toBe(false)
    release()
    alice.link.refuse(false)
    await world.timeline.advance(2 * LIMITS.backoffCapMs)
    expect(queued).toBe(true)
    expect(alice.client.storage.get()).toMatchObject({ state: 'ready', error: null })
    expect(texts(bob.client).toSorted()).toEqual(['from memory', 'sent', 'waits'])
    expect(texts(alice.client)).toEqual(texts(bob.client))
    expect(statuses(alice)).toEqual(Array(3).fill('confirmed'))
    alice.crash()
    world.killServer()
    const later = start(world.tab(profile))
    await world.timeline.advance(1_000)
    expect(texts(later.client)).toEqual(texts(bob.client))
  })
})

describe('a disk that stops answering', () => {
  it('holds up what others write for 3 s, once, and loses and repeats none of it', async () => {
    world = newWorld({ latencyMs: 5 })
    const profile = world.profile('alice')
    const alice = start(world.tab(profile))
    const bob = start(world.tab(world.profile('bob')))
    const arrived: unknown[] = []
    alice.client.room('general').arrivals(({ body }) => arrived.push(body))
    await world.timeline.advance(500)
    const release = profile.disk.hang()
    bob.client.room('general').send(1)
    await world.timeline.advance(LIMITS.openTimeoutMs + 100)
    expect(texts(alice.client)).toEqual([1])
    bob.client.room('general').send(2)
    await world.timeline.advance(100)
    expect(texts(alice.client)).toEqual([1, 2])
    release()
    await world.timeline.advance(100)
    bob.client.room('general').send(3)
    await world.timeline.advance(1_000)
    expect(texts(alice.client)).toEqual([1, 2, 3])
    expect(arrived).toEqual([1, 2, 3])
    alice.crash()
    world.killServer()
    const later = start(world.tab(profile))
    await world.timeline.advance(1_000)
    expect(texts(later.client)).toEqual([1, 2, 3])
  })
})
