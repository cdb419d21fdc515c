import { describe, expect, it } from 'vitest'
import { stageOf } from '../../../src/core/backstage.js'
import { typing } from '../../../src/core/people/typing.js'
import { typist } from './typist.js'

const { world, general, start, stop, watch } = typist()

describe('what others type', () => {
  it('is shown in the order in which they began, and keeps its reference until it changes', async () => {
    const { users, lists, unsubscribe } = watch()
    expect(users.get()).toBe(users.get())
    start('bob')
    start('carol')
    await world().timeline.settle()
    const list = users.get()
    expect(list).toEqual([
      { user: 'bob', since: world().timeline.now() },
      { user: 'carol', since: world().timeline.now() },
    ])
    await world().timeline.advance(1_000)
    start('bob')
    start('carol')
    await world().timeline.settle()
    expect(users.get()).toBe(list)
    stop('bob')
    await world().timeline.settle()
    expect(users.get()).toEqual([list[1]])
    expect(lists).toEqual([['bob', 'carol'], ['carol']])
    unsubscribe()
  })

  it('S45, S55: goes 5 s after the last start, to the millisecond, though no stop ever comes', async () => {
    const { names, lists, unsubscribe } = watch()
    start('bob')
    await world().timeline.advance(4_000)
    start('bob')
    await world().timeline.advance(4_999)
    expect(names()).toEqual(['bob'])
    await world().timeline.advance(1)
    expect(names()).toEqual([])
    expect(lists).toEqual([['bob'], []])
    unsubscribe()
  })

  it('S55: goes after 5 s whatever the server says, sooner if it says so', async () => {
    const { names, unsubscribe } = watch()
    start('bob', { expires: 3_600_000 })
    start('carol', { expires: 1_000 })
    await world().timeline.advance(1_000)
    expect(names()).toEqual(['bob'])
    await world().timeline.advance(4_000)
    expect(names()).toEqual([])
    unsubscribe()
  })

  it('S54: never names this user, and a message takes its author off at once, another one does not', async () => {
    const { names, unsubscribe } = watch()
    start('alice')
    start('bob')
    start('carol')
    await world().timeline.settle()
    expect(names()).toEqual(['bob', 'carol'])
    world().server.send(world().event(1))
    await world().timeline.settle()
    expect(names()).toEqual(['carol'])
    world().server.send(world().event(2, { room: 'random', from: 'carol' }))
    await world().timeline.settle()
    expect(names()).toEqual(['carol'])
    unsubscribe()
  })

  it('S54: nobody types while there is no connection, nor before somebody is heard again', async () => {
    const { names, unsubscribe } = watch()
    start('bob')
    await world().timeline.settle()
    world().server.drop()
    await world().timeline.settle()
    expect(names()).toEqual([])
    await world().welcome()
    await world().timeline.settle()
    expect(names()).toEqual([])
    start('bob')
    await world().timeline.settle()
    expect(names()).toEqual(['bob'])
    unsubscribe()
  })

  it('S53: is what is typed in that room, in no other', async () => {
    const { names, unsubscribe } = watch()
    start('bob', { room: 'random' })
    await world().timeline.settle()
    expect(names()).toEqual([])
    unsubscribe()
  })

  it('S48: a listener that throws starves nobody, and is told as an error', async () => {
    const broken = general().users.subscribe(() => {
      throw new Error('mine')
    })
    const { lists, unsubscribe } = watch()
    start('bob')
    await world().timeline.advance(5_000)
    expect(lists).toEqual([['bob'], []])
    expect(world().codes()).toEqual(['listener', 'listener'])
    broken()
    unsubscribe()
  })

  it('is nobody once the room was taken away', async () => {
    const { names, unsubscribe } = watch()
    start('bob')
    world().server.send({ type: 'unsubscribed', room: 'general', code: 'not_member', retryable: false })
    await world().timeline.settle()
    expect(names()).toEqual([])
    unsubscribe()
  })

  it('is bounded, however many there are', async () => {
    const { names, unsubscribe } = watch()
    for (let i = 0; i < 1_000; i++) start(`user-${i}`)
    await world().timeline.settle()
    expect(names()).toHaveLength(100)
    await world().timeline.advance(5_000)
    expect(names()).toEqual([])
    unsubscribe()
  })

  it('leaves no timer once nobody watches, and is empty then', async () => {
    const timers = world().timeline.pending
    const { users, unsubscribe } = watch()
    start('bob')
    await world().timeline.settle()
    expect(world().timeline.pending).toBe(timers + 1)
    unsubscribe()
    unsubscribe()
    expect(users.get()).toEqual([])
    expect(world().timeline.pending).toBe(timers)
    start('bob')
    await world().timeline.settle()
    expect(users.get()).toEqual([])
  })

  it('has its room followed as long as somebody watches', async () => {
    const { unsubscribe } = watch('random')
    await world().timeline.settle()
    expect(world().framesOf('subscribe').at(-1)?.rooms).toMatchObject([{ room: 'random' }])
    unsubscribe()
    await world().timeline.advance(1_000)
    expect(world().framesOf('unsubscribe').at(-1)?.rooms).toEqual(['random'])
  })
})

describe('typing', () => {
  it('listens to nothing before it is used, and to nothing after', async () => {
    const stage = stageOf(world().client.room('general'))
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
    await world().timeline.advance(3_000)
    expect(listening).toBe(whileWatched)
    unsubscribe()
    expect(listening).toBe(0)
  })

  it('is one thing for one room', () => {
    expect(general()).toBe(general())
    expect(typing(world().client.room('random'))).not.toBe(general())
  })

  it('tells a room of another making apart', () => {
    const foreign = { ...world().client.room('general') }
    expect(() => typing(foreign)).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
  })
})
