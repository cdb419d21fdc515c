import { expect, it } from 'vitest'
import { confirmed, soon } from './support/chat-page.js'
import { inChromium, UNREACHABLE } from './support/stage.js'

const STREAM = '/v1/stream'
/** What Chromium says of a stream that was broken off. */
const BROKEN_OFF = /net::ERR_INCOMPLETE_CHUNKED_ENCODING/

inChromium('a network that blocks WebSockets', (on) => {
  it('carries the chat over HTTP: both ways, over reloads, and over a restart of the server', async () => {
    on().excuse(UNREACHABLE, BROKEN_OFF)
    const relay = await on().relay()
    relay.refuseUpgrades(true)
    const alice = await on().enter('alice', { relay })
    const bob = await on().enter('bob')
    await soon(alice.state).toBe('connected')
    expect(relay.asked(STREAM).open).toBe(1)
    await alice.write('hello', 'by another way')
    await bob.write('I hear you')
    const first = confirmed('hello', 'by another way', 'I hear you')
    for (const { statuses } of [alice, bob]) await soon(statuses).toEqual(first)
    expect(relay.asked('/v1/frames').over).toBeGreaterThan(0)
    expect(relay.sent('hello')).toEqual([])

    await alice.page.reload()
    await soon(alice.statuses).toEqual(first)
    await on().server.kill()
    await soon(alice.state).not.toBe('connected')
    await alice.write('while it was away')
    await on().server.start()
    for (const { statuses } of [alice, bob])
      await soon(statuses).toEqual([...first, ...confirmed('while it was away')])
  })

  it('and holds answers back until they are whole is noticed, and is used as soon as it does not', async () => {
    on().excuse(UNREACHABLE, BROKEN_OFF)
    const relay = await on().relay()
    relay.refuseUpgrades(true)
    const bob = await on().enter('bob')
    // The page itself must come through.
    const alice = await on().enter('alice', { relay })
    await soon(alice.state).toBe('connected')
    relay.gather(true)
    await alice.page.reload()
    const before = relay.asked(STREAM)
    await alice.write('held back')
    // It opens, waits for the first event, and gives up.
    await soon(() => relay.asked(STREAM).over).toBeGreaterThan(before.over)
    expect(await alice.statuses()).not.toContain('held back: confirmed')
    expect(await alice.state()).not.toBe('connected')
    relay.gather(false)
    // After some failures in a row the next attempt may be half a minute away.
    for (const { statuses } of [alice, bob]) await soon(statuses, 60_000).toEqual(confirmed('held back'))
    expect(relay.asked(STREAM).open).toBe(1)
  })
})
