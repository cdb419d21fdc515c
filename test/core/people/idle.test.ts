import { describe, expect, it } from 'vitest'
import { type IdleOptions, idle } from '../../../src/core/people/idle.js'
import { MINUTE_MS, watcher } from './idleness.js'

const { world, profile, watch, pass } = watcher()

describe('idle', () => {
  it('S37, S43: warns once, a minute before five minutes are over, and is idle then: to the millisecond', async () => {
    const { log, state } = await watch(world().tab(profile()))
    expect(state()).toBe('active')
    await pass(60 * MINUTE_MS)
    expect(log).toEqual(['warning 240000', 'idle 300000'])
  })

  it('says since when, keeping its reference until it changes', async () => {
    const { here } = await watch(world().tab(profile()))
    const first = here.get()
    const startMs = world().timeline.now()
    await pass(MINUTE_MS)
    expect(here.get()).toBe(first)
    await pass(4 * MINUTE_MS)
    expect(here.get()).toEqual({ state: 'idle', since: startMs + 5 * MINUTE_MS })
  })

  it('S40: a sign of the person, or a page that comes into view, begins anew; what the network does is no sign', async () => {
    // There is no document in this test at all.
    const tab = world().tab(profile())
    const { log } = await watch(tab)
    for (const signal of ['active', 'visible'] as const) {
      await pass(4 * MINUTE_MS - 1)
      tab.lifecycle.signal(signal)
    }
    expect(log).toEqual([])
    await pass(4 * MINUTE_MS)
    expect(log).toHaveLength(1)
    tab.lifecycle.signal('online', 'offline', 'hidden', 'freeze', 'resume', 'pagehide', 'pageshow')
    await pass(MINUTE_MS)
    expect(log).toHaveLength(2)
    tab.lifecycle.signal('active')
    await pass(0)
    expect(log.map((line) => line.split(' ')[0])).toEqual(['warning', 'idle', 'active'])
  })

  it('S37: warns again only after somebody was there again', async () => {
    const { log, act } = await watch(world().tab(profile()))
    await pass(4 * MINUTE_MS)
    act()
    await pass(4 * MINUTE_MS)
    expect(log).toEqual(['warning 240000', 'active 240000', 'warning 480000'])
  })

  it('S39: an hour more or less on the clock makes nobody idle, and keeps nobody active', async () => {
    const tab = world().tab(profile())
    const { log, state } = await watch(tab)
    tab.clock.jump(60 * MINUTE_MS)
    await pass(3 * MINUTE_MS)
    expect(state()).toBe('active')
    tab.clock.jump(-120 * MINUTE_MS)
    await pass(2 * MINUTE_MS)
    expect(log).toEqual(['warning 240000', 'idle 300000'])
  })

  it('S36: an option that is undefined is one that was not given', async () => {
    const { log } = await watch(world().tab(profile()), { afterMs: undefined, warnMs: undefined })
    await pass(5 * MINUTE_MS)
    expect(log).toEqual(['warning 240000', 'idle 300000'])
  })

  it('S42: refuses times that cannot be meant', () => {
    const { client } = world().tab(profile())
    const wrong: readonly IdleOptions[] = [
      { afterMs: 0 },
      { afterMs: -1 },
      { afterMs: Number.NaN },
      { afterMs: Number.POSITIVE_INFINITY },
      { afterMs: 2 ** 31 },
      { warnMs: -1 },
      { warnMs: Number.NaN },
      { warnMs: 5 * MINUTE_MS },
      { afterMs: 10_000, warnMs: 20_000 },
    ]
    for (const options of wrong)
      expect(() => idle(client, options)).toThrow(
        expect.objectContaining({ name: 'TidingsError', code: 'invalid_argument' }),
      )
    expect(() => idle({ ...client })).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
  })

  it('S42: warns half-way where the deadline is shorter than the usual warning, and not at all where none is wanted', async () => {
    const short = await watch(world().tab(profile()), { afterMs: 10_000 })
    const silent = await watch(world().tab(profile()), { afterMs: 10_000, warnMs: 0 })
    await pass(MINUTE_MS)
    expect([short.log, silent.log]).toEqual([['warning 5000', 'idle 10000'], ['idle 10000']])
  })

  it('S35: leaves no timer and no listener once nobody watches, and begins anew with the next', async () => {
    const tab = world().tab(profile())
    const pending = world().timeline.pending
    const first = await watch(tab)
    const second = await watch(tab, { afterMs: 10_000 })
    first.act()
    await pass(0)
    expect(tab.lifecycle.listeners).toBe(1)
    first.unsubscribe()
    await pass(10_000)
    expect(second.state()).toBe('idle')
    second.unsubscribe()
    second.unsubscribe()
    await pass(0)
    expect([world().timeline.pending, tab.lifecycle.listeners]).toEqual([pending, 0])
    expect(second.state()).toBe('active')
    await pass(60 * MINUTE_MS)
    const again = await watch(tab, { afterMs: 10_000 })
    expect(again.state()).toBe('active')
    await pass(10_000)
    expect(again.log).toEqual(['warning 5000', 'idle 10000'])
  })

  it('S35: ends with the client, and does not begin after it', async () => {
    const tab = world().tab(profile())
    const { log, here, unsubscribe } = await watch(tab)
    const ended = tab.client.destroy()
    await pass(0)
    await ended
    expect([world().timeline.pending, tab.lifecycle.listeners]).toEqual([0, 0])
    unsubscribe()
    here.subscribe(() => {})
    tab.lifecycle.signal('active')
    await pass(60 * MINUTE_MS)
    expect(log).toEqual([])
    expect([world().timeline.pending, tab.lifecycle.listeners]).toEqual([0, 0])
  })

  it('S48: a listener that throws starves nobody', async () => {
    const tab = world().tab(profile())
    const here = idle(tab.client)
    here.subscribe(() => {
      throw new Error('mine')
    })
    const log: string[] = []
    here.subscribe(() => log.push(here.get().state))
    await pass(5 * MINUTE_MS)
    expect(log).toEqual(['warning', 'idle'])
    expect(tab.errors.map(({ code }) => code)).toEqual(['listener', 'listener'])
  })

  it('is inert until somebody subscribes', async () => {
    const tab = world().tab(profile())
    const here = idle(tab.client)
    expect(here.get().state).toBe('active')
    await pass(60 * MINUTE_MS)
    expect(here.get().state).toBe('active')
    expect([world().timeline.pending, tab.lifecycle.listeners]).toEqual([0, 0])
  })
})
