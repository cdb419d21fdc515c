import { expect, it } from 'vitest'
import { type ChatPage, confirmed, soon } from './support/chat-page.js'
import type { Relay } from './support/relay.js'
import { inChromium, type Stage, UNREACHABLE } from './support/stage.js'

/** Alice behind something that breaks what passes, Bob beside her with a good line; both connected. */
async function twoPeople(stage: Stage): Promise<{ alice: ChatPage; bob: ChatPage; relay: Relay }> {
  const relay = await stage.relay()
  const alice = await stage.enter('alice', { relay })
  const bob = await stage.enter('bob')
  await alice.write('hello')
  for (const { statuses } of [alice, bob]) await soon(statuses).toEqual(confirmed('hello'))
  return { alice, bob, relay }
}

const sentIds = (relay: Relay) => relay.sent('message').map(({ id }) => id)

inChromium('a server that dies', (on) => {
  it('between commit and acknowledgement: the message is there once, and is not sent twice', async () => {
    on().excuse(UNREACHABLE)
    const { alice, bob, relay } = await twoPeople(on())
    relay.hold('ack', 'event')
    await alice.write('did it arrive?')
    await soon(bob.statuses).toEqual(confirmed('hello', 'did it arrive?'))
    await soon(relay.isHolding).toBe(true)
    expect(await alice.statuses()).toContain('did it arrive?: pending')
    await on().server.kill()
    await soon(alice.state).not.toBe('connected')
    relay.release()
    expect(await alice.statuses()).not.toContain('did it arrive?: confirmed')
    await on().server.start()
    for (const { statuses } of [alice, bob])
      await soon(statuses).toEqual(confirmed('hello', 'did it arrive?'))
    // The page of history that Alice read on her return held her message: there was no need to send it again.
    expect(sentIds(relay)).toHaveLength(2)
    const carol = await on().enter('carol')
    await soon(carol.statuses).toEqual(confirmed('hello', 'did it arrive?'))
  })

  it('while messages fly: each arrives once and in order, wherever it was hit', async () => {
    on().excuse(UNREACHABLE)
    const alice = await on().enter('alice')
    const bob = await on().enter('bob')
    await soon(alice.state).toBe('connected')
    const all = ['a', 'b', 'c', 'd'].flatMap((round) => [1, 2, 3].map((number) => `${round}${number}`))
    for (let from = 0; from < all.length; from += 3) {
      const dying = from % 2 === 0
      await alice.write(...all.slice(from, from + 3))
      if (dying) await on().server.kill()
      if (dying) await on().server.start()
    }
    for (const { statuses } of [alice, bob]) await soon(statuses).toEqual(confirmed(...all))
  })
})

inChromium('a server that comes back with an older file', (on) => {
  it('gets what it had acknowledged and lost from those who wrote it', async () => {
    on().excuse(UNREACHABLE)
    const alice = await on().enter('alice')
    const bob = await on().enter('bob')
    await alice.write('kept')
    for (const { statuses } of [alice, bob]) await soon(statuses).toEqual(confirmed('kept'))
    await on().server.kill()
    await on().server.backUp()
    await on().server.start()
    await alice.write('lost one')
    await soon(bob.statuses).toEqual(confirmed('kept', 'lost one'))
    await bob.write('lost two')
    await soon(alice.statuses).toEqual(confirmed('kept', 'lost one', 'lost two'))
    await on().server.kill()
    await on().server.restore()
    await on().server.start()
    const carol = await on().enter('carol')
    for (const { statuses } of [alice, bob, carol])
      await soon(statuses).toEqual(confirmed('kept', 'lost one', 'lost two'))
  })
})

inChromium('an acknowledgement', (on) => {
  it('may come before the event', async () => {
    const { alice, bob, relay } = await twoPeople(on())
    relay.hold('event')
    await alice.write('ack first')
    await soon(alice.statuses).toEqual(confirmed('hello', 'ack first'))
    await soon(relay.isHolding).toBe(true)
    await bob.write('and you?')
    await soon(bob.statuses).toEqual(confirmed('hello', 'ack first', 'and you?'))
    relay.release()
    for (const { statuses } of [alice, bob])
      await soon(statuses).toEqual(confirmed('hello', 'ack first', 'and you?'))
  })

  it('may come after the event', async () => {
    const { alice, bob, relay } = await twoPeople(on())
    relay.hold('ack')
    await alice.write('event first')
    await soon(alice.statuses).toEqual(confirmed('hello', 'event first'))
    await soon(relay.isHolding).toBe(true)
    await soon(alice.isWaiting).toBe(false)
    relay.release()
    await alice.write('next')
    for (const { statuses } of [alice, bob])
      await soon(statuses).toEqual(confirmed('hello', 'event first', 'next'))
    expect(new Set(sentIds(relay)).size).toBe(3)
  })

  it('may never come at all', async () => {
    on().excuse(UNREACHABLE)
    await on().server.kill()
    await on().server.start('--chaos', 'drop-acks=1')
    const alice = await on().enter('alice')
    const bob = await on().enter('bob')
    await alice.write('one', 'two', 'three')
    for (const { statuses } of [alice, bob]) await soon(statuses).toEqual(confirmed('one', 'two', 'three'))
    await soon(alice.isWaiting).toBe(false)
  })
})

inChromium('a message that the server refuses', (on) => {
  const refused = 'Please be kind.'

  it('is shown as failed with the reason, does not hold up the next one, and can be sent again', async () => {
    const { alice, bob, relay } = await twoPeople(on())
    relay.refuseNext('content_rejected', refused)
    await alice.write('rude', 'kind')
    await soon(alice.statuses).toEqual(['hello: confirmed', 'rude: failed', 'kind: confirmed'])
    expect(await alice.row('rude').innerText()).toContain(refused)
    await soon(bob.texts).toEqual(['hello', 'kind'])
    await alice.page.reload()
    await soon(alice.statuses).toContain('rude: failed')
    await alice.row('rude').getByRole('button', { name: 'Retry' }).click()
    for (const { statuses } of [alice, bob]) {
      await soon(async () => [...(await statuses())].sort()).toEqual(confirmed('hello', 'kind', 'rude'))
    }
    expect(await alice.texts()).toEqual(await bob.texts())
  })

  it('can be discarded', async () => {
    const { alice, bob, relay } = await twoPeople(on())
    relay.refuseNext('content_rejected', refused)
    await alice.write('regretted')
    await soon(alice.statuses).toContain('regretted: failed')
    await alice.row('regretted').getByRole('button', { name: 'Discard' }).click()
    await soon(alice.texts).toEqual(['hello'])
    await alice.page.reload()
    await alice.write('better')
    for (const { statuses } of [alice, bob]) await soon(statuses).toEqual(confirmed('hello', 'better'))
  })
})
