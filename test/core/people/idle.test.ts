import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type IdleOptions, idle } from '../../../src/core/people/idle.js'
import { createWorld, type Profile, type Tab, type World } from '../client/world.js'

const MINUTE_MS = 60_000

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
  const unsubscribe = here.subscribe(() => log.push(`${here.get().state} ${world.timeline.now() - startMs}`))
  await world.timeline.settle()
  return { log, unsubscribe, state: () => here.get().state, here, act: () => tab.lifecycle.signal('active') }
}
const pass = (ms: number) => world.timeline.advance(ms)

describe('idle', () => {
  it('S37, S43: warns once, a minute before five minutes are over, and is idle then: to the millisecond', async () => {
    const { log, state } = await watch(world.tab(profile))
    expect(state()).toBe('active')
    await pass(60 * MINUTE_MS)
    expect(log).toEqual(['warning 240000', 'idle 300000'])
  })

  it('says since when, keeping its reference until it changes', async () => {
    const { here } = await watch(world.tab(profile))
    const first = here.get()
    const startMs = world.timeline.now()
    await pass(MINUTE_MS)
    expect(here.get()).toBe(first)
    await pass(4 * MINUTE_MS)
    expect(here.get()).toEqual({ state: 'idle', since: startMs + 5 * MINUTE_MS })
  })

  it('S40: a sign of the person, or a page that comes into view, begins anew; what the network does is no sign', async () => {
    // There is no document in this test at all.
    const tab = world.tab(profile)
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
    const { log, act } = await watch(world.tab(profile))
    await pass(4 * MINUTE_MS)
    act()
    await pass(4 * MINUTE_MS)
    expect(log).toEqual(['warning 240000', 'active 240000', 'warning 480000'])
  })

  it('S39: an hour more or less on the clock makes nobody idle, and keeps nobody active', async () => {
    const tab = world.tab(profile)
    const { log, state } = await watch(tab)
    tab.clock.jump(60 * MINUTE_MS)
    await pass(3 * MINUTE_MS)
    expect(state()).toBe('active')
    tab.clock.jump(-120 * MINUTE_MS)
    await pass(2 * MINUTE_MS)
    expect(log).toEqual(['warning 240000', 'idle 300000'])
  })

  it('S36: an option that is undefined is one that was not given', async () => {
    const { log } = await watch(world.tab(profile), { afterMs: undefined, warnMs: undefined })
    await pass(5 * MINUTE_MS)
    expect(log).toEqual(['warning 240000', 'idle 300000'])
  })

  it('S42: refuses times that cannot be meant', () => {
    const { client } = world.tab(profile)
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
    const short = await watch(world.tab(profile), { afterMs: 10_000 })
    const silent = await watch(world.tab(profile), { afterMs: 10_000, warnMs: 0 })
    await pass(MINUTE_MS)
    expect([short.log, silent.log]).toEqual([['warning 5000', 'idle 10000'], ['idle 10000']])
  })

  it('S35: leaves no timer and no listener once nobody watches, and begins anew with the next', async () => {
    const tab = world.tab(profile)
    const pending = world.timeline.pending
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
    expect([world.timeline.pending, tab.lifecycle.listeners]).toEqual([pending, 0])
    expect(second.state()).toBe('active')
    await pass(60 * MINUTE_MS)
    const again = await watch(tab, { afterMs: 10_000 })
    expect(again.state()).toBe('active')
    await pass(10_000)
    expect(again.log).toEqual(['warning 5000', 'idle 10000'])
  })

  it('S35: ends with the client, and does not begin after it', async () => {
    const tab = world.tab(profile)
    const { log, here, unsubscribe } = await watch(tab)
    const ended = tab.client.destroy()
    await pass(0)
    await ended
    expect([world.timeline.pending, tab.lifecycle.listeners]).toEqual([0, 0])
    unsubscribe()
    here.subscribe(() => {})
    tab.lifecycle.signal('active')
    await pass(60 * MINUTE_MS)
    expect(log).toEqual([])
    expect([world.timeline.pending, tab.lifecycle.listeners]).toEqual([0, 0])
  })

  it('S48: a listener that throws starves nobody', async () => {
    const tab = world.tab(profile)
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
    const tab = world.tab(profile)
    const here = idle(tab.client)
    expect(here.get().state).toBe('active')
    await pass(60 * MINUTE_MS)
    expect(here.get().state).toBe('active')
    expect([world.timeline.pending, tab.lifecycle.listeners]).toEqual([0, 0])
  })
})

describe('idle in several tabs of one profile', () => {
  /** Somebody uses a tab: a sign a second. */
  async function use(tab: { readonly act: () => void }, forMs: number): Promise<void> {
    for (let ms = 0; ms < forMs; ms += 1_000) {
      tab.act()
      await pass(1_000)
    }
  }

  it('S41: a tab that nobody looks at is not idle while another is used, and warns with it', async () => {
    const [seen, hidden] = [await watch(world.tab(profile)), await watch(world.tab(profile))]
    await use(seen, 20 * MINUTE_MS)
    expect([hidden.log, seen.log]).toEqual([[], []])
    await pass(5 * MINUTE_MS + 30_000)
    expect([hidden.log.length, seen.log.length]).toEqual([2, 2])
  })

  it('S41: the last sign of one tab counts in the other at most half a minute too long, and never too short', async () => {
    const [seen, hidden] = [await watch(world.tab(profile)), await watch(world.tab(profile))]
    await use(seen, 47_000)
    await pass(5 * MINUTE_MS - 1_000)
    expect(seen.state()).toBe('idle')
    expect(hidden.state()).toBe('warning')
    await pass(30_000)
    expect(hidden.state()).toBe('idle')
  })

  it('S41: one that is idle hears at once that somebody came back in another', async () => {
    const [seen, hidden] = [await watch(world.tab(profile)), await watch(world.tab(profile))]
    await pass(10 * MINUTE_MS)
    expect([seen.state(), hidden.state()]).toEqual(['idle', 'idle'])
    seen.act()
    await pass(0)
    expect([seen.state(), hidden.state()]).toEqual(['active', 'active'])
  })

  it('S41: with a short deadline they hear of each other sooner', async () => {
    const options = { afterMs: 6_000, warnMs: 2_000 }
    const seen = await watch(world.tab(profile), options)
    const hidden = await watch(world.tab(profile), options)
    await use(seen, MINUTE_MS)
    expect(hidden.log).toEqual([])
  })

  it('costs at most one write in half a minute, and none when nothing happens', async () => {
    const seen = await watch(world.tab(profile))
    const writes: number[] = []
    // What another tab would be told.
    const elsewhere = await profile.disk
      .storage()
      .open(`tidings.outbox.1.alice@${encodeURIComponent('memory://server')}`)
    elsewhere.watch('c/active', () => writes.push(world.timeline.now()))
    await use(seen, 5 * MINUTE_MS)
    expect(writes.length).toBeLessThanOrEqual(11)
    const before = writes.length
    await pass(30_000)
    expect(writes.length).toBeLessThanOrEqual(before + 1)
    await pass(60 * MINUTE_MS)
    expect(writes.length).toBeLessThanOrEqual(before + 1)
    await elsewhere.close()
  })

  it('other people of the same device count for themselves', async () => {
    const [alice, bob] = [await watch(world.tab(profile)), await watch(world.tab(world.profile('bob')))]
    await use(alice, 6 * MINUTE_MS)
    expect([alice.log, bob.state()]).toEqual([[], 'idle'])
  })

  it('S41: a tab whose store was lost hears of the others again once it is open anew', async () => {
    const lost = world.tab(profile)
    const [seen, hidden] = [await watch(world.tab(profile)), await watch(lost)]
    profile.disk.lose('closed', lost.storage)
    await pass(0)
    await use(seen, 20 * MINUTE_MS)
    expect(hidden.log).toEqual([])
  })

  it('S35: watches the store once, and not at all when nobody listens any more, however slow it opens', async () => {
    const tab = world.tab(profile)
    let [watching, times] = [0, 0]
    let letOpen = () => {}
    const gate = new Promise<void>((resolve) => {
      letOpen = resolve
    })
    const open = tab.storage.open.bind(tab.storage)
    tab.storage.open = async (name) => {
      await gate
      const store = await open(name)
      const watchStore: typeof store.watch = (prefix, fn) => {
        if (!prefix.startsWith('c/')) return store.watch(prefix, fn)
        watching += 1
        times += 1
        const stop = store.watch(prefix, fn)
        return () => {
          watching -= 1
          stop()
        }
      }
      return { ...store, watch: watchStore }
    }
    const early = await watch(tab)
    early.unsubscribe()
    letOpen()
    await pass(10)
    expect(times).toBe(0)
    const late = await watch(tab)
    await use(late, 5 * MINUTE_MS)
    expect([watching, times]).toEqual([1, 1])
    late.unsubscribe()
    expect(watching).toBe(0)
  })

  it('a tab without storage goes by what it sees itself', async () => {
    const tab = world.tab(profile)
    let attempts = 0
    tab.storage.open = () => {
      attempts += 1
      return Promise.reject(new Error('no storage'))
    }
    const seen = await watch(tab)
    await use(seen, 6 * MINUTE_MS)
    expect([seen.log, attempts, tab.errors.length]).toEqual([[], 1, 1])
    await pass(5 * MINUTE_MS)
    expect(seen.state()).toBe('idle')
  })
})
