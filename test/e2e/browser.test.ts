import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright'
import { expect, it } from 'vitest'
import { type ChatPage, confirmed, soon } from './support/chat-page.js'
import { devtoolsOf, goBack } from './support/devtools.js'
import { inChromium, type Stage, UNREACHABLE } from './support/stage.js'

/** Alice and Bob, who have said hello. */
async function twoPeople(stage: Stage): Promise<{ alice: ChatPage; bob: ChatPage }> {
  const alice = await stage.enter('alice')
  const bob = await stage.enter('bob')
  await alice.write('hello')
  for (const { statuses } of [alice, bob]) await soon(statuses).toEqual(confirmed('hello'))
  return { alice, bob }
}

/** Both have all of it, confirmed and in the same order; which of two people was first, their clocks say. */
async function bothHave(alice: ChatPage, bob: ChatPage, ...texts: readonly string[]): Promise<void> {
  for (const { statuses } of [alice, bob])
    await soon(async () => [...(await statuses())].sort()).toEqual([...confirmed(...texts)].sort())
  expect(await alice.texts()).toEqual(await bob.texts())
}

/**
 * Everything that the device holds for this page, in whatever form, as one text. A request that a browser was given while it emptied a
 * disk may never be answered: whoever waits looks again.
 */
const onDevice = ({ page }: ChatPage): Promise<string> =>
  Promise.race([inDatabases(page), sleep(5_000, 'The device did not answer.')])

const inDatabases = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    const kept: unknown[] = []
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await done(indexedDB.open(name))
      for (const store of database.objectStoreNames)
        kept.push(await done(database.transaction(store).objectStore(store).getAll()))
      database.close()
    }
    return JSON.stringify(kept)
  })

/** Waits until these are on the device. A disk that failed for long is tried again every half minute. */
async function kept(chat: ChatPage, ...texts: readonly string[]): Promise<void> {
  for (const text of texts)
    await expect.poll(() => onDevice(chat), { timeout: 50_000, interval: 200 }).toContain(text)
}

const OFFLINE = { offline: true, latency: 0, downloadThroughput: -1, uploadThroughput: -1 }

inChromium('a browser that loses the network', (on) => {
  it('and every connection with it, keeps what is written, and sends it once when the network is back', async () => {
    on().excuse(UNREACHABLE)
    const relay = await on().relay()
    const alice = await on().enter('alice', { relay })
    const bob = await on().enter('bob')
    await alice.write('before')
    await soon(alice.statuses).toEqual(confirmed('before'))
    const devtools = await devtoolsOf(alice.page)
    await devtools.send('Network.emulateNetworkConditions', OFFLINE)
    relay.cut()
    await soon(alice.state).not.toBe('connected')
    await alice.write('meanwhile', 'still here')
    await bob.write('are you there?')
    expect(await bob.texts()).toEqual(['before', 'are you there?'])
    await devtools.send('Network.emulateNetworkConditions', { ...OFFLINE, offline: false })
    await bothHave(alice, bob, 'before', 'meanwhile', 'still here', 'are you there?')
  })

  it('whose connections break again and again while somebody writes: each message arrives once and in order', async () => {
    on().excuse(UNREACHABLE)
    const relay = await on().relay()
    const alice = await on().enter('alice', { relay })
    const bob = await on().enter('bob')
    await soon(alice.state).toBe('connected')
    const all = Array.from({ length: 9 }, (_, i) => `word ${i + 1}`)
    for (let from = 0; from < all.length; from += 3) {
      await alice.write(...all.slice(from, from + 3))
      relay.cut()
    }
    for (const { statuses } of [alice, bob]) await soon(statuses).toEqual(confirmed(...all))
  })
})

inChromium('a tab that the browser puts to sleep', (on) => {
  it('right after it wrote, goes on where it was: nothing is lost and nothing is there twice', async () => {
    on().excuse(UNREACHABLE)
    const { alice, bob } = await twoPeople(on())
    const devtools = await devtoolsOf(alice.page)
    await alice.write('good night')
    await devtools.send('Page.setWebLifecycleState', { state: 'frozen' })
    await bob.write('are you asleep?')
    await soon(bob.texts).toContain('are you asleep?')
    await devtools.send('Page.setWebLifecycleState', { state: 'active' })
    await alice.write('not any more')
    await bothHave(alice, bob, 'hello', 'good night', 'are you asleep?', 'not any more')
  })
})

inChromium(
  'a page that is left and come back to',
  (on) => {
    it('as the browser had kept it, goes on: what was said meanwhile is there, and what is written is sent', async () => {
      on().excuse(UNREACHABLE)
      const { alice, bob } = await twoPeople(on())
      await alice.page.evaluate(
        `addEventListener('pageshow', ({ persisted }) => { window.wasKept = persisted })`,
      )
      await alice.write('one moment')
      await alice.page.goto(`${on().server.origin}/vanilla/?user=carol`)
      await bob.write('take your time')
      await soon(bob.texts).toEqual(['hello', 'one moment', 'take your time'])
      await goBack(alice.page)
      await soon(() => alice.page.evaluate('window.wasKept')).toBe(true)
      await alice.write('back')
      await bothHave(alice, bob, 'hello', 'one moment', 'take your time', 'back')
    })
  },
  // Playwright switches it off.
  { ignoreDefaultArgs: ['--disable-back-forward-cache'] },
)

inChromium('a disk', (on) => {
  it('that is full, keeps nobody from talking; and once there is room, what waits is on it', {
    timeout: 120_000,
  }, async () => {
    const profile = await on().profile()
    const { origin } = on().server
    const devtools = await devtoolsOf(await profile.newPage())
    // Before anything is stored: the browser remembers for half a minute how much room there was.
    await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 })
    const alice = await on().enter('alice', { profile })
    const bob = await on().enter('bob')
    await alice.write('no room', 'at all')
    for (const { statuses } of [alice, bob]) await soon(statuses).toEqual(confirmed('no room', 'at all'))
    await alice.setOffline(true)
    await alice.write('for later')
    expect(await onDevice(alice)).not.toContain('for later')
    await devtools.send('Storage.overrideQuotaForOrigin', { origin })
    await alice.write('and this')
    await kept(alice, 'for later', 'and this')
    await alice.page.reload()
    await soon(async () => (await alice.texts()).slice(-2)).toEqual(['for later', 'and this'])
    await alice.setOffline(false)
    for (const { statuses } of [alice, bob])
      await soon(statuses).toEqual(confirmed('no room', 'at all', 'for later', 'and this'))
  })

  it('that is emptied under an open page, gets back at once what waits', async () => {
    const { alice, bob } = await twoPeople(on())
    await alice.setOffline(true)
    await alice.write('one', 'two')
    await kept(alice, 'one', 'two')
    const devtools = await devtoolsOf(alice.page)
    await devtools.send('Storage.clearDataForOrigin', {
      origin: on().server.origin,
      storageTypes: 'indexeddb',
    })
    await kept(alice, 'one', 'two')
    await alice.page.reload()
    await soon(async () => (await alice.texts()).slice(-2)).toEqual(['one', 'two'])
    await alice.setOffline(false)
    for (const { statuses } of [alice, bob]) await soon(statuses).toEqual(confirmed('hello', 'one', 'two'))
  })
})

inChromium('a clock that', (on) => {
  it('jumps ahead by an hour and back, moves no message, and loses none', async () => {
    const { alice, bob } = await twoPeople(on())
    const move = (hours: number) =>
      alice.page.evaluate((ms) => {
        const { now } = performance
        const zero = Date.now() - now.call(performance) + ms
        Date.now = () => zero + now.call(performance)
      }, hours * 3_600_000)
    await move(1)
    await alice.write('in an hour')
    await soon(bob.texts).toContain('in an hour')
    await bob.write('what time is it?')
    await soon(alice.texts).toContain('what time is it?')
    await move(-1)
    await alice.write('now it is now')
    await soon(bob.texts).toContain('now it is now')
    await bob.write('good')
    const all = ['hello', 'in an hour', 'what time is it?', 'now it is now', 'good']
    for (const { statuses } of [alice, bob]) await soon(statuses).toEqual(confirmed(...all))
    await alice.page.reload()
    await soon(alice.statuses).toEqual(confirmed(...all))
  })
})

inChromium('a processor that', (on) => {
  it('is six times slower, loses nothing and shows nothing twice', async () => {
    const { alice, bob } = await twoPeople(on())
    const devtools = await devtoolsOf(alice.page)
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 6 })
    const mine = ['a', 'b', 'c', 'd', 'e', 'f']
    await alice.write(...mine)
    await bob.write('you are slow')
    await bothHave(alice, bob, 'hello', ...mine, 'you are slow')
    await soon(alice.isWaiting).toBe(false)
  })
})
