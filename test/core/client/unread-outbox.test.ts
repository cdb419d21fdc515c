import { describe, expect, it } from 'vitest'
import { messages, newWorld, type Profile, type Tab, texts, type World } from './world.js'

let world: World

/** Somebody wrote without a network, and the tab is gone. */
async function leftBehind(text: string): Promise<Profile> {
  world = newWorld({ latencyMs: 20 })
  const profile = world.profile('alice')
  const tab = world.tab(profile)
  tab.link.refuse(true)
  tab.client.connect()
  await world.timeline.advance(100)
  tab.client.room('general').send(text)
  await world.timeline.advance(100)
  tab.crash()
  return profile
}
const open = (profile: Profile): Tab => {
  const tab = world.tab(profile)
  tab.client.room('general').open()
  tab.client.connect()
  return tab
}
const confirmed = (tab: Tab) =>
  messages(tab.client).flatMap(({ body, status }) => (status === 'confirmed' ? [body] : []))

describe('an outbox that could not be read', () => {
  it('is read again by itself when the disk is back, and what waits in it is sent', async () => {
    const profile = await leftBehind('from before')
    // The cache and the outbox, and the first attempts after them.
    profile.disk.refuseOpen('unavailable', 6)
    const tab = open(profile)
    await world.timeline.advance(120_000)
    expect(tab.errors.map(({ code }) => code)).toContain('storage')
    expect(confirmed(tab)).toEqual(['from before'])
  })

  it('is told once, however often it is tried', async () => {
    const profile = await leftBehind('from before')
    profile.disk.refuseOpen('unavailable', 1_000)
    const tab = open(profile)
    await world.timeline.advance(300_000)
    const told = tab.errors.filter(({ message }) => message.startsWith('What was queued before'))
    expect(told).toHaveLength(1)
  })
})

describe('two tabs of one profile whose clocks differ', () => {
  it('keep the order in which their author wrote', async () => {
    world = newWorld({ latencyMs: 20 })
    const profile = world.profile('alice')
    // Neither has heard the server's time.
    const unheard = (offsetMs: number) => {
      const tab = world.tab(profile, { offsetMs })
      tab.link.refuse(true)
      tab.client.room('general').open()
      tab.client.connect()
      return tab
    }
    const [ahead, behind] = [unheard(3_000), unheard(-3_000)]
    await world.timeline.advance(1_000)
    ahead.client.room('general').send('first')
    await world.timeline.advance(100)
    behind.client.room('general').send('second')
    await world.timeline.advance(100)
    expect(texts(behind.client)).toEqual(['first', 'second'])
    for (const { link } of [ahead, behind]) link.refuse(false)
    await world.timeline.advance(60_000)
    expect(confirmed(ahead)).toEqual(['first', 'second'])
  })
})
