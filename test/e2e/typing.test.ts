import { expect, it } from 'vitest'
import { type ChatPage, soon } from './support/chat-page.js'
import { inChromium } from './support/stage.js'

const box = ({ page }: ChatPage) => page.getByRole('textbox', { name: 'Message', exact: true })
const isSaid = ({ page }: ChatPage) => page.locator('.typing[data-typing="true"]').isVisible()
const isWarned = ({ page }: ChatPage) => page.getByText('Are you still here?').isVisible()

/** Counts what happens to the list of messages from now on. */
const watchList = ({ page }: ChatPage) =>
  page.getByRole('log').evaluate((list) => {
    list.dataset['changes'] = '0'
    const count = (changes: readonly unknown[]) => {
      list.dataset['changes'] = String(Number(list.dataset['changes']) + changes.length)
    }
    new MutationObserver(count).observe(list, { childList: true, subtree: true, characterData: true })
  })
const changesOfList = ({ page }: ChatPage) => page.getByRole('log').getAttribute('data-changes')

inChromium('typing', (on) => {
  it('is shown in every window of the other and in none of the author, until the message comes', async () => {
    const laptop = await on().enter('alice')
    const phone = await on().enter('alice')
    const profile = await on().profile()
    const windows = [await on().enter('bob', { profile }), await on().enter('bob', { profile })]
    for (const each of [laptop, phone, ...windows]) await soon(each.state).toBe('connected')
    for (const each of windows) await watchList(each)
    await laptop.page.bringToFront()
    await box(laptop).pressSequentially('hello', { delay: 30 })
    for (const each of windows) await soon(() => isSaid(each)).toBe(true)
    expect([await isSaid(laptop), await isSaid(phone)]).toEqual([false, false])
    for (const each of windows) expect(await changesOfList(each)).toBe('0')
    await box(laptop).press('Enter')
    for (const each of windows) {
      await soon(each.texts).toEqual(['hello'])
      await soon(() => isSaid(each)).toBe(false)
      expect(await changesOfList(each)).not.toBe('0')
    }
  })

  it('ends when nothing more is typed, when the input is emptied, and with the window', async () => {
    const alice = await on().enter('alice')
    const bob = await on().enter('bob')
    for (const each of [alice, bob]) await soon(each.state).toBe('connected')
    for (const end of [
      () => Promise.resolve(),
      () => box(alice).fill(''),
      () => alice.page.close({ runBeforeUnload: false }),
    ]) {
      await alice.page.bringToFront()
      await box(alice).pressSequentially('hm', { delay: 30 })
      await soon(() => isSaid(bob)).toBe(true)
      await end()
      await soon(() => isSaid(bob)).toBe(false)
    }
  })
})

inChromium('somebody who does nothing', (on) => {
  it('is warned in every window, and taken for present in all of them by a key in one', async () => {
    const profile = await on().profile()
    await profile.clock.install()
    const windows = [await on().enter('alice', { profile }), await on().enter('alice', { profile })]
    for (const each of windows) await soon(each.state).toBe('connected')
    // Until the last sign, which opening a window is, has been passed on to the other.
    await profile.clock.fastForward('00:31')
    expect(await Promise.all(windows.map(isWarned))).toEqual([false, false])
    await profile.clock.fastForward('03:30')
    // In small steps: the last sign of one window counts a little later in the other, and a warning lasts a minute.
    const look = async () => {
      const warned = await Promise.all(windows.map(isWarned))
      if (warned.includes(false)) await profile.clock.fastForward(2_000)
      return warned
    }
    await expect.poll(look, { timeout: 40_000, interval: 200 }).toEqual([true, true])
    const [front] = windows
    await front?.page.bringToFront()
    await front?.page.keyboard.press('Shift')
    for (const each of windows) await soon(() => isWarned(each)).toBe(false)
  })
})
