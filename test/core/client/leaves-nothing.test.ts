import { afterEach, describe, expect, it } from 'vitest'
import { stored } from './outbox.js'
import { numbers, start } from './steps.js'
import { newWorld, type Profile, type Tab, URL, type World } from './world.js'

describe('the end of a client', () => {
  let heal = (): void => undefined
  afterEach(() => {
    heal = () => undefined
  })
  const settle = async (w: World): Promise<void> => {
    await w.end()
    expect(w.timeline.pending).toBe(0)
    expect(w.network.open).toBe(0)
  }

  it.each([
    ['that was never connected', async () => undefined],
    [
      'that connects',
      async (w: World, tab: Tab) => {
        tab.client.connect()
        await w.timeline.settle()
      },
    ],
    [
      'that waits for the next attempt',
      async (w: World, tab: Tab) => {
        tab.link.refuse(true)
        start(tab)
        await w.timeline.advance(5_000)
      },
    ],
    [
      'that is live, looked at, listened to, and has something on its way',
      async (w: World, tab: Tab) => {
        const room = start(tab).client.room('general')
        room.timeline.subscribe(() => undefined)
        room.arrivals(() => undefined)
        tab.client.outbox.subscribe(() => undefined)
        tab.client.connection.subscribe(() => undefined)
        await w.timeline.advance(100)
        // Also a server that does not answer cannot keep a client from its end.
        heal = tab.link.blackHole()
        room.send('on its way')
        room.message('nothing').subscribe(() => undefined)
        void room.loadOlder()
        await w.timeline.advance(100)
      },
    ],
    [
      'that lost its last reader this very moment',
      async (w: World, tab: Tab) => {
        const close = tab.client.room('general').open()
        tab.client.connect()
        await w.timeline.advance(100)
        close()
      },
    ],
    [
      'that is catching up',
      async (w: World, tab: Tab) => {
        const bob = start(w.tab(w.profile('bob')))
        await w.timeline.advance(100)
        for (const i of numbers(1, 50)) bob.client.room('general').send(i)
        await w.timeline.advance(2_000)
        tab.link.latency(50)
        start(tab)
        await w.timeline.advance(175)
      },
    ],
    [
      'whose disk is full',
      async (w: World, tab: Tab, profile: Profile) => {
        profile.disk.quota(0)
        start(tab)
        tab.client.room('general').send('kept in the page')
        await w.timeline.advance(5_000)
      },
    ],
  ] as const)('S91, I16: %s leaves no timer, listener, lock, store or connection', async (_name, prepare) => {
    const w = newWorld()
    const profile = w.profile('alice')
    const tab = w.tab(profile)
    await prepare(w, tab, profile)
    const ended = tab.client.destroy()
    heal()
    await w.timeline.advance(100)
    await ended
    expect(tab.lifecycle.listeners).toBe(0)
    expect(tab.link.open).toBe(0)
    expect(profile.disk.openStores).toBe(0)
    let granted = 0
    profile.locks.context().request(`tidings.drain.alice@${encodeURIComponent(URL)}`, () => granted++)
    await w.timeline.settle()
    expect(granted).toBe(1)
    await settle(w)
    expect(() => tab.client.connect()).toThrow(expect.objectContaining({ code: 'destroyed' }))
    expect(() => tab.client.room('general')).toThrow(expect.objectContaining({ code: 'destroyed' }))
    await tab.client.destroy()
  })

  it('tells who waits, and keeps what was written in its last moment', async () => {
    const w = newWorld()
    const profile = w.profile('alice')
    const tab = w.tab(profile)
    tab.link.refuse(true)
    start(tab)
    await w.timeline.advance(100)
    const room = tab.client.room('general')
    const early = room.send('early')
    const confirmed = early.confirmed()
    confirmed.catch(() => undefined)
    await early.queued()
    const late = room.send('in the last moment')
    const ended = tab.client.destroy()
    await w.timeline.advance(1)
    await ended
    await expect(confirmed).rejects.toMatchObject({ code: 'destroyed' })
    expect(stored(profile)).toEqual([early.key, late.key])
  })
})
