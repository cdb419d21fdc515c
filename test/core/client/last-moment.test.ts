import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import type { LifecycleSignal } from '../../../src/core/seams/lifecycle.js'
import { start, statuses } from './steps.js'
import { newWorld, type World } from './world.js'

let world: World

/** Alice's message is shown as confirmed; her page says something of itself and is gone, well within the time that notes may wait. */
async function confirmedAndGone(...signals: readonly LifecycleSignal[]): Promise<readonly string[]> {
  world = newWorld({ latencyMs: 1 })
  const profile = world.profile('alice')
  const tab = start(world.tab(profile))
  await world.timeline.advance(1_000)
  tab.client.room('general').send('soup is ready')
  for (let ms = 0; statuses(tab)[0] !== 'confirmed'; ms++) {
    if (ms === LIMITS.noteWithinMs) throw new Error('It was not confirmed.')
    await world.timeline.advance(1)
  }
  for (const signal of signals) tab.lifecycle.signal(signal)
  await world.timeline.advance(1)
  tab.crash()
  world.killServer()
  const again = start(world.tab(profile))
  await world.timeline.advance(10_000)
  return statuses(again)
}

describe('a page that goes right after a message was confirmed', () => {
  it.each(['hidden', 'pagehide', 'freeze'] as const)(
    'says so at the next start too, without a network, when it was told %s',
    async (signal) => {
      expect(await confirmedAndGone(signal)).toEqual(['confirmed'])
    },
  )

  it('does not know it at the next start when nothing told it', async () => {
    expect(await confirmedAndGone()).toEqual(['delayed'])
  })
})
