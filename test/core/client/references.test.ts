import { createMemoryLog, type Operation } from 'tidings-server/core'
import { describe, expect, it } from 'vitest'
import { start, statuses } from './steps.js'
import { messages, newWorld, type Tab, texts, type World } from './world.js'

let world: World

const bodyOf = ({ body }: Operation): unknown => (body === undefined ? undefined : JSON.parse(body))

/** A server that refuses these texts as long as it is told to. */
function moody(...texts: readonly unknown[]) {
  const mood = { refuses: true }
  world = newWorld({
    latencyMs: 5,
    screen: (operation) =>
      mood.refuses && texts.includes(bodyOf(operation))
        ? { code: 'content_rejected', message: 'Not here.' }
        : undefined,
  })
  return mood
}

/** The server comes back with nothing. */
function loseAll(): void {
  world.killServer()
  world.setLog(createMemoryLog({ clock: world.timeline.clock() }))
  world.startServer()
}

const reader = (): Tab => start(world.tab(world.profile('bob')))

describe('an answer that leaves with a message that the server refuses', () => {
  async function both() {
    const mood = moody('question')
    const alice = start(world.tab(world.profile('alice')))
    const bob = reader()
    await world.timeline.advance(500)
    const room = alice.client.room('general')
    const question = room.send('question')
    room.send('answer', { replyTo: question.key })
    await world.timeline.advance(500)
    return { mood, alice, bob, room, question }
  }

  it('waits for it, and goes out behind it when it is tried again', async () => {
    const { mood, alice, bob, room, question } = await both()
    expect(statuses(alice)).toEqual(['failed', 'pending'])
    mood.refuses = false
    room.retry(question.key)
    await world.timeline.advance(500)
    expect(statuses(alice)).toEqual(['confirmed', 'confirmed'])
    const [first, second] = messages(bob.client)
    expect(second?.replyTo).toBe(first?.id)
  })

  it('stands for itself when that is given up', async () => {
    const { alice, bob, room, question } = await both()
    room.discard(question.key)
    await world.timeline.advance(500)
    expect(statuses(alice)).toEqual(['confirmed'])
    expect(messages(bob.client)).toMatchObject([{ body: 'answer', replyTo: null }])
  })

  it('stands for itself also where a tab that is gone had claimed it', async () => {
    moody('question')
    const profile = world.profile('alice')
    const writer = start(world.tab(profile, { locks: false }))
    await world.timeline.advance(500)
    const { key } = writer.client.room('general').send('question')
    await world.timeline.advance(500)
    // It never leaves, but bears the name of this tab.
    writer.client.room('general').send('answer', { replyTo: key })
    await world.timeline.advance(500)
    writer.crash()
    const next = start(world.tab(profile, { locks: false }))
    await world.timeline.advance(500)
    next.client.room('general').discard(key)
    await world.timeline.advance(20_000)
    expect(messages(next.client)).toMatchObject([{ body: 'answer', status: 'confirmed', replyTo: null }])
  })
})

describe('a tab that has not heard of what another one wrote', () => {
  it.each([true, false])('looks at the disk before it sends what names it (locks: %s)', async (locks) => {
    world = newWorld({ latencyMs: 5 })
    const profile = world.profile('alice')
    const [writer, sender] = [world.tab(profile, { locks }), world.tab(profile, { locks })]
    start(sender)
    await world.timeline.advance(500)
    writer.link.refuse(true)
    start(writer)
    await world.timeline.advance(500)
    const room = writer.client.room('general')
    profile.disk.deafen(true)
    const { key } = room.send('question')
    await world.timeline.advance(100)
    profile.disk.deafen(false)
    room.send('answer', { replyTo: key })
    await world.timeline.advance(30_000)
    expect(texts(sender.client)).toEqual(['question', 'answer'])
    expect(statuses(writer)).toEqual(['confirmed', 'confirmed'])
  })
})

describe('an answer to a message that the server lost for good', () => {
  it('is shown as failed within half a minute, and who tries it again is told at once', async () => {
    world = newWorld({ latencyMs: 5 })
    const alice = start(world.tab(world.profile('alice')))
    const bob = reader()
    await world.timeline.advance(500)
    bob.client.room('general').send('question')
    await world.timeline.advance(500)
    bob.crash()
    const [question] = messages(alice.client)
    const room = alice.client.room('general')
    const { key } = room.send('answer', { replyTo: question?.id ?? '' })
    await world.timeline.advance(500)
    loseAll()
    await world.timeline.advance(5_000)
    expect(messages(alice.client)).toMatchObject([{ body: 'answer', status: 'delayed' }])
    await world.timeline.advance(30_000)
    expect(statuses(alice)).toEqual(['failed'])
    room.retry(key)
    await world.timeline.advance(500)
    expect(statuses(alice)).toEqual(['failed'])
  })
})

describe('a change of a message that is nowhere', () => {
  it('ends, and so does what builds on it, where another tab has given the message up', async () => {
    moody('hello')
    const profile = world.profile('alice')
    const [alice, other] = [start(world.tab(profile)), start(world.tab(profile))]
    await world.timeline.advance(500)
    const room = alice.client.room('general')
    const { key } = room.send('hello')
    await world.timeline.advance(500)
    profile.disk.deafen(true)
    other.link.drop()
    other.link.refuse(true)
    const face = other.client.room('general')
    const told = [face.edit(key, 'first'), face.edit(key, 'second', { expectVersion: true })].map((change) =>
      change.confirmed().catch((error: unknown) => error),
    )
    await world.timeline.advance(100)
    expect(room.discard(key)).toBe(true)
    await world.timeline.advance(100)
    profile.disk.deafen(false)
    other.link.refuse(false)
    // It looks at the disk when somebody looks at it.
    other.lifecycle.signal('visible', 'visible')
    await world.timeline.advance(30_000)
    for (const { client } of [alice, other])
      expect(client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
    expect(await Promise.all(told)).toMatchObject([{ code: 'not_found' }, { code: 'not_found' }])
  })

  it('is made again where nobody can tell whether it arrived, since nobody sees it to decide about it', async () => {
    let forgets = true
    world = newWorld({
      latencyMs: 5,
      screen: ({ kind }) =>
        kind === 'react' && forgets ? { code: 'dedupe_expired', message: 'Too long ago.' } : undefined,
    })
    const alice = start(world.tab(world.profile('alice')))
    const bob = reader()
    await world.timeline.advance(500)
    bob.client.room('general').send('hello')
    await world.timeline.advance(500)
    bob.crash()
    const [hello] = messages(alice.client)
    alice.client.room('general').react(hello?.id ?? '', 'heart')
    await world.timeline.advance(500)
    expect(messages(alice.client)).toMatchObject([{ status: 'unknown' }])
    forgets = false
    // The server comes back without the message, and nobody has it any more.
    loseAll()
    await world.timeline.advance(30_000)
    expect(messages(alice.client)).toEqual([])
    expect(alice.client.outbox.get()).toMatchObject({ pending: 0, failed: 0 })
  })
})
