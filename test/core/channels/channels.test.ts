import { createServerChannels } from 'tidings-server/core'
import { describe, expect, it } from 'vitest'
import { type ChannelMessage, createChannels, type TidingsError } from '../../../src/core/index.js'
import { newPuppet } from '../client/puppet-world.js'
import { numbers } from '../client/steps.js'
import { channelsBench, connected, listen } from './bench.js'

const { world, open, outcomeOf, written } = channelsBench()

describe('channels', () => {
  it('carry names and values to whoever subscribed, with an offset', async () => {
    const { channels } = await written(0)
    const bob = createChannels(connected(world().tab(world().profile('bob'))).client)
    const messages: ChannelMessage[] = []
    bob.on('messages', (told) => messages.push(...told.messages))
    expect(await outcomeOf(bob.subscribe('news'))).toBe(true)
    const offset = await outcomeOf(channels.publish('news', 'foo', { bar: 'baz' }, 'words', ['a', 1]))
    expect(messages).toEqual([{ offset, foo: { bar: 'baz' }, words: ['a', 1] }])
  })

  it('are written to by server code as well, in the same form', async () => {
    await written(0)
    const server = createServerChannels(world().core, { encode: (value) => String(value) })
    const bob = createChannels(connected(world().tab(world().profile('bob'))).client, {
      decode: (stored) => Number(stored),
    })
    const told = listen(bob)
    await outcomeOf(bob.subscribe('news'))
    const offset = await outcomeOf(server.publish('news', 'n', 1, 'm', 2))
    expect([told('news', 'n'), told('news', 'm'), told('news', 'offset')]).toEqual([[1], [2], [offset]])
    for (const pairs of [[], ['n'], ['', 1], ['offset', 1], [1, 2]])
      await expect(server.publish('news', ...pairs)).rejects.toMatchObject({ code: 'invalid' })
    const plain = createServerChannels(world().core)
    await expect(plain.publish('news', 'f', () => {})).rejects.toMatchObject({ code: 'invalid' })
  })

  it('read what the device holds without a network', async () => {
    const { offsets } = await written(3)
    const profile = world().profile('bob')
    const first = connected(world().tab(profile))
    const channels = createChannels(first.client)
    await outcomeOf(channels.subscribe('news', '0'))
    await first.close()
    const second = createChannels(world().tab(profile).client)
    const loaded = await outcomeOf(second.load('news'))
    expect(loaded).toEqual({
      messages: offsets.map((offset, i) => ({ offset, n: i + 1 })),
      lastOffset: offsets[2],
    })
    const told = listen(second)
    expect(await outcomeOf(second.subscribe('news', offsets[0]))).toBe(true)
    expect(told('news', 'n')).toEqual([2, 3])
    expect(await outcomeOf(second.load('other'))).toEqual({ messages: [], lastOffset: null })
  })

  it('load the newest messages wherever the list of the room stands', async () => {
    const { offsets } = await written(600)
    const { client } = connected(world().tab(world().profile('bob')))
    const room = client.room('news')
    room.open()
    await world().timeline.advance(10_000)
    expect(await outcomeOf(room.jumpTo(offsets[99] ?? ''))).toMatchObject({ found: true })
    const loaded = await outcomeOf(createChannels(client).load('news'))
    expect(loaded).toMatchObject({ lastOffset: offsets[599] })
    expect(room.timeline.get().hasNewer).toBe(true)
  })

  it('take what comes while the connection is lost for new, also when the room was being caught up with before', async () => {
    open({ latencyMs: 50 })
    const alice = createChannels(connected(world().tab(world().profile('alice'))).client)
    await outcomeOf(alice.publish('news', 'n', 1))
    const tab = connected(world().tab(world().profile('bob')))
    const room = tab.client.room('news')
    const close = room.open()
    while (room.timeline.get().status !== 'syncing') await world().timeline.advance(10)
    await world().timeline.advance(150)
    const bob = createChannels(tab.client)
    const told = listen(bob)
    await outcomeOf(bob.subscribe('news'))
    tab.link.refuse(true)
    tab.link.drop()
    await outcomeOf(alice.publish('news', 'n', 2))
    tab.link.refuse(false)
    await world().timeline.advance(60_000)
    expect(told('news', 'n')).toContain(2)
    close()
  })

  it('take for old what the server had when they were subscribed, also while it is on its way', async () => {
    const p = newPuppet()
    const body = (n: number) => ({ body: { n } })
    p.client.room('general').open()
    await p.welcome()
    p.server.send(p.subscribed(5))
    await p.timeline.settle()
    const channels = createChannels(p.client)
    const told = listen(channels)
    await channels.subscribe('general')
    p.page(
      5,
      numbers(1, 5).map((seq) => p.entry(seq, body(seq))),
    )
    await p.timeline.settle()
    p.server.send(p.event(6, body(6)))
    await p.timeline.settle()
    expect(told('general', 'n')).toEqual([6])
  })

  it('tell nothing any more once they are left or closed', async () => {
    const { channels } = await written(0)
    const bob = createChannels(connected(world().tab(world().profile('bob'))).client)
    const told = listen(bob)
    for (const channel of ['one', 'two']) await outcomeOf(bob.subscribe(channel))
    expect(await bob.unsubscribe('one')).toBe(true)
    for (const channel of ['one', 'two']) await outcomeOf(channels.publish(channel, 'n', 1))
    bob.close()
    await outcomeOf(channels.publish('two', 'n', 2))
    expect([told('one', 'n'), told('two', 'n')]).toEqual([[], [1]])
  })

  it('encode and decode what is no JSON', async () => {
    open()
    const coding = {
      encode: (value: unknown) => (value instanceof Date ? { at: value.getTime() } : JSON.stringify(value)),
      decode: (stored: unknown) =>
        typeof stored === 'object' && stored !== null ? new Date(Number(Reflect.get(stored, 'at'))) : stored,
    }
    const channels = createChannels(connected(world().tab(world().profile('alice'))).client, coding)
    const told = listen(channels)
    await outcomeOf(channels.subscribe('news'))
    await outcomeOf(channels.publish('news', 'when', new Date(5), 'what', [1]))
    expect([told('news', 'when'), told('news', 'what')]).toEqual([[new Date(5)], ['[1]']])
  })

  it('S192: tell of a message that cannot be decoded, and go on', async () => {
    open()
    const channels = createChannels(connected(world().tab(world().profile('alice'))).client, {
      decode(stored) {
        if (stored === 'bad') throw new Error('no')
        return stored
      },
    })
    const errors: TidingsError[] = []
    channels.on('error', (error) => errors.push(error))
    const told = listen(channels)
    await outcomeOf(channels.subscribe('news'))
    for (const word of ['good', 'bad', 'better']) void channels.publish('news', 'word', word)
    await world().timeline.advance(5_000)
    expect(told('news', 'word')).toEqual(['good', 'better'])
    expect(errors).toMatchObject([{ code: 'bad_entry', room: 'news' }])
  })

  it('say when the connection comes and goes', async () => {
    open()
    const tab = world().tab(world().profile('alice'))
    const channels = createChannels(tab.client)
    const seen: string[] = []
    for (const event of ['connect', 'disconnect'] as const) channels.on(event, () => seen.push(event))
    tab.client.connect()
    await world().timeline.advance(1_000)
    tab.client.disconnect()
    await world().timeline.advance(1_000)
    expect(seen).toEqual(['connect', 'disconnect'])
  })

  it.each([
    ['nothing', []],
    ['a name without a value', ['foo']],
    ['a name that is none', [1, 2]],
    ['the name of the place itself', ['offset', 1]],
    ['what is no JSON', ['foo', new Map()]],
  ])('refuse %s', async (_, pairs) => {
    const { channels } = await written(0)
    expect(await outcomeOf(channels.publish('news', ...pairs))).toMatchObject({ code: 'invalid_argument' })
  })
})
