import { describe, expect, it } from 'vitest'
import { start } from './steps.js'
import { newWorld, texts } from './world.js'

describe('signing out', () => {
  it('I18: is refused while something waits, unless forced, and leaves nothing of the user behind', async () => {
    const w = newWorld()
    const profile = w.profile('alice')
    const alice = start(w.tab(profile))
    await w.timeline.advance(100)
    alice.client.room('general').send('sent')
    await w.timeline.advance(100)
    alice.client.disconnect()
    alice.client.room('general').send('waiting')
    await w.timeline.advance(100)
    await expect(alice.client.logout()).rejects.toMatchObject({ code: 'unsent', retry: 'later' })
    expect(texts(alice.client)).toEqual(['sent', 'waiting'])
    const out = alice.client.logout({ force: true })
    await w.timeline.advance(10)
    await out
    expect(
      profile.disk
        .names()
        .flatMap((name) => profile.disk.entries(name))
        .map(([key]) => key),
    ).toEqual(['m', 'w'])
    expect(profile.disk.openStores).toBe(0)
    const again = w.tab(profile)
    again.link.refuse(true)
    start(again)
    await w.timeline.advance(1_000)
    expect(texts(again.client)).toEqual([])
  })

  it('I18: says so when the device cannot be emptied, and still ends everything', async () => {
    const w = newWorld()
    const profile = w.profile('alice')
    const alice = start(w.tab(profile))
    await w.timeline.advance(100)
    profile.disk.lose('closed')
    profile.disk.refuseOpen('blocked', 10)
    const out = alice.client.logout({ force: true })
    out.catch(() => undefined)
    await w.timeline.advance(10)
    await expect(out).rejects.toMatchObject({ code: 'storage', retry: 'later' })
    expect(profile.disk.openStores).toBe(0)
    expect(alice.lifecycle.listeners).toBe(0)
    expect(alice.link.open).toBe(0)
  })

  it('I18: and in as somebody else shows nothing of the first on the same disk', async () => {
    const w = newWorld()
    const profile = w.profile('alice')
    const alice = start(w.tab(profile))
    await w.timeline.advance(100)
    alice.client.disconnect()
    alice.client.room('general').send('secret')
    await w.timeline.advance(100)
    await alice.client.destroy()
    const mallory = w.tab({ ...profile, user: 'mallory' })
    mallory.link.refuse(true)
    start(mallory)
    await w.timeline.advance(1_000)
    expect(texts(mallory.client)).toEqual([])
    expect(mallory.client.outbox.get().pending).toBe(0)
  })
})
