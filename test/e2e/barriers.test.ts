import { expect, it } from 'vitest'
import { barriersOf } from './support/axe.js'
import { type ChatPage, soon } from './support/chat-page.js'
import { inChromium } from './support/stage.js'

const none: readonly string[] = []
const looks = [
  { colorScheme: 'light', size: { width: 1280, height: 800 } },
  { colorScheme: 'dark', size: { width: 390, height: 844 } },
] as const

/** Looks at the page as it is now: light on a desk, dark on a phone. */
async function expectNone({ page }: ChatPage): Promise<void> {
  for (const { colorScheme, size } of looks) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize(size)
    expect(await barriersOf(page)).toEqual(none)
    // Nothing is out of sight beside the screen.
    expect(await page.locator('main').evaluate((main) => main.clientWidth - innerWidth)).toBeLessThanOrEqual(
      0,
    )
  }
}

inChromium('nobody is kept out', (on) => {
  it('by the first page, an empty room, a conversation, or what can be done with a message', async () => {
    const start = await on().visit(on().server.origin)
    await expectNone(start)
    const alice = await on().enter('alice')
    await alice.page.getByText('Nothing said in #general yet').waitFor()
    await expectNone(alice)
    const bob = await on().enter('bob')
    await bob.write('look: https://example.org', 'gone soon')
    await soon(alice.texts).toEqual(['look: https://example.org', 'gone soon'])
    await bob.row('look').press('Enter')
    await expectNone(bob)
    await bob.page.getByRole('menuitemcheckbox', { name: 'Party' }).click()
    await bob.row('look').press('r')
    await bob.row('look').press('e')
    await expectNone(bob)
    await bob.page.keyboard.press('Escape')
    await bob.row('gone soon').press('Delete')
    await expectNone(bob)
    await bob.page.keyboard.press('Tab')
    await bob.page.keyboard.press('Enter')
    await soon(alice.texts).toEqual(['look: https://example.org', 'This message was deleted.'])
    await expectNone(alice)
    for (const name of [/people here/, 'Jump to date', 'Room settings']) {
      await alice.page.getByRole('button', { name }).click()
      expect(await barriersOf(alice.page)).toEqual(none)
      await alice.page.keyboard.press('Escape')
    }
    await alice.page.getByRole('button', { name: 'Rooms', exact: true }).click()
    await alice.page.getByRole('dialog', { name: 'Rooms and you' }).waitFor()
    expect(await barriersOf(alice.page)).toEqual(none)
    for (const name of [/^alice/, 'Notifications']) {
      await alice.page.getByRole('dialog').getByRole('button', { name }).click()
      expect(await barriersOf(alice.page)).toEqual(none)
      await alice.page.keyboard.press('Escape')
    }
  })

  it('while offline, or by a message that was refused', async () => {
    const relay = await on().relay()
    const alice = await on().enter('alice', { relay })
    await soon(alice.state).toBe('connected')
    relay.refuseNext('rejected', 'Not in this tone.')
    await alice.write('you there!')
    await soon(alice.statuses).toEqual(['you there!: failed'])
    await expectNone(alice)
    await alice.setOffline(true)
    await alice.write('later then')
    await soon(alice.isWaiting).toBe(true)
    await expectNone(alice)
  })

  it('by two edits of one message, or by what was read and what is new', async () => {
    const laptop = await on().enter('alice')
    const phone = await on().enter('alice')
    await laptop.write('ten')
    await soon(phone.statuses).toEqual(['ten: confirmed'])
    await laptop.setOffline(true)
    for (const [chat, text] of [
      [laptop, 'nine'],
      [phone, 'eleven'],
    ] as const) {
      await chat.page.bringToFront()
      await chat.page.getByRole('textbox', { name: 'Message', exact: true }).press('ArrowUp')
      await chat.page.getByRole('textbox', { name: 'Edit message' }).fill(text)
      await chat.page.keyboard.press('Enter')
    }
    await soon(phone.statuses).toEqual(['eleven: confirmed'])
    await laptop.setOffline(false)
    await laptop.page.getByRole('region', { name: 'Two edits at the same time' }).waitFor()
    await expectNone(laptop)
    const bob = await on().enter('bob')
    await bob.page.getByRole('log').getByText('New messages').waitFor()
    await expectNone(bob)
    await phone.row('eleven').getByRole('button', { name: 'Read by bob' }).waitFor()
    await expectNone(phone)
  })
})
