import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../src/core/limits.js'
import { start } from './steps.js'
import { messages, newWorld, type Tab, texts, type World } from './world.js'

let world: World

const freeze = (tab: Tab) => {
  tab.lifecycle.signal('freeze')
  tab.freeze()
}
const cutOff = ({ link }: Tab) => {
  link.refuse(true)
  link.drop()
}
const state = ({ client }: Tab) => client.connection.get().state
const LONG_MS = LIMITS.hiddenAfterMs + 1_000

/** Tabs of alice, in the order in which somebody looked at them: all but the last are hidden, if there is another. */
async function tabs(count: number, options: { readonly locks?: boolean } = {}) {
  world = newWorld({ latencyMs: 5 })
  const profile = world.profile('alice')
  const opened: Tab[] = []
  for (let i = 0; i < count; i++) {
    opened.at(-1)?.lifecycle.signal('hidden')
    opened.push(start(world.tab(profile, options)))
    await world.timeline.advance(200)
  }
  const [first, second, third] = opened
  if (!first) throw new Error('no tab')
  return { profile, opened, first, second: second ?? first, third: third ?? first }
}

describe('a hidden tab', () => {
  it('ends its connection after 5 min while another one is connected, and is back as soon as it is seen', async () => {
    const { first, second } = await tabs(2)
    await world.timeline.advance(LIMITS.hiddenAfterMs - 1_000)
    expect(state(first)).toBe('connected')
    await world.timeline.advance(1_000)
    expect(first.client.connection.get()).toMatchObject({ state: 'idle', reason: 'hidden' })
    expect(first.link.open).toBe(0)
    expect(state(second)).toBe('connected')
    second.client.room('general').send('meanwhile')
    await world.timeline.advance(1_000)
    second.lifecycle.signal('hidden')
    first.lifecycle.signal('visible')
    await world.timeline.advance(200)
    expect(state(first)).toBe('connected')
    expect(messages(first.client)).toMatchObject([{ body: 'meanwhile', status: 'confirmed' }])
    // Now it is the other one's turn.
    await world.timeline.advance(LONG_MS)
    expect([state(first), state(second)]).toEqual(['connected', 'idle'])
  })

  it('that is the only one never does', async () => {
    const { first } = await tabs(1)
    first.lifecycle.signal('hidden')
    await world.timeline.advance(10 * LONG_MS)
    expect(state(first)).toBe('connected')
  })

  it('of which all are hidden: one stays, however long that lasts', async () => {
    const { opened, third } = await tabs(3)
    third.lifecycle.signal('hidden')
    await world.timeline.advance(10 * LONG_MS)
    expect(opened.map(state)).toEqual(['idle', 'idle', 'connected'])
  })

  it.each([
    ['is closed', (tab: Tab) => void tab.client.destroy()],
    ['crashes', (tab: Tab) => tab.crash()],
    ['is frozen', freeze],
    ['loses its connection', cutOff],
    ['is told to disconnect', (tab: Tab) => tab.client.disconnect()],
  ])('wakes when the one that stayed %s', async (_name, end) => {
    const { first, second } = await tabs(2)
    await world.timeline.advance(LONG_MS)
    expect(state(first)).toBe('idle')
    end(second)
    await world.timeline.advance(500)
    expect(state(first)).toBe('connected')
    await world.timeline.advance(10 * LONG_MS)
    expect(state(first)).toBe('connected')
  })

  it('stays where tabs cannot know of each other', async () => {
    const { opened } = await tabs(2, { locks: false })
    await world.timeline.advance(10 * LONG_MS)
    expect(opened.map(state)).toEqual(['connected', 'connected'])
  })

  it('that something is written in wakes, and stays as long as that waits', async () => {
    const { first, second } = await tabs(2)
    await world.timeline.advance(LONG_MS)
    first.client.room('general').send('written by a script')
    await world.timeline.advance(500)
    expect(state(first)).toBe('connected')
    expect(texts(second.client)).toEqual(['written by a script'])
    await world.timeline.advance(LONG_MS)
    expect(state(first)).toBe('idle')
  })

  it('sleeps when its application says so and wakes when it says so, whatever the others do', async () => {
    const { first, second } = await tabs(2)
    await world.timeline.advance(LONG_MS)
    first.client.disconnect()
    second.crash()
    first.lifecycle.signal('visible')
    await world.timeline.advance(1_000)
    expect(first.client.connection.get()).toMatchObject({ state: 'idle' })
    first.client.connect()
    await world.timeline.advance(200)
    expect(state(first)).toBe('connected')
  })

  it('shows what others of the profile write, and leaves nothing behind when it ends', async () => {
    const { profile, first, second } = await tabs(2)
    await world.timeline.advance(LONG_MS)
    second.client.room('general').send('seen by both')
    await world.timeline.advance(1_000)
    expect(messages(first.client)).toMatchObject([{ body: 'seen by both', status: 'confirmed' }])
    await Promise.all([first.client.destroy(), world.timeline.advance(10)])
    expect(first.lifecycle.listeners).toBe(0)
    let granted = false
    await Promise.all([second.client.destroy(), world.timeline.advance(10)])
    const name = `tidings.awake.alice@${encodeURIComponent('memory://server')}`
    profile.locks.context().request(name, () => {
      granted = true
    })
    await world.timeline.settle()
    expect(granted).toBe(true)
  })

  it('next to which another is seen all the time loses its connection although it was there first', async () => {
    const { first, second } = await tabs(2)
    // Somebody goes back and forth, and stays with the second.
    for (const [seen, left] of [
      [first, second],
      [second, first],
    ] as const) {
      left.lifecycle.signal('hidden')
      seen.lifecycle.signal('visible')
      await world.timeline.advance(60_000)
    }
    await world.timeline.advance(LONG_MS)
    expect([state(first), state(second)]).toEqual(['idle', 'connected'])
  })
})
