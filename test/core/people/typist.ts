import { afterEach, beforeEach, expect } from 'vitest'
import { typing } from '../../../src/core/people/typing.js'
import { createPuppetWorld, type PuppetWorld } from '../client/puppet-world.js'

/** A client that is live in a room, anew for each test, on a server whose every frame the test writes; in the end nothing of it is left. */
export function typist() {
  let world: PuppetWorld
  let beganMs = 0
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

  /** How long the test has lasted, in ms. */
  const sinceBegan = () => world.timeline.now() - beganMs

  return { world: () => world, sinceBegan, general, said, type, start, stop, watch }
}
