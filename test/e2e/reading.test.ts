import { expect, it } from 'vitest'
import { type ChatPage, confirmed, soon } from './support/chat-page.js'
import { inChromium } from './support/stage.js'

const ticksOf = (chat: ChatPage, text: string) =>
  chat
    .row(text)
    .locator('.sign')
    .evaluateAll((signs) =>
      signs.map((sign) => sign.getAttribute('aria-label') ?? sign.getAttribute('title')),
    )
const unreadOf = ({ page }: ChatPage, room: string) =>
  page
    .getByRole('navigation', { name: 'Rooms' })
    .getByRole('link', { name: room })
    .locator('.badge')
    .innerText()
const hasFocus = (chat: ChatPage, text: string) =>
  chat
    .row(text)
    .first()
    .evaluate((row) => row === document.activeElement)

inChromium('reading', (on) => {
  it('is counted, told to the author by name, and the same on every device', async () => {
    const alice = await on().enter('alice')
    await soon(alice.state).toBe('connected')
    const bob = await on().enter('bob', { room: 'coffee' })
    const phone = await on().enter('bob', { room: 'coffee' })
    for (const each of [bob, phone]) await soon(each.state).toBe('connected')
    await alice.write('anybody there?', 'hello?')
    await soon(() => ticksOf(alice, 'hello?')).toEqual(['Sent'])
    for (const each of [bob, phone]) await soon(() => unreadOf(each, 'general')).toMatch(/^2/)
    await bob.page.bringToFront()
    await bob.page.getByRole('link', { name: /general/ }).click()
    await bob.page.getByRole('log').getByText('New messages').waitFor()
    await soon(() => ticksOf(alice, 'hello?')).toEqual(['Read by bob'])
    await soon(() => ticksOf(alice, 'anybody there?')).toEqual(['Read by bob'])
    await soon(() => phone.page.locator('.room-link .badge').count()).toBe(0)
    await bob.write('here')
    await soon(() => bob.page.getByRole('log').getByText('New messages').count()).toBe(0)
    await soon(alice.statuses).toEqual(confirmed('anybody there?', 'hello?', 'here'))
  })

  it('goes to a date, to a pinned message and back to the newest', async () => {
    const alice = await on().enter('alice')
    const bob = await on().enter('bob')
    const words = Array.from({ length: 24 }, (_, index) => `word ${index}.`)
    await alice.write(...words)
    await soon(bob.texts).toEqual(words)
    await alice.page.getByRole('button', { name: 'Jump to date' }).click()
    await alice.page.getByRole('button', { name: 'Today', exact: true }).click()
    await soon(() => hasFocus(alice, 'word 0.')).toBe(true)
    await alice.page.keyboard.press('Enter')
    await alice.page.getByRole('menuitem', { name: 'Pin', exact: true }).click()
    await alice.page.getByRole('button', { name: 'Newest', exact: true }).click()
    await soon(() => alice.page.getByRole('button', { name: 'Newest', exact: true }).count()).toBe(0)
    const pinned = bob.page.getByRole('region', { name: 'Pinned' }).getByRole('button')
    await soon(() => pinned.innerText()).toContain('word 0.')
    await bob.page.bringToFront()
    await pinned.click()
    await soon(() => hasFocus(bob, 'word 0.')).toBe(true)
  })

  it('is called for by name: a bell for who is named', async () => {
    const alice = await on().enter('alice')
    const bob = await on().enter('bob', { room: 'coffee' })
    for (const each of [alice, bob]) await soon(each.state).toBe('connected')
    await alice.write('lunch, @bob?')
    await bob.page.getByRole('button', { name: 'Notifications, 1 new' }).click()
    await bob.page.getByRole('button', { name: /alice named you in #general/ }).click()
    await soon(bob.texts).toEqual(['lunch, @bob?'])
    await soon(() => bob.page.getByRole('button', { name: 'Notifications', exact: true }).count()).toBe(1)
  })
})

inChromium('two devices of one person', (on) => {
  const edit = async ({ page }: ChatPage, text: string) => {
    await page.bringToFront()
    await page.getByRole('textbox', { name: 'Message', exact: true }).press('ArrowUp')
    await page.getByRole('textbox', { name: 'Edit message' }).fill(text)
    await page.getByRole('button', { name: 'Save', exact: true }).click()
  }

  it('change one message at the same time: both texts are shown, and one of them is chosen', async () => {
    const laptop = await on().enter('alice')
    const phone = await on().enter('alice')
    await laptop.write('we meet at ten')
    await soon(phone.statuses).toEqual(confirmed('we meet at ten'))
    await laptop.setOffline(true)
    await edit(laptop, 'we meet at nine')
    await edit(phone, 'we meet at eleven')
    await soon(phone.statuses).toEqual(confirmed('we meet at eleven'))
    await laptop.setOffline(false)
    const conflict = laptop.page.getByRole('region', { name: 'Two edits at the same time' })
    await soon(() => conflict.locator('dd').allInnerTexts()).toEqual(['we meet at nine', 'we meet at eleven'])
    await conflict.getByRole('button', { name: 'Edit again' }).click()
    const box = laptop.page.getByRole('textbox', { name: 'Edit message' })
    expect(await box.inputValue()).toBe('we meet at nine')
    await box.fill('we meet at half past ten')
    await box.press('Enter')
    for (const { statuses } of [laptop, phone])
      await soon(statuses).toEqual(confirmed('we meet at half past ten'))
    expect(await conflict.count()).toBe(0)
  })

  it('name a room and its topic, each its own field, one of them offline', async () => {
    const laptop = await on().enter('alice')
    const phone = await on().enter('alice')
    for (const each of [laptop, phone]) await soon(each.state).toBe('connected')
    const set = async ({ page }: ChatPage, field: string, text: string) => {
      await page.bringToFront()
      await page.getByRole('button', { name: 'Room settings' }).click()
      const dialog = page.getByRole('dialog', { name: 'Settings of #general' })
      await dialog.getByRole('textbox', { name: field, exact: true }).fill(text)
      await dialog.getByRole('button', { name: 'Save', exact: true }).click()
    }
    await laptop.setOffline(true)
    await set(laptop, 'Name', 'The crew')
    await soon(() => laptop.page.getByRole('heading', { level: 1 }).innerText()).toContain('The crew')
    await set(phone, 'Topic', 'Plans for spring')
    await laptop.setOffline(false)
    for (const { page } of [laptop, phone])
      await soon(() => page.locator('.head-title').innerText()).toMatch(/The crew\s+Plans for spring/)
  })
})
