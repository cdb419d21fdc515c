import { expect, it } from 'vitest'
import { type ChatPage, soon } from './support/chat-page.js'
import { inChromium } from './support/stage.js'

/** How many people a window says are in its room. */
const here = ({ page }: ChatPage) =>
  page.getByRole('button', { name: /\d+ (person|people) here/ }).textContent()
/** What a window says about somebody in the list of people of its room. */
async function saidOf({ page }: ChatPage, user: string): Promise<string | null> {
  const list = page.getByRole('dialog', { name: /^People in/ })
  if (!(await list.isVisible())) await page.getByRole('button', { name: /\d+ (person|people) here/ }).click()
  const row = list.getByRole('listitem').filter({ hasText: user })
  return (await row.count()) === 0 ? null : row.locator('.people-text span').textContent()
}
/** Says how this window's person wants to be seen. */
async function say({ page }: ChatPage, status: string): Promise<void> {
  await page.bringToFront()
  await page.locator('.own-status').click()
  await page.getByRole('radio', { name: new RegExp(`^${status}`) }).check()
  await page.keyboard.press('Escape')
}

inChromium('presence', (on) => {
  it('S26: shows two devices of one person as one, who is there until the last of them is gone', async () => {
    const alice = await on().enter('alice')
    const laptop = await on().enter('bob')
    const phone = await on().enter('bob')
    for (const each of [alice, laptop, phone]) await soon(each.state).toBe('connected')
    await soon(() => here(alice)).toContain('2')
    await say(phone, 'Busy')
    await soon(() => saidOf(alice, 'bob')).toContain('Busy')
    // A reload shows to nobody: what it said is said again by the page.
    await phone.page.reload()
    await soon(phone.state).toBe('connected')
    expect(await saidOf(alice, 'bob')).toContain('Busy')
    await phone.page.close()
    await soon(() => saidOf(alice, 'bob')).toContain('Online')
    await laptop.page.close()
    await soon(() => here(alice)).toContain('1')
  })

  it('is not known while this window is offline, and right again afterwards', async () => {
    const alice = await on().enter('alice')
    const bob = await on().enter('bob')
    for (const each of [alice, bob]) await soon(each.state).toBe('connected')
    await soon(() => here(alice)).toContain('2')
    await alice.setOffline(true)
    await soon(() => alice.page.getByRole('button', { name: /people here/ }).isVisible()).toBe(false)
    await say(bob, 'Busy')
    await alice.setOffline(false)
    await soon(() => saidOf(alice, 'bob')).toContain('Busy')
  })
})
