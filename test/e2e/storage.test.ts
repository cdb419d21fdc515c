import { expect, it } from 'vitest'
import { type ChatPage, confirmed, soon } from './support/chat-page.js'
import { inChromium, type Stage, UNREACHABLE } from './support/stage.js'

/** A window in a browser that lets no page keep anything, as some do in private mode. */
async function enterWithoutStorage(stage: Stage, path: string): Promise<ChatPage> {
  const profile = await stage.profile()
  await profile.addInitScript(() => {
    indexedDB.open = () => {
      throw new DOMException('The user denied permission to access the database.', 'SecurityError')
    }
  })
  return stage.enter('alice', { profile, path })
}

inChromium('a browser that refuses IndexedDB', (on) => {
  it('still lets people talk, says that it keeps nothing, and loses nothing while the page is open', async () => {
    on().excuse(UNREACHABLE)
    const alice = await enterWithoutStorage(on(), '/')
    const bob = await on().enter('bob')
    await alice.write('hello')
    for (const { statuses } of [alice, bob]) await soon(statuses).toEqual(confirmed('hello'))
    expect(await alice.page.getByText('keeps nothing').isVisible()).toBe(true)
    await alice.setOffline(true)
    await alice.write('one', 'two')
    await bob.write('are you there?')
    await on().server.kill()
    await alice.setOffline(false)
    await soon(alice.state).toBe('waiting')
    expect(await alice.texts()).toEqual(['hello', 'one', 'two'])
    await on().server.start()
    const all = ['hello', 'one', 'two', 'are you there?']
    for (const { statuses } of [alice, bob]) await soon(statuses).toEqual(confirmed(...all))
  })

  it('is told by client.storage: degraded, in memory, not durable, and why', async () => {
    const alice = await enterWithoutStorage(on(), '/vanilla/')
    await alice.write('hello')
    await soon(alice.statuses).toEqual(confirmed('alice hello'))
    const storage = await alice.page.evaluate('client.storage.get()')
    expect(storage).toMatchObject({ state: 'degraded', kind: 'memory', durable: false })
    const code = await alice.page.evaluate('client.storage.get().error.code')
    expect(code).toBe('storage')
  })
})

inChromium('a page that is left', (on) => {
  /** Pages that Chromium holds for entered; where one is too many, the next one makes it begin a new log. */
  const entered = ({ page }: ChatPage): Promise<number> =>
    page.evaluate(async () => {
      const name = 'tidings.pages'
      // To open it is to make it.
      if ((await indexedDB.databases()).every((database) => database.name !== name)) return 0
      return new Promise<number>((resolve) => {
        const opening = indexedDB.open(name)
        opening.onsuccess = () => {
          const database = opening.result
          const counting = database.transaction('pages').objectStore('pages').count()
          counting.onsuccess = () => {
            database.close()
            resolve(counting.result)
          }
        }
      })
    })

  it('by a reload, by another address or by its end, is not taken for one that was killed', async () => {
    const profile = await on().profile()
    const alice = await on().enter('alice', { profile })
    await alice.write('hello')
    await soon(() => entered(alice)).toBe(1)
    await alice.page.reload()
    await soon(() => entered(alice)).toBe(1)
    const beside = await on().enter('alice', { profile })
    await soon(() => entered(alice)).toBe(2)
    await beside.page.goto('about:blank')
    await soon(() => entered(alice)).toBe(1)
    await alice.page.close()
    const again = await on().enter('alice', { profile })
    await soon(again.texts).toEqual(['hello'])
    await soon(() => entered(again)).toBe(1)
  })
})
