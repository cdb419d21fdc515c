import { describe, expect, it } from 'vitest'
import { typist } from './typist.js'

const { world, sinceBegan, general, said, type, start, watch } = typist()

describe('what this user types', () => {
  it('is said at the first key, and names the room', async () => {
    general().keystroke()
    await world().timeline.settle()
    expect(world().server.received.at(-1)).toEqual({ type: 'typing_start', room: 'general' })
    expect(general().isTyping.get()).toBe(true)
  })

  it('S49: ten seconds of steady typing are told at once and every two seconds, and end three seconds after the last key', async () => {
    expect(await type(10_000)).toEqual(['+0', '+2000', '+4000', '+6000', '+8000', '+10000'])
    await world().timeline.advance(2_800)
    expect(await said()).not.toContain('-')
    await world().timeline.advance(200)
    expect((await said()).at(-1)).toBe('-')
    expect(sinceBegan()).toBe(13_000)
  })

  it('S46: four seconds and a half of typing are one start to readers, and two timers to the author', async () => {
    const timers = world().timeline.pending
    await type(4_400)
    expect(world().timeline.pending).toBe(timers + 2)
    expect(await said()).toEqual(['+', '+', '+'])
    const { lists } = watch()
    for (let i = 0; i < 3; i++) {
      start('bob')
      await world().timeline.advance(2_000)
    }
    expect(lists).toEqual([['bob']])
  })

  it('S51: shows as typing without a break as long as keys come', async () => {
    const seen: boolean[] = []
    const unsubscribe = general().isTyping.subscribe(() => seen.push(general().isTyping.get()))
    await type(10_000, 280)
    await world().timeline.advance(3_000)
    expect(seen).toEqual([true, false])
    unsubscribe()
  })

  it('is not repeated once no key comes', async () => {
    general().keystroke()
    await world().timeline.advance(10_000)
    expect(await said()).toEqual(['+', '-'])
    await type(1_600, 1_500)
    await world().timeline.advance(10_000)
    expect(await said()).toEqual(['+', '-', '+', '+', '-'])
  })

  it('S50: a stop is said however soon it comes, and only if a start was', async () => {
    general().stop()
    expect(await said()).toEqual([])
    general().keystroke()
    general().stop()
    general().stop()
    expect(await said()).toEqual(['+', '-'])
    await world().timeline.advance(10_000)
    expect(await said()).toEqual(['+', '-'])
  })

  it('ends when a message is sent to the room, in the same tick, and not by one to another', async () => {
    general().keystroke()
    world().client.room('random').send('elsewhere')
    expect(await said()).toEqual(['+'])
    world().client.room('general').send('here')
    expect(await said()).toEqual(['+', '-'])
    await world().timeline.advance(10_000)
    expect(await said()).toEqual(['+', '-'])
  })

  it('is forgotten with the connection: nothing is said until the next key after it is back', async () => {
    general().keystroke()
    await world().timeline.settle()
    world().server.drop()
    await world().timeline.settle()
    expect(general().isTyping.get()).toBe(false)
    general().keystroke()
    general().stop()
    await world().welcome()
    await world().catchUp()
    await world().timeline.advance(10_000)
    expect(await said()).toEqual(['+'])
    general().keystroke()
    expect(await said()).toEqual(['+', '+'])
  })

  it('is left out while the connection is crowded; its end is not', async () => {
    world().server.buffer(100_000)
    general().keystroke()
    expect(await said()).toEqual([])
    expect(general().isTyping.get()).toBe(false)
    world().server.buffer(0)
    general().keystroke()
    world().server.buffer(100_000)
    await type(2_000)
    general().stop()
    expect(await said()).toEqual(['+', '-'])
    world().server.buffer(0)
  })

  it('ends when the room is taken away, without a word to it, and does not begin there again', async () => {
    general().keystroke()
    await world().timeline.settle()
    world().server.send({ type: 'unsubscribed', room: 'general', code: 'not_member', retryable: false })
    await world().timeline.settle()
    expect(general().isTyping.get()).toBe(false)
    await type(4_000)
    expect(await said()).toEqual(['+'])
  })

  it('is not said in a room in which nobody is told', async () => {
    const { unsubscribe } = watch()
    world().server.send({ ...world().subscribed(), limits: { typing: false } })
    await type(4_000)
    expect(await said()).toEqual([])
    world().server.send(world().subscribed())
    general().keystroke()
    expect(await said()).toEqual(['+'])
    unsubscribe()
  })

  it('ends with the client, which leaves no timer', async () => {
    const here = general()
    here.keystroke()
    const ended = world().client.destroy()
    await world().timeline.settle()
    await ended
    expect(await said()).toEqual(['+', '-'])
    here.keystroke()
    here.stop()
    expect(here.isTyping.get()).toBe(false)
    expect(world().timeline.pending).toBe(0)
  })
})
