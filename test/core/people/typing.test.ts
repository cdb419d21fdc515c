import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stageOf } from '../../../src/core/backstage.js'
import { typing } from '../../../src/core/people/typing.js'
import { createPuppetWorld, type PuppetWorld } from '../client/puppet-world.js'

let world: PuppetWorld
beforeEach(async () => {
  world = createPuppetWorld()
  await world.live()
  beganMs = world.timeline.now()
})
afterEach(async () => {
  await world.end()
  expect(world.timeline.pending).toBe(0)
  expect(world.lifecycle.listeners).toBe(0)
})

let beganMs = 0
const general = () => typing(world.client.room('general'))
/** What was said of typing, with the seconds since the test began. */
const said = async () => {
  await world.timeline.settle()
  return world.server.received.flatMap((frame) =>
    frame.type === 'typing_start' ? '+' : frame.type === 'typing_stop' ? '-' : [],
  )
}
/** A key every `everyMs`, for `forMs`. Tells when something was said, in ms since the first key. */
async function type(forMs: number, everyMs = 100): Promise<readonly string[]> {
  const log: string[] = []
  const startMs = world.timeline.now()
  for (let ms = 0; ms < forMs; ms += everyMs) {
    const before = (await said()).length
    general().keystroke()
    const words = await said()
    if (words.length > before) log.push(`${words.at(-1)}${world.timeline.now() - startMs}`)
    const known = words.length
    await world.timeline.advance(everyMs)
    const later = await said()
    if (later.length > known) log.push(`${later.at(-1)}${world.timeline.now() - startMs}`)
  }
  return log
}
const start = (userId: string, more: { room?: string; expires?: number } = {}) =>
  world.server.send({ type: 'typing_start', room: 'general', userId, expires: 5_000, ...more })
const stop = (userId: string) => world.server.send({ type: 'typing_stop', room: 'general', userId })

/** Somebody who watches who types. */
function watch(room = 'general') {
  const { users } = typing(world.client.room(room))
  const lists: string[][] = []
  const names = () => users.get().map(({ user }) => user)
  const unsubscribe = users.subscribe(() => lists.push(names()))
  return { lists, names, users, unsubscribe }
}

describe('what this user types', () => {
  it('is said at the first key, and names the room', async () => {
    general().keystroke()
    await world.timeline.settle()
    expect(world.server.received.at(-1)).toEqual({ type: 'typing_start', room: 'general' })
    expect(general().isTyping.get()).toBe(true)
  })

  it('S49: ten seconds of steady typing are told at once and every two seconds, and end three seconds after the last key', async () => {
    expect(await type(10_000)).toEqual(['+0', '+2000', '+4000', '+6000', '+8000', '+10000'])
    await world.timeline.advance(2_800)
    expect(await said()).not.toContain('-')
    await world.timeline.advance(200)
    expect((await said()).at(-1)).toBe('-')
    expect(world.timeline.now() - beganMs).toBe(13_000)
  })

  it('S46: four seconds and a half of typing are one start to readers, and two timers to the author', async () => {
    const timers = world.timeline.pending
    await type(4_400)
    expect(world.timeline.pending).toBe(timers + 2)
    expect(await said()).toEqual(['+', '+', '+'])
    const { lists } = watch()
    for (let i = 0; i < 3; i++) {
      start('bob')
      await world.timeline.advance(2_000)
    }
    expect(lists).toEqual([['bob']])
  })

  it('S51: shows as typing without a break as long as keys come', async () => {
    const seen: boolean[] = []
    const unsubscribe = general().isTyping.subscribe(() => seen.push(general().isTyping.get()))
    await type(10_000, 280)
    await world.timeline.advance(3_000)
    expect(seen).toEqual([true, false])
    unsubscribe()
  })

  it('is not repeated once no key comes', async () => {
    general().keystroke()
    await world.timeline.advance(10_000)
    expect(await said()).toEqual(['+', '-'])
    await type(1_600, 1_500)
    await world.timeline.advance(10_000)
    expect(await said()).toEqual(['+', '-', '+', '+', '-'])
  })

  it('S50: a stop is said however soon it comes, and only if a start was', async () => {
    general().stop()
    expect(await said()).toEqual([])
    general().keystroke()
    general().stop()
    general().stop()
    expect(await said()).toEqual(['+', '-'])
    await world.timeline.advance(10_000)
    expect(await said()).toEqual(['+', '-'])
  })

  it('ends when a message is sent to the room, in the same tick, and not by one to another', async () => {
    general().keystroke()
    world.client.room('random').send('elsewhere')
    expect(await said()).toEqual(['+'])
    world.client.room('general').send('here')
    expect(await said()).toEqual(['+', '-'])
    await world.timeline.advance(10_000)
    expect(await said()).toEqual(['+', '-'])
  })

  it('is forgotten with the connection: nothing is said until the next key after it is back', async () => {
    general().keystroke()
    await world.timeline.settle()
    world.server.drop()
    await world.timeline.settle()
    expect(general().isTyping.get()).toBe(false)
    general().keystroke()
    general().stop()
    await world.welcome()
    await world.catchUp()
    await world.timeline.advance(10_000)
    expect(await said()).toEqual(['+'])
    general().keystroke()
    expect(await said()).toEqual(['+', '+'])
  })

  it('is left out while the connection is crowded; its end is not', async () => {
    world.server.buffer(100_000)
    general().keystroke()
    expect(await said()).toEqual([])
    expect(general().isTyping.get()).toBe(false)
    world.server.buffer(0)
    general().keystroke()
    world.server.buffer(100_000)
    await type(2_000)
    general().stop()
    expect(await said()).toEqual(['+', '-'])
    world.server.buffer(0)
  })

  it('ends when the room is taken away, without a word to it, and does not begin there again', async () => {
    general().keystroke()
    await world.timeline.settle()
    world.server.send({ type: 'unsubscribed', room: 'general', code: 'not_member', retryable: false })
    await world.timeline.settle()
    expect(general().isTyping.get()).toBe(false)
    await type(4_000)
    expect(await said()).toEqual(['+'])
  })

  it('is not said in a room in which nobody is told', async () => {
    const { unsubscribe } = watch()
    world.server.send({ ...world.subscribed(), limits: { typing: false } })
    await type(4_000)
    expect(await said()).toEqual([])
    world.server.send(world.subscribed())
    general().keystroke()
    expect(await said()).toEqual(['+'])
    unsubscribe()
  })

  it('ends with the client, which leaves no timer', async () => {
    const here = general()
    here.keystroke()
    const ended = world.client.destroy()
    await world.timeline.settle()
    await ended
    expect(await said()).toEqual(['+', '-'])
    here.keystroke()
    here.stop()
    expect(here.isTyping.get()).toBe(false)
    expect(world.timeline.pending).toBe(0)
  })
})

describe('what others type', () => {
  it('is shown in the order in which they began, and keeps its reference until it changes', async () => {
    const { users, lists, unsubscribe } = watch()
    expect(users.get()).toBe(users.get())
    start('bob')
    start('carol')
    await world.timeline.settle()
    const list = users.get()
    expect(list).toEqual([
      { user: 'bob', since: world.timeline.now() },
      { user: 'carol', since: world.timeline.now() },
    ])
    await world.timeline.advance(1_000)
    start('bob')
    start('carol')
    await world.timeline.settle()
    expect(users.get()).toBe(list)
    stop('bob')
    await world.timeline.settle()
    expect(users.get()).toEqual([list[1]])
    expect(lists).toEqual([['bob', 'carol'], ['carol']])
    unsubscribe()
  })

  it('S45, S55: goes 5 s after the last start, to the millisecond, though no stop ever comes', async () => {
    const { names, lists, unsubscribe } = watch()
    start('bob')
    await world.timeline.advance(4_000)
    start('bob')
    await world.timeline.advance(4_999)
    expect(names()).toEqual(['bob'])
    await world.timeline.advance(1)
    expect(names()).toEqual([])
    expect(lists).toEqual([['bob'], []])
    unsubscribe()
  })

  it('S55: goes after 5 s whatever the server says, sooner if it says so', async () => {
    const { names, unsubscribe } = watch()
    start('bob', { expires: 3_600_000 })
    start('carol', { expires: 1_000 })
    await world.timeline.advance(1_000)
    expect(names()).toEqual(['bob'])
    await world.timeline.advance(4_000)
    expect(names()).toEqual([])
    unsubscribe()
  })

  it('S54: never names this user, and a message takes its author off at once, another one does not', async () => {
    const { names, unsubscribe } = watch()
    start('alice')
    start('bob')
    start('carol')
    await world.timeline.settle()
    expect(names()).toEqual(['bob', 'carol'])
    world.server.send(world.event(1))
    await world.timeline.settle()
    expect(names()).toEqual(['carol'])
    world.server.send(world.event(2, { room: 'random', from: 'carol' }))
    await world.timeline.settle()
    expect(names()).toEqual(['carol'])
    unsubscribe()
  })

  it('S54: nobody types while there is no connection, nor before somebody is heard again', async () => {
    const { names, unsubscribe } = watch()
    start('bob')
    await world.timeline.settle()
    world.server.drop()
    await world.timeline.settle()
    expect(names()).toEqual([])
    await world.welcome()
    await world.timeline.settle()
    expect(names()).toEqual([])
    start('bob')
    await world.timeline.settle()
    expect(names()).toEqual(['bob'])
    unsubscribe()
  })

  it('S53: is what is typed in that room, in no other', async () => {
    const { names, unsubscribe } = watch()
    start('bob', { room: 'random' })
    await world.timeline.settle()
    expect(names()).toEqual([])
    unsubscribe()
  })

  it('S48: a listener that throws starves nobody, and is told as an error', async () => {
    const broken = general().users.subscribe(() => {
      throw new Error('mine')
    })
    const { lists, unsubscribe } = watch()
    start('bob')
    await world.timeline.advance(5_000)
    expect(lists).toEqual([['bob'], []])
    expect(world.codes()).toEqual(['listener', 'listener'])
    broken()
    unsubscribe()
  })

  it('is nobody once the room was taken away', async () => {
    const { names, unsubscribe } = watch()
    start('bob')
    world.server.send({ type: 'unsubscribed', room: 'general', code: 'not_member', retryable: false })
    await world.timeline.settle()
    expect(names()).toEqual([])
    unsubscribe()
  })

  it('is bounded, however many there are', async () => {
    const { names, unsubscribe } = watch()
    for (let i = 0; i < 1_000; i++) start(`user-${i}`)
    await world.timeline.settle()
    expect(names()).toHaveLength(100)
    await world.timeline.advance(5_000)
    expect(names()).toEqual([])
    unsubscribe()
  })

  it('leaves no timer once nobody watches, and is empty then', async () => {
    const timers = world.timeline.pending
    const { users, unsubscribe } = watch()
    start('bob')
    await world.timeline.settle()
    expect(world.timeline.pending).toBe(timers + 1)
    unsubscribe()
    unsubscribe()
    expect(users.get()).toEqual([])
    expect(world.timeline.pending).toBe(timers)
    start('bob')
    await world.timeline.settle()
    expect(users.get()).toEqual([])
  })

  it('has its room followed as long as somebody watches', async () => {
    const { unsubscribe } = watch('random')
    await world.timeline.settle()
    expect(world.framesOf('subscribe').at(-1)?.rooms).toMatchObject([{ room: 'random' }])
    unsubscribe()
    await world.timeline.advance(1_000)
    expect(world.framesOf('unsubscribe').at(-1)?.rooms).toEqual(['random'])
  })
})

describe('typing', () => {
  it('listens to nothing before it is used, and to nothing after', async () => {
    const stage = stageOf(world.client.room('general'))
    const { connection, frames } = stage.client
    let listening = 0
    const counted = (stop: () => void) => {
      listening += 1
      return () => {
        listening -= 1
        stop()
      }
    }
    const { onEnd } = stage.client
    const { subscribe } = connection
    const { onSend } = stage
    const on = frames.on.bind(frames)
    Object.assign(stage, { onSend: (fn: () => void) => counted(onSend(fn)) })
    Object.assign(stage.client, { onEnd: (fn: () => void) => counted(onEnd(fn)) })
    Object.assign(connection, { subscribe: (fn: () => void) => counted(subscribe(fn)) })
    const spied: typeof frames.on = (type, fn) => counted(on(type, fn))
    Object.assign(frames, { on: spied })

    general()
    expect(listening).toBe(0)
    const { unsubscribe } = watch()
    const whileWatched = listening
    general().keystroke()
    expect(listening).toBeGreaterThan(whileWatched)
    expect(whileWatched).toBeGreaterThan(0)
    await world.timeline.advance(3_000)
    expect(listening).toBe(whileWatched)
    unsubscribe()
    expect(listening).toBe(0)
  })

  it('is one thing for one room', () => {
    expect(general()).toBe(general())
    expect(typing(world.client.room('random'))).not.toBe(general())
  })

  it('tells a room of another making apart', () => {
    const foreign = { ...world.client.room('general') }
    expect(() => typing(foreign)).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
  })
})
