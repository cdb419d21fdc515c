import { describe, expect, it } from 'vitest'
import { MINUTE_MS, watcher } from './idleness.js'

const { world, profile, watch, pass } = watcher()

describe('idle in several tabs of one profile', () => {
  /** Somebody uses a tab: a sign a second. */
  async function use(tab: { readonly act: () => void }, forMs: number): Promise<void> {
    for (let ms = 0; ms < forMs; ms += 1_000) {
      tab.act()
      await pass(1_000)
    }
  }

  it('S41: a tab that nobody looks at is not idle while another is used, and warns with it', async () => {
    const [seen, hidden] = [await watch(world().tab(profile())), await watch(world().tab(profile()))]
    await use(seen, 20 * MINUTE_MS)
    expect([hidden.log, seen.log]).toEqual([[], []])
    await pass(5 * MINUTE_MS + 30_000)
    expect([hidden.log.length, seen.log.length]).toEqual([2, 2])
  })

  it('S41: the last sign of one tab counts in the other at most half a minute too long, and never too short', async () => {
    const [seen, hidden] = [await watch(world().tab(profile())), await watch(world().tab(profile()))]
    await use(seen, 47_000)
    await pass(5 * MINUTE_MS - 1_000)
    expect(seen.state()).toBe('idle')
    expect(hidden.state()).toBe('warning')
    await pass(30_000)
    expect(hidden.state()).toBe('idle')
  })

  it('S41: one that is idle hears at once that somebody came back in another', async () => {
    const [seen, hidden] = [await watch(world().tab(profile())), await watch(world().tab(profile()))]
    await pass(10 * MINUTE_MS)
    expect([seen.state(), hidden.state()]).toEqual(['idle', 'idle'])
    seen.act()
    await pass(0)
    expect([seen.state(), hidden.state()]).toEqual(['active', 'active'])
  })

  it('S41: with a short deadline they hear of each other sooner', async () => {
    const options = { afterMs: 6_000, warnMs: 2_000 }
    const seen = await watch(world().tab(profile()), options)
    const hidden = await watch(world().tab(profile()), options)
    await use(seen, MINUTE_MS)
    expect(hidden.log).toEqual([])
  })

  it('costs at most one write in half a minute, and none when nothing happens', async () => {
    const seen = await watch(world().tab(profile()))
    const writes: number[] = []
    // What another tab would be told.
    const elsewhere = await profile()
      .disk.storage()
      .open(`tidings.outbox.1.alice@${encodeURIComponent('memory://server')}`)
    elsewhere.watch('c/active', () => writes.push(world().timeline.now()))
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
    const [alice, bob] = [
      await watch(world().tab(profile())),
      await watch(world().tab(world().profile('bob'))),
    ]
    await use(alice, 6 * MINUTE_MS)
    expect([alice.log, bob.state()]).toEqual([[], 'idle'])
  })

  it('S41: a tab whose store was lost hears of the others again once it is open anew', async () => {
    const lost = world().tab(profile())
    const [seen, hidden] = [await watch(world().tab(profile())), await watch(lost)]
    profile().disk.lose('closed', lost.storage)
    await pass(0)
    await use(seen, 20 * MINUTE_MS)
    expect(hidden.log).toEqual([])
  })

  it('S35: watches the store once, and not at all when nobody listens any more, however slow it opens', async () => {
    const tab = world().tab(profile())
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
    const tab = world().tab(profile())
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
