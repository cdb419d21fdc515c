import { afterEach, beforeEach, expect } from 'vitest'
import { type IdleOptions, idle } from '../../../src/core/people/idle.js'
import { createWorld, type Profile, type Tab, type World } from '../client/world.js'

export const MINUTE_MS = 60_000

/** The device of a person, anew for each test, and who watches whether anybody is there. */
export function watcher() {
  let world: World
  let profile: Profile
  beforeEach(() => {
    world = createWorld()
    profile = world.profile('alice')
  })
  afterEach(async () => {
    await world.end()
    await world.timeline.advance(1_000)
    expect(world.timeline.pending).toBe(0)
  })

  /** A tab in which somebody watches. */
  async function watch(tab: Tab, options?: IdleOptions) {
    const here = idle(tab.client, options)
    const log: string[] = []
    const startMs = world.timeline.now()
    const unsubscribe = here.subscribe(() =>
      log.push(`${here.get().state} ${world.timeline.now() - startMs}`),
    )
    await world.timeline.settle()
    return {
      log,
      unsubscribe,
      state: () => here.get().state,
      here,
      act: () => tab.lifecycle.signal('active'),
    }
  }
  const pass = (ms: number) => world.timeline.advance(ms)

  return { world: () => world, profile: () => profile, watch, pass }
}
