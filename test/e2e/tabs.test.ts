import type { Page } from 'playwright'
import { expect, it } from 'vitest'
import { confirmed, soon } from './support/chat-page.js'
import { inChromium } from './support/stage.js'

/** The tab's process ends as if the system had killed it: no event, no last write. */
async function crash(page: Page): Promise<void> {
  const gone = new Promise((resolve) => page.once('crash', resolve))
  const session = await page.context().newCDPSession(page)
  // It cannot answer any more.
  session.send('Page.crash').catch(() => undefined)
  await gone
}

inChromium('two tabs of one person', (on) => {
  it('both show everything, each message once', async () => {
    const profile = await on().profile()
    const left = await on().enter('alice', { profile })
    const right = await on().enter('alice', { profile })
    const bob = await on().enter('bob')
    await left.write('from the left')
    await soon(right.statuses).toEqual(confirmed('from the left'))
    await right.write('from the right')
    await soon(left.statuses).toEqual(confirmed('from the left', 'from the right'))
    await bob.write('which one is it?')
    const all = ['from the left', 'from the right', 'which one is it?']
    for (const { statuses } of [left, right, bob]) await soon(statuses).toEqual(confirmed(...all))
    const keys = async ({ rows }: typeof left) => (await rows()).map(({ key }) => key)
    expect(await keys(left)).toEqual(await keys(right))
  })

  it('show what the other one wrote offline, and send it once', async () => {
    const profile = await on().profile()
    const left = await on().enter('alice', { profile })
    const right = await on().enter('alice', { profile })
    const bob = await on().enter('bob')
    for (const tab of [left, right]) await tab.setOffline(true)
    await left.write('one')
    await soon(right.texts).toEqual(['one'])
    await right.write('two')
    await soon(left.texts).toEqual(['one', 'two'])
    for (const tab of [left, right]) await tab.setOffline(false)
    for (const { statuses } of [left, right, bob]) await soon(statuses).toEqual(confirmed('one', 'two'))
  })

  it('one is offline: it does not keep the other one from sending, what it wrote itself included', async () => {
    const profile = await on().profile()
    const left = await on().enter('alice', { profile })
    await soon(left.state).toBe('connected')
    const right = await on().enter('alice', { profile })
    const bob = await on().enter('bob')
    await soon(right.state).toBe('connected')
    await left.setOffline(true)
    await right.write('one')
    await soon(bob.texts).toEqual(['one'])
    await left.write('two')
    await soon(bob.texts).toEqual(['one', 'two'])
    await left.setOffline(false)
    for (const { statuses } of [left, right, bob]) await soon(statuses).toEqual(confirmed('one', 'two'))
  })

  it('one dies with messages that were not sent: the other one sends them', async () => {
    const profile = await on().profile()
    const dying = await on().enter('alice', { profile })
    const other = await on().enter('alice', { profile })
    const bob = await on().enter('bob')
    for (const tab of [dying, other]) await tab.setOffline(true)
    await dying.write('my', 'last', 'words')
    await soon(other.texts).toEqual(['my', 'last', 'words'])
    await crash(dying.page)
    expect(await other.texts()).toEqual(['my', 'last', 'words'])
    await other.setOffline(false)
    for (const { statuses } of [other, bob]) await soon(statuses).toEqual(confirmed('my', 'last', 'words'))
  })

  it('one dies between sending and the answer: the other one finds out, and nothing is there twice', async () => {
    const profile = await on().profile()
    const relay = await on().relay()
    const dying = await on().enter('alice', { profile, relay })
    await dying.write('first')
    await soon(dying.statuses).toEqual(confirmed('first'))
    const other = await on().enter('alice', { profile, relay })
    const bob = await on().enter('bob')
    await soon(other.statuses).toEqual(confirmed('first'))
    relay.hold('ack', 'event')
    await dying.write('second')
    await soon(bob.texts).toEqual(['first', 'second'])
    await soon(relay.isHolding).toBe(true)
    await crash(dying.page)
    relay.release()
    await other.write('third')
    for (const { statuses } of [other, bob])
      await soon(statuses).toEqual(confirmed('first', 'second', 'third'))
  })

  it('leave nothing behind when they are closed at once after writing', async () => {
    const profile = await on().profile()
    const hasty = await on().enter('alice', { profile })
    const bob = await on().enter('bob')
    await soon(hasty.state).toBe('connected')
    await hasty.write('bye')
    await hasty.page.close()
    const back = await on().enter('alice', { profile })
    for (const { statuses } of [back, bob]) await soon(statuses).toEqual(confirmed('bye'))
  })
})
