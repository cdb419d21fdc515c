import { describe, expect, it } from 'vitest'
import type { Room } from '../../../src/core/index.js'
import { LIMITS } from '../../../src/core/limits.js'
import type { LifecycleSignal } from '../../../src/core/seams/lifecycle.js'
import { start, statuses } from './steps.js'
import { newWorld, texts, type World } from './world.js'

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

/** Alice writes while the disk is busy with what she wrote before, and her client is destroyed; what the next one finds. */
async function wroteAndDestroyed(...writes: readonly ((room: Room) => void)[]): Promise<readonly unknown[]> {
  world = newWorld()
  world.killServer()
  const profile = world.profile('alice')
  const tab = start(world.tab(profile))
  await world.timeline.advance(1_000)
  tab.client.room('general').send('before')
  await world.timeline.advance(1_000)
  const release = profile.disk.hang()
  for (const write of writes) {
    write(tab.client.room('general'))
    await world.timeline.advance(10)
  }
  void tab.client.destroy()
  await world.timeline.advance(10)
  release()
  await world.timeline.advance(1_000)
  const again = start(world.tab(profile))
  await world.timeline.advance(1_000)
  return texts(again.client)
}

describe('a client that is destroyed while the disk is busy', () => {
  it('leaves what is being written, and what came behind it', async () => {
    const left = await wroteAndDestroyed(
      (room) => void room.send('one'),
      (room) => void room.send('two'),
      (room) => void room.send('three'),
    )
    expect(left).toEqual(['before', 'one', 'two', 'three'])
  })

  it('leaves what is being written as it was changed since', async () => {
    let key = ''
    const left = await wroteAndDestroyed(
      (room) => {
        key = room.send('one').key
      },
      (room) => {
        room.send('two')
        room.edit(key, 'changed')
      },
    )
    expect(left).toEqual(['before', 'changed', 'two'])
  })

  it('leaves nothing of what was discarded while it was written', async () => {
    let key = ''
    const left = await wroteAndDestroyed(
      (room) => {
        key = room.send('one').key
      },
      (room) => void room.discard(key),
    )
    expect(left).toEqual(['before'])
  })
})
