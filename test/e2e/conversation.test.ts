import { expect, it } from 'vitest'
import { type ChatPage, confirmed, soon } from './support/chat-page.js'
import { inChromium } from './support/stage.js'

/** Opens the menu of a message and chooses one of its entries. */
async function choose(chat: ChatPage, text: string, entry: string): Promise<void> {
  await chat.page.bringToFront()
  await chat.row(text).hover()
  await chat.row(text).getByRole('button', { name: 'More', exact: true }).click()
  await chat.page.getByRole('menuitem', { name: entry, exact: true }).click()
}

const reactionsOf = (chat: ChatPage, text: string) =>
  chat
    .row(text)
    .getByRole('list', { name: 'Reactions' })
    .getByRole('button')
    .evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label')))

inChromium('what somebody does with a message', (on) => {
  it('is seen by the other person and on every device: edits, reactions, answers, deletions', async () => {
    const laptop = await on().enter('alice')
    const phone = await on().enter('alice')
    const bob = await on().enter('bob')
    const all = [laptop, phone, bob]
    await laptop.write('lunch at noon', 'at the usual place')
    for (const { statuses } of all)
      await soon(statuses).toEqual(confirmed('lunch at noon', 'at the usual place'))

    await choose(laptop, 'lunch at noon', 'Edit')
    await laptop.page.getByRole('textbox', { name: 'Edit message' }).fill('lunch at one')
    await laptop.page.getByRole('button', { name: 'Save', exact: true }).click()
    for (const { statuses } of all)
      await soon(statuses).toEqual(confirmed('lunch at one', 'at the usual place'))
    await bob.row('lunch at one').getByText('edited').waitFor()

    await bob.row('lunch at one').getByRole('button', { name: 'React', exact: true }).click()
    await bob.page.getByRole('menuitemcheckbox', { name: 'Thumbs up' }).click()
    await soon(() => reactionsOf(phone, 'lunch at one')).toEqual(['1 thumbs up: bob'])
    await phone.row('lunch at one').getByRole('button', { name: '1 thumbs up: bob' }).click()
    await soon(() => reactionsOf(laptop, 'lunch at one')).toEqual(['2 thumbs up: you and bob'])
    await soon(() => reactionsOf(bob, 'lunch at one')).toEqual(['2 thumbs up: you and alice'])
    await bob.row('lunch at one').getByRole('button', { name: '2 thumbs up: you and alice' }).click()
    await soon(() => reactionsOf(laptop, 'lunch at one')).toEqual(['1 thumbs up: you'])

    await bob.row('at the usual place').getByRole('button', { name: 'Reply', exact: true }).click()
    await bob.write('see you there')
    const quote = laptop.row('see you there').locator('.quote')
    await soon(() => quote.innerText()).toContain('at the usual place')
    await quote.click()
    await soon(() =>
      laptop
        .row('at the usual place')
        .first()
        .evaluate((row) => row === document.activeElement),
    ).toBe(true)

    await choose(phone, 'lunch at one', 'Delete')
    await phone.page.getByRole('alertdialog').getByRole('button', { name: 'Delete', exact: true }).click()
    const after = confirmed('This message was deleted.', 'at the usual place', 'see you there')
    for (const { statuses } of all) await soon(statuses).toEqual(after)
  })

  it('waits while offline, and arrives in order', async () => {
    const alice = await on().enter('alice')
    const bob = await on().enter('bob')
    await alice.write('one', 'two')
    await soon(bob.texts).toEqual(['one', 'two'])
    await alice.setOffline(true)
    await choose(alice, 'one', 'Edit')
    await alice.page.getByRole('textbox', { name: 'Edit message' }).fill('first')
    await alice.page.keyboard.press('Enter')
    await choose(alice, 'two', 'Delete')
    await alice.page.getByRole('alertdialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await soon(alice.texts).toEqual(['first', 'This message was deleted.'])
    await alice.page.reload()
    await soon(alice.texts).toEqual(['first', 'This message was deleted.'])
    expect(await bob.texts()).toEqual(['one', 'two'])
    await alice.setOffline(false)
    for (const { statuses } of [alice, bob])
      await soon(statuses).toEqual(confirmed('first', 'This message was deleted.'))
  })

  it('needs no pointer: everything by the keyboard alone', async () => {
    const alice = await on().enter('alice')
    const bob = await on().enter('bob')
    await bob.write('good morning')
    await soon(alice.texts).toEqual(['good morning'])
    await alice.page.bringToFront()
    const { keyboard } = alice.page
    const box = alice.page.getByRole('textbox', { name: 'Message', exact: true })
    await soon(() => box.evaluate((element) => element === document.activeElement)).toBe(true)
    await keyboard.type('god morning')
    await keyboard.press('Enter')
    await soon(alice.texts).toEqual(['good morning', 'god morning'])
    // The last own message is one key away.
    await keyboard.press('ArrowUp')
    await keyboard.press('Control+A')
    await keyboard.type('good morning, bob')
    await keyboard.press('Enter')
    await soon(bob.texts).toEqual(['good morning', 'good morning, bob'])
    // The focus is on the row now: up to the other message, its menu, the second picture.
    await keyboard.press('ArrowUp')
    for (const key of ['Enter', 'ArrowRight', 'Enter']) await keyboard.press(key)
    await soon(() => reactionsOf(bob, 'good morning').then((names) => names[0])).toBe('1 heart: alice')
    // An answer, and back to the rows.
    await keyboard.press('r')
    await keyboard.type('slept well?')
    await keyboard.press('Enter')
    await soon(() => bob.row('slept well?').locator('.quote').innerText()).toContain('good morning')
    await keyboard.press('Shift+Tab')
    await keyboard.press('End')
    await soon(() => alice.row('slept well?').evaluate((row) => row === document.activeElement)).toBe(true)
    await keyboard.press('Delete')
    for (const key of ['Tab', 'Enter']) await keyboard.press(key)
    await soon(bob.texts).toEqual(['good morning', 'good morning, bob', 'This message was deleted.'])
    await keyboard.press('Escape')
    await soon(() => box.evaluate((element) => element === document.activeElement)).toBe(true)
  })
})
