import { expect, it } from 'vitest'
import { type ChatPage, confirmed, type Row, soon } from './support/chat-page.js'
import { inChromium, UNREACHABLE } from './support/stage.js'

const five = ['one', 'two', 'three', 'four', 'five']
const keysOf = (rows: readonly Row[]) => rows.map(({ key }) => key)

/** The service worker has the whole page: from now on it opens without a network. */
const pageIsKept = ({ page }: ChatPage) =>
  soon(() =>
    page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.active?.state),
  ).toBe('activated')

/** The records of the outbox, as texts. */
const outboxOf = ({ page }: ChatPage) =>
  page.evaluate(async () => {
    const name = (await indexedDB.databases()).find((each) => each.name?.startsWith('tidings.outbox.'))?.name
    if (name === undefined) return []
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open(name)
      opening.onsuccess = () => resolve(opening.result)
      opening.onerror = () => reject(opening.error)
    })
    const rows = await new Promise<unknown[]>((resolve, reject) => {
      const reading = database.transaction('kv').objectStore('kv').getAll()
      reading.onsuccess = () => resolve(reading.result)
      reading.onerror = () => reject(reading.error)
    })
    database.close()
    return rows.map((row) => JSON.stringify(row))
  })

/** A confirmation is seen a moment before it is on the disk. */
const confirmationIsKept = (chat: ChatPage) =>
  soon(async () => (await outboxOf(chat)).filter((row) => row.includes('acked')).length).toBeGreaterThan(0)

inChromium('a window that was taken offline', (on) => {
  it('shows what is written as pending, then as delayed, and sends it on return', async () => {
    const alice = await on().enter('alice')
    const bob = await on().enter('bob')
    await alice.write('before')
    await soon(bob.texts).toEqual(['before'])
    await alice.setOffline(true)
    await alice.write('meanwhile')
    expect(await alice.statuses()).toEqual(['before: confirmed', 'meanwhile: pending'])
    await bob.write('are you there?')
    await soon(alice.statuses).toContain('meanwhile: delayed')
    expect(await bob.texts()).not.toContain('meanwhile')
    expect(await alice.texts()).not.toContain('are you there?')
    await alice.setOffline(false)
    const all = ['before', 'meanwhile', 'are you there?']
    for (const { statuses } of [alice, bob]) await soon(statuses).toEqual(confirmed(...all))
    expect(await bob.row('meanwhile').innerText()).toContain('Arrived late')
    expect(await alice.row('are you there?').innerText()).not.toContain('Arrived late')
  })

  it('stays offline over a reload, and so does what it wrote', async () => {
    const alice = await on().enter('alice')
    const bob = await on().enter('bob')
    await soon(alice.state).toBe('connected')
    await alice.setOffline(true)
    await alice.write('for later')
    const before = await alice.rows()
    await alice.page.reload()
    await soon(alice.texts).toEqual(['for later'])
    expect(keysOf(await alice.rows())).toEqual(keysOf(before))
    expect(await alice.offlineSwitch.getAttribute('aria-checked')).toBe('true')
    expect(await alice.state()).toBe('idle')
    // Bob's own message went through the server: had anything of Alice's gone out, it would be there before it.
    await bob.write('nobody here')
    await soon(bob.statuses).toEqual(confirmed('nobody here'))
    await alice.setOffline(false)
    await soon(bob.statuses).toEqual(confirmed('for later', 'nobody here'))
  })

  it('sends a message, the reply to it and the reply to that in order, each below what it answers', async () => {
    const alice = await on().enter('alice')
    const bob = await on().enter('bob')
    await soon(alice.state).toBe('connected')
    await alice.setOffline(true)
    await alice.write('question')
    for (const [answered, answer] of [
      ['question', 'answer'],
      ['answer', 'thanks'],
    ] as const) {
      await alice.row(answered).last().getByRole('button', { name: 'Reply' }).click()
      await alice.write(answer)
    }
    expect(await alice.texts()).toEqual(['question', 'answer', 'thanks'])
    await alice.setOffline(false)
    for (const { statuses } of [alice, bob])
      await soon(statuses).toEqual(confirmed('question', 'answer', 'thanks'))
    for (const { row } of [alice, bob]) {
      expect(await row('answer').first().innerText()).toContain('question')
      expect(await row('thanks').innerText()).toContain('answer')
    }
  })
})

inChromium('a page that is loaded anew without a network', (on) => {
  /** A conversation, then five messages that cannot leave; resolves with the rows as Alice sees them. */
  async function writeFive(alice: ChatPage, bob: ChatPage): Promise<readonly Row[]> {
    await bob.write('talk to me')
    await soon(alice.texts).toEqual(['talk to me'])
    await pageIsKept(alice)
    await alice.setOffline(true)
    await alice.write(...five)
    await soon(alice.texts).toEqual(['talk to me', ...five])
    return alice.rows()
  }

  async function looksTheSame(alice: ChatPage, before: readonly Row[]): Promise<void> {
    await soon(alice.texts).toEqual(['talk to me', ...five])
    const after = await alice.rows()
    expect(keysOf(after)).toEqual(keysOf(before))
    expect(after.slice(1).every(({ status }) => status === 'pending' || status === 'delayed')).toBe(true)
  }

  async function allArrive(alice: ChatPage, bob: ChatPage, before: readonly Row[]): Promise<void> {
    for (const { statuses } of [alice, bob]) await soon(statuses).toEqual(confirmed('talk to me', ...five))
    expect(keysOf(await alice.rows())).toEqual(keysOf(before))
  }

  it('shows the conversation and five pending messages, and sends each once', async () => {
    on().excuse(UNREACHABLE)
    const profile = await on().profile()
    const alice = await on().enter('alice', { profile })
    const bob = await on().enter('bob')
    const before = await writeFive(alice, bob)
    await profile.setOffline(true)
    await alice.page.reload()
    await looksTheSame(alice, before)
    await profile.setOffline(false)
    await alice.page.reload()
    await looksTheSame(alice, before)
    await alice.setOffline(false)
    await allArrive(alice, bob, before)
  })

  it('does so with the server stopped as well, and when the switch is turned before it is back', async () => {
    on().excuse(UNREACHABLE)
    const alice = await on().enter('alice')
    const bob = await on().enter('bob')
    const before = await writeFive(alice, bob)
    await on().server.kill()
    await alice.page.reload()
    await looksTheSame(alice, before)
    await alice.setOffline(false)
    await soon(alice.state).toBe('waiting')
    await alice.page.reload()
    await looksTheSame(alice, before)
    await on().server.start()
    await allArrive(alice, bob, before)
  })

  it('opens in a new window too, with the rooms that were visited', async () => {
    on().excuse(UNREACHABLE)
    const profile = await on().profile()
    const alice = await on().enter('alice', { profile, room: 'kitchen' })
    await alice.write('soup is ready')
    await soon(alice.statuses).toEqual(confirmed('soup is ready'))
    await pageIsKept(alice)
    await confirmationIsKept(alice)
    await on().server.kill()
    await alice.page.close()
    const again = await on().enter('alice', { profile, room: 'kitchen' })
    await soon(again.statuses).toEqual(confirmed('soup is ready'))
  })
})

inChromium('a network that goes away without a word', (on) => {
  it('costs nothing that was written meanwhile', async () => {
    on().excuse(UNREACHABLE)
    const profile = await on().profile()
    const alice = await on().enter('alice', { profile })
    const bob = await on().enter('bob')
    await soon(alice.state).toBe('connected')
    await profile.setOffline(true)
    await alice.write('into the void')
    await bob.write('hello?')
    await profile.setOffline(false)
    for (const { statuses } of [alice, bob])
      await soon(statuses).toEqual(confirmed('into the void', 'hello?'))
  })
})
