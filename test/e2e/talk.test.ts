import { expect, it } from 'vitest'
import { confirmed, soon } from './support/chat-page.js'
import { inChromium } from './support/stage.js'

inChromium('two people', (on) => {
  it('talk in both directions and see the same rows in the same order', async () => {
    const alice = await on().enter('alice')
    const bob = await on().enter('bob')
    await alice.write('hello bob')
    await soon(bob.statuses).toEqual(confirmed('hello bob'))
    await bob.write('hello alice', 'how are you?')
    await soon(alice.texts).toEqual(['hello bob', 'hello alice', 'how are you?'])
    await alice.write('fine')
    for (const { statuses } of [alice, bob])
      await soon(statuses).toEqual(confirmed('hello bob', 'hello alice', 'how are you?', 'fine'))
    const ids = async ({ rows }: typeof alice) => (await rows()).map(({ id }) => id)
    expect(await ids(alice)).toEqual(await ids(bob))
    expect(new Set(await ids(alice)).size).toBe(4)
  })

  it('write by keyboard alone, each message once, and keep its key when it is confirmed', async () => {
    const alice = await on().enter('alice')
    const bob = await on().enter('bob')
    const box = alice.page.getByRole('textbox', { name: 'Message', exact: true })
    await soon(() => box.evaluate((element) => element === document.activeElement)).toBe(true)
    await alice.setOffline(true)
    await box.press('a')
    await box.press('Enter')
    await soon(alice.texts).toEqual(['a'])
    const [pending] = await alice.rows()
    await alice.setOffline(false)
    await soon(alice.statuses).toEqual(confirmed('a'))
    const [sent] = await alice.rows()
    expect(sent?.key).toBe(pending?.key)
    expect(sent?.id).not.toBe(pending?.id)
    await soon(bob.texts).toEqual(['a'])
  })

  it('see what was said before they came', async () => {
    const alice = await on().enter('alice')
    const early = Array.from({ length: 12 }, (_, index) => `word ${index}`)
    await alice.write(...early)
    await soon(alice.statuses).toEqual(confirmed(...early))
    const bob = await on().enter('bob')
    await soon(bob.statuses).toEqual(confirmed(...early))
  })

  it('see what somebody wrote as text, whatever it would mean to a browser', async () => {
    const alice = await on().enter('alice')
    const bob = await on().enter('bob')
    const hostile = '<img src="x" onerror="console.error(1)"> <b>bold</b> &amp;'
    await alice.write(hostile)
    for (const { statuses } of [alice, bob]) await soon(statuses).toEqual(confirmed(hostile))
  })

  it('are told when a message is too long, and keep what they wrote', async () => {
    const alice = await on().enter('alice')
    const long = 'x'.repeat(33 * 1024)
    await alice.write(long)
    await alice.page.getByRole('alert').getByText('shorten').waitFor()
    const box = alice.page.getByRole('textbox', { name: 'Message', exact: true })
    expect(await box.inputValue()).toBe(long)
    expect(await alice.rows()).toEqual([])
    await alice.write('short')
    await soon(alice.statuses).toEqual(confirmed('short'))
    expect(await alice.page.getByRole('alert').count()).toBe(0)
  })

  it('are told what the connection does, by a status and a switch', async () => {
    const alice = await on().enter('alice')
    await soon(alice.state).toBe('connected')
    expect(await alice.offlineSwitch.getAttribute('aria-checked')).toBe('false')
    await alice.offlineSwitch.click()
    expect(await alice.offlineSwitch.getAttribute('aria-checked')).toBe('true')
    await soon(alice.state).toBe('idle')
    await alice.offlineSwitch.press('Space')
    await soon(alice.state).toBe('connected')
  })
})

inChromium('the page without a build', (on) => {
  it('talks to the React page', async () => {
    const carol = await on().enter('carol', { path: '/vanilla/' })
    const bob = await on().enter('bob')
    await carol.write('no build here')
    await soon(bob.statuses).toEqual(confirmed('no build here'))
    await bob.write('none needed')
    await soon(carol.statuses).toEqual(confirmed('carol no build here', 'bob none needed'))
    expect(await carol.page.getByRole('status').textContent()).toBe('carol: connected')
  })
})
