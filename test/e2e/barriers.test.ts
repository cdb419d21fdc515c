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
    await alice.page.getByRole('button', { name: 'Rooms', exact: true }).click()
    await alice.page.getByRole('dialog', { name: 'Rooms and you' }).waitFor()
    expect(await barriersOf(alice.page)).toEqual(none)
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
})
