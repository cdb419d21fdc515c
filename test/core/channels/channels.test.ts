import { createServerChannels } from 'tidings-server/core'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type ChannelMessage,
  type Channels,
  createChannels,
  type TidingsError,
} from '../../../src/core/index.js'
import { newPuppet } from '../client/puppet-world.js'
import { newWorld, type Tab, type World, type WorldOptions } from '../client/world.js'

let world: World

afterEach(() => world.end())

const connected = (tab: Tab): Tab => {
  tab.client.connect()
  return tab
}

/** Everything that channels tell, by channel. */
function listen(channels: Channels) {
  const told = new Map<string, ChannelMessage[]>()
  channels.on('messages', ({ channel, messages }) => {
    told.set(channel, [...(told.get(channel) ?? []), ...messages])
  })
  return (channel: string, field: string) => (told.get(channel) ?? []).map((message) => message[field])
}

const numbers = (from: number, upTo: number) => Array.from({ length: upTo - from + 1 }, (_, i) => from + i)

/** Resolves with what a promise came to, while the world goes on. */
async function outcomeOf<T>(promise: Promise<T>, ms = 5_000): Promise<T | TidingsError> {
  const outcome = promise.catch((error: TidingsError) => error)
  await world.timeline.advance(ms)
  return outcome
}

/** Alice has written so many messages to a channel; their offsets. */
async function written(count: number, options?: WorldOptions) {
  world = newWorld(options)
  const alice = connected(world.tab(world.profile('alice')))
  const channels = createChannels(alice.client)
  const sent = numbers(1, count).map((n) => channels.publish('news', 'n', n))
  await world.timeline.advance(60_000)
  return { alice, channels, offsets: await Promise.all(sent) }
}

describe('channels', () => {
  it('carry names and values to whoever subscribed, with an offset', async () => {
    const { channels } = await written(0)
    const bob = createChannels(connected(world.tab(world.profile('bob'))).client)
    const messages: ChannelMessage[] = []
    bob.on('messages', (told) => messages.push(...told.messages))
    expect(await outcomeOf(bob.subscribe('news'))).toBe(true)
    const offset = await outcomeOf(channels.publish('news', 'foo', { bar: 'baz' }, 'words', ['a', 1]))
    expect(messages).toEqual([{ offset, foo: { bar: 'baz' }, words: ['a', 1] }])
  })

  it('are written to by server code as well, in the same form', async () => {
    await written(0)
    const server = createServerChannels(world.core, { encode: (value) => String(value) })
    const bob = createChannels(connected(world.tab(world.profile('bob'))).client, {
      decode: (stored) => Number(stored),
    })
    const told = listen(bob)
    await outcomeOf(bob.subscribe('news'))
    const offset = await outcomeOf(server.publish('news', 'n', 1, 'm', 2))
    expect([told('news', 'n'), told('news', 'm'), told('news', 'offset')]).toEqual([[1], [2], [offset]])
    for (const pairs of [[], ['n'], ['', 1], ['offset', 1], [1, 2]])
      await expect(server.publish('news', ...pairs)).rejects.toMatchObject({ code: 'invalid' })
    const plain = createServerChannels(world.core)
    await expect(plain.publish('news', 'f', () => {})).rejects.toMatchObject({ code: 'invalid' })
  })

  it('tell only what is new, everything, or what stands behind an offset, each message once and in order', async () => {
    const { channels, offsets } = await written(300)
    const start = async (offset?: string) => {
      const own = createChannels(connected(world.tab(world.profile('bob'))).client)
      const told = listen(own)
      expect(await outcomeOf(own.subscribe('news', offset), 20_000)).toBe(true)
      return told
    }
    const tell = [await start(), await start('0'), await start(offsets[199])]
    await outcomeOf(channels.publish('news', 'n', 301))
    const seen = tell.map((told) => told('news', 'n'))
    expect(seen).toEqual([[301], numbers(1, 301), numbers(201, 301)])
  })

  it('S188, S191: go on at the last offset that was told, also when much came meanwhile', async () => {
    const { channels } = await written(5)
    const profile = world.profile('bob')
    const tab = connected(world.tab(profile))
    const first = createChannels(tab.client)
    const before: ChannelMessage[] = []
    first.on('messages', ({ messages }) => before.push(...messages))
    await outcomeOf(first.subscribe('news', '0'))
    await tab.close()
    for (const n of numbers(6, 200)) void channels.publish('news', 'n', n)
    await world.timeline.advance(60_000)
    const second = createChannels(connected(world.tab(profile)).client)
    const told = listen(second)
    await outcomeOf(second.subscribe('news', before.at(-1)?.offset), 20_000)
    expect(told('news', 'n')).toEqual(numbers(6, 200))
  })

  it('read what the device holds without a network', async () => {
    const { offsets } = await written(3)
    const profile = world.profile('bob')
    const first = connected(world.tab(profile))
    const channels = createChannels(first.client)
    await outcomeOf(channels.subscribe('news', '0'))
    await first.close()
    const second = createChannels(world.tab(profile).client)
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
    const { client } = connected(world.tab(world.profile('bob')))
    const room = client.room('news')
    room.open()
    await world.timeline.advance(10_000)
    expect(await outcomeOf(room.jumpTo(offsets[99] ?? ''))).toMatchObject({ found: true })
    const loaded = await outcomeOf(createChannels(client).load('news'))
    expect(loaded).toMatchObject({ lastOffset: offsets[599] })
    expect(room.timeline.get().hasNewer).toBe(true)
  })

  it('take what comes while the connection is lost for new, also when the room was being caught up with before', async () => {
    world = newWorld({ latencyMs: 50 })
    const alice = createChannels(connected(world.tab(world.profile('alice'))).client)
    await outcomeOf(alice.publish('news', 'n', 1))
    const tab = connected(world.tab(world.profile('bob')))
    const room = tab.client.room('news')
    const close = room.open()
    while (room.timeline.get().status !== 'syncing') await world.timeline.advance(10)
    await world.timeline.advance(150)
    const bob = createChannels(tab.client)
    const told = listen(bob)
    await outcomeOf(bob.subscribe('news'))
    tab.link.refuse(true)
    tab.link.drop()
    await outcomeOf(alice.publish('news', 'n', 2))
    tab.link.refuse(false)
    await world.timeline.advance(60_000)
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

  it('go on behind an offset whose message was deleted since', async () => {
    const { alice, channels, offsets } = await written(3)
    alice.client.room('news').remove(offsets[1] ?? '')
    await world.timeline.advance(1_000)
    const told = listen(channels)
    expect(await outcomeOf(channels.subscribe('news', offsets[1]))).toBe(true)
    expect(told('news', 'n')).toEqual([3])
  })

  it('are over when their client ends, also while they wait for a connection', async () => {
    await written(3)
    const tab = world.tab(world.profile('bob'))
    const bob = createChannels(tab.client)
    const subscribed = bob.subscribe('news', '0')
    await world.timeline.advance(10_000)
    await tab.close()
    expect(await outcomeOf(subscribed)).toBe(true)
    expect(tab.timers()).toBe(0)
  })

  it('wait no longer once they are left', async () => {
    await written(3)
    const bob = createChannels(world.tab(world.profile('bob')).client)
    const subscribed = bob.subscribe('news', '0')
    await world.timeline.advance(10_000)
    await bob.unsubscribe('news')
    expect(await outcomeOf(subscribed)).toBe(true)
  })

  it('begin with an empty channel as well', async () => {
    const { channels } = await written(0)
    const told = listen(channels)
    expect(await outcomeOf(channels.subscribe('news', '0'))).toBe(true)
    await outcomeOf(channels.publish('news', 'n', 1))
    expect(told('news', 'n')).toEqual([1])
  })

  it('wait for a connection where the device does not hold what stands there', async () => {
    const { channels } = await written(3)
    const tab = world.tab(world.profile('bob'))
    const bob = createChannels(tab.client)
    const told = listen(bob)
    const subscribed = bob.subscribe('news', '0')
    await world.timeline.advance(60_000)
    expect(told('news', 'n')).toEqual([])
    tab.client.connect()
    expect(await outcomeOf(subscribed)).toBe(true)
    await outcomeOf(channels.publish('news', 'n', 4))
    expect(told('news', 'n')).toEqual([1, 2, 3, 4])
  })

  it('jump over nothing that the device has not read: that waits for a connection', async () => {
    const { channels, offsets } = await written(5)
    const profile = world.profile('bob')
    const look = async () => {
      const tab = connected(world.tab(profile))
      tab.client.room('news').open()
      await world.timeline.advance(10_000)
      await tab.close()
    }
    await look()
    for (const n of numbers(6, 700)) void channels.publish('news', 'n', n)
    await world.timeline.advance(60_000)
    // It brings the newest page alone.
    await look()
    const tab = world.tab(profile)
    const bob = createChannels(tab.client)
    const told = listen(bob)
    const subscribed = bob.subscribe('news', offsets[4])
    await world.timeline.advance(10_000)
    expect(told('news', 'n')).toEqual([])
    tab.client.connect()
    expect(await outcomeOf(subscribed, 20_000)).toBe(true)
    expect(told('news', 'n')).toEqual(numbers(6, 700))
  })

  it('read on from an offset whatever is published meanwhile', async () => {
    const { channels } = await written(900, { latencyMs: 50 })
    const tab = connected(world.tab(world.profile('bob')))
    tab.client.room('news').open()
    await world.timeline.advance(10_000)
    const bob = createChannels(tab.client)
    const told = listen(bob)
    const subscribed = bob.subscribe('news', '0')
    for (const n of numbers(901, 910)) {
      await world.timeline.advance(40)
      void channels.publish('news', 'n', n)
      void bob.publish('news', 'n', -n)
    }
    expect(await outcomeOf(subscribed, 60_000)).toBe(true)
    expect(told('news', 'n').filter((n) => Number(n) > 0)).toEqual(numbers(1, 910))
    expect(told('news', 'n')).toHaveLength(920)
  })

  it('tell what came behind an offset, however long before it was written', async () => {
    world = newWorld()
    const carol = connected(world.tab(world.profile('carol')))
    await world.timeline.advance(1_000)
    carol.link.refuse(true)
    carol.link.drop()
    void createChannels(carol.client).publish('news', 'n', 'late')
    await world.timeline.advance(600_000)
    const channels = createChannels(connected(world.tab(world.profile('alice'))).client)
    const sent = numbers(1, 900).map((n) => channels.publish('news', 'n', n))
    await world.timeline.advance(60_000)
    const offsets = await Promise.all(sent)
    const bob = connected(world.tab(world.profile('bob')))
    bob.client.room('news').open()
    await world.timeline.advance(10_000)
    carol.link.refuse(false)
    await world.timeline.advance(60_000)
    const bobs = createChannels(bob.client)
    const told = listen(bobs)
    expect(await outcomeOf(bobs.subscribe('news', offsets[896]))).toBe(true)
    expect(told('news', 'n')).toEqual([898, 899, 900, 'late'])
  })

  it('do not jump over an offset that nobody knows', async () => {
    const { alice, channels } = await written(3)
    const told = listen(channels)
    expect(await outcomeOf(channels.subscribe('news', 'x'.repeat(22)))).toMatchObject({ code: 'not_found' })
    alice.client.room('news').send({ n: 4 })
    await world.timeline.advance(1_000)
    expect(told('news', 'n')).toEqual([])
  })

  it('tell nothing any more once they are left or closed', async () => {
    const { channels } = await written(0)
    const bob = createChannels(connected(world.tab(world.profile('bob'))).client)
    const told = listen(bob)
    for (const channel of ['one', 'two']) await outcomeOf(bob.subscribe(channel))
    expect(await bob.unsubscribe('one')).toBe(true)
    for (const channel of ['one', 'two']) await outcomeOf(channels.publish(channel, 'n', 1))
    bob.close()
    await outcomeOf(channels.publish('two', 'n', 2))
    expect([told('one', 'n'), told('two', 'n')]).toEqual([[], [1]])
  })

  it('encode and decode what is no JSON', async () => {
    world = newWorld()
    const coding = {
      encode: (value: unknown) => (value instanceof Date ? { at: value.getTime() } : JSON.stringify(value)),
      decode: (stored: unknown) =>
        typeof stored === 'object' && stored !== null ? new Date(Number(Reflect.get(stored, 'at'))) : stored,
    }
    const channels = createChannels(connected(world.tab(world.profile('alice'))).client, coding)
    const told = listen(channels)
    await outcomeOf(channels.subscribe('news'))
    await outcomeOf(channels.publish('news', 'when', new Date(5), 'what', [1]))
    expect([told('news', 'when'), told('news', 'what')]).toEqual([[new Date(5)], ['[1]']])
  })

  it('S192: tell of a message that cannot be decoded, and go on', async () => {
    world = newWorld()
    const channels = createChannels(connected(world.tab(world.profile('alice'))).client, {
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
    await world.timeline.advance(5_000)
    expect(told('news', 'word')).toEqual(['good', 'better'])
    expect(errors).toMatchObject([{ code: 'bad_entry', room: 'news' }])
  })

  it('say when the connection comes and goes', async () => {
    world = newWorld()
    const tab = world.tab(world.profile('alice'))
    const channels = createChannels(tab.client)
    const seen: string[] = []
    for (const event of ['connect', 'disconnect'] as const) channels.on(event, () => seen.push(event))
    tab.client.connect()
    await world.timeline.advance(1_000)
    tab.client.disconnect()
    await world.timeline.advance(1_000)
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
