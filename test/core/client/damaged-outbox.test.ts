import { expect, it } from 'vitest'
import type { Stored } from '../../../src/core/seams/storage.js'
import { start } from './steps.js'
import { newWorld, type Tab, texts, type World } from './world.js'

let world: World

const outboxOf = ({ disk }: { readonly disk: ReturnType<World['profile']>['disk'] }) =>
  disk.names().find((name) => name.includes('outbox')) ?? ''

/** Alice writes in a tunnel; what is on her disk then turns into something that nobody can read. */
async function damaged(ruin: Stored): Promise<{
  readonly alice: Tab
  readonly disk: ReturnType<World['profile']>['disk']
  /** One more page of the same profile. */
  readonly other: () => Tab
}> {
  world = newWorld()
  const profile = world.profile('alice')
  const alice = start(world.tab(profile))
  await world.timeline.advance(1_000)
  alice.link.refuse(true)
  alice.link.drop()
  for (const text of ['one', 'two']) alice.client.room('general').send(text)
  await world.timeline.advance(1_000)
  const { disk } = profile
  const name = outboxOf(profile)
  for (const [key] of disk.entries(name)) if (key.startsWith('e/')) disk.corrupt(name, key, { v: 1, e: ruin })
  return { alice, disk, other: () => world.tab(profile) }
}

it.each(['ruin', ['a ruin where two rows were']])(
  'what waits is shown, put back and sent although its record on the disk was damaged (%s), as long as a page knows it',
  async (ruin) => {
    const { alice, disk } = await damaged(ruin)
    // The page looks at the whole disk again.
    disk.lose('closed')
    alice.client.room('general').send('three')
    await world.timeline.advance(10_000)
    expect(texts(alice.client)).toEqual(['one', 'two', 'three'])
    expect(alice.errors.map(({ code }) => code)).toContain('bad_record')
    const stored = JSON.stringify(disk.entries(disk.names().find((name) => name.includes('outbox')) ?? ''))
    for (const text of ['one', 'two', 'three']) expect(stored).toContain(text)
    // What could not be read is kept for repair.
    expect(stored).toContain('ruin')
    alice.link.refuse(false)
    await world.timeline.advance(60_000)
    expect(alice.client.outbox.get().pending).toBe(0)
    const bob = start(world.tab(world.profile('bob')))
    await world.timeline.advance(5_000)
    expect(texts(bob.client)).toEqual(['one', 'two', 'three'])
  },
)

it('what waits in an open page stays there and is sent, also where another page found its record damaged and set it aside', async () => {
  const { alice, disk, other } = await damaged('ruin')
  const second = start(other())
  await world.timeline.advance(10_000)
  expect(texts(alice.client)).toEqual(['one', 'two'])
  expect(second.errors.map(({ code }) => code)).toContain('bad_record')
  expect(JSON.stringify(disk.entries(outboxOf({ disk })))).toContain('ruin')
  alice.link.refuse(false)
  await world.timeline.advance(60_000)
  for (const tab of [alice, second]) {
    expect(texts(tab.client)).toEqual(['one', 'two'])
    expect(tab.client.outbox.get().pending).toBe(0)
  }
})
