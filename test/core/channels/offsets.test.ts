import { describe, expect, it } from 'vitest'
import { type ChannelMessage, createChannels } from '../../../src/core/index.js'
import { numbers } from '../client/steps.js'
import { channelsBench, connected, listen } from './bench.js'

const { world, open, outcomeOf, written } = channelsBench()

describe('channels that are subscribed from an offset on', () => {
  it('tell only what is new, everything, or what stands behind an offset, each message once and in order', async () => {
    const { channels, offsets } = await written(300)
    const start = async (offset?: string) => {
      const own = createChannels(connected(world().tab(world().profile('bob'))).client)
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
    const profile = world().profile('bob')
    const tab = connected(world().tab(profile))
    const first = createChannels(tab.client)
    const before: ChannelMessage[] = []
    first.on('messages', ({ messages }) => before.push(...messages))
    await outcomeOf(first.subscribe('news', '0'))
    await tab.close()
    for (const n of numbers(6, 200)) void channels.publish('news', 'n', n)
    await world().timeline.advance(60_000)
    const second = createChannels(connected(world().tab(profile)).client)
    const told = listen(second)
    await outcomeOf(second.subscribe('news', before.at(-1)?.offset), 20_000)
    expect(told('news', 'n')).toEqual(numbers(6, 200))
  })

  it('go on behind an offset whose message was deleted since', async () => {
    const { alice, channels, offsets } = await written(3)
    alice.client.room('news').remove(offsets[1] ?? '')
    await world().timeline.advance(1_000)
    const told = listen(channels)
    expect(await outcomeOf(channels.subscribe('news', offsets[1]))).toBe(true)
    expect(told('news', 'n')).toEqual([3])
  })

  it('are over when their client ends, also while they wait for a connection', async () => {
    await written(3)
    const tab = world().tab(world().profile('bob'))
    const bob = createChannels(tab.client)
    const subscribed = bob.subscribe('news', '0')
    await world().timeline.advance(10_000)
    await tab.close()
    expect(await outcomeOf(subscribed)).toBe(true)
    expect(tab.timers()).toBe(0)
  })

  it('wait no longer once they are left', async () => {
    await written(3)
    const bob = createChannels(world().tab(world().profile('bob')).client)
    const subscribed = bob.subscribe('news', '0')
    await world().timeline.advance(10_000)
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
    const tab = world().tab(world().profile('bob'))
    const bob = createChannels(tab.client)
    const told = listen(bob)
    const subscribed = bob.subscribe('news', '0')
    await world().timeline.advance(60_000)
    expect(told('news', 'n')).toEqual([])
    tab.client.connect()
    expect(await outcomeOf(subscribed)).toBe(true)
    await outcomeOf(channels.publish('news', 'n', 4))
    expect(told('news', 'n')).toEqual([1, 2, 3, 4])
  })

  it('jump over nothing that the device has not read: that waits for a connection', async () => {
    const { channels, offsets } = await written(5)
    const profile = world().profile('bob')
    const look = async () => {
      const tab = connected(world().tab(profile))
      tab.client.room('news').open()
      await world().timeline.advance(10_000)
      await tab.close()
    }
    await look()
    for (const n of numbers(6, 700)) void channels.publish('news', 'n', n)
    await world().timeline.advance(60_000)
    // It brings the newest page alone.
    await look()
    const tab = world().tab(profile)
    const bob = createChannels(tab.client)
    const told = listen(bob)
    const subscribed = bob.subscribe('news', offsets[4])
    await world().timeline.advance(10_000)
    expect(told('news', 'n')).toEqual([])
    tab.client.connect()
    expect(await outcomeOf(subscribed, 20_000)).toBe(true)
    expect(told('news', 'n')).toEqual(numbers(6, 700))
  })

  it('read on from an offset whatever is published meanwhile', async () => {
    const { channels } = await written(900, { latencyMs: 50 })
    const tab = connected(world().tab(world().profile('bob')))
    tab.client.room('news').open()
    await world().timeline.advance(10_000)
    const bob = createChannels(tab.client)
    const told = listen(bob)
    const subscribed = bob.subscribe('news', '0')
    for (const n of numbers(901, 910)) {
      await world().timeline.advance(40)
      void channels.publish('news', 'n', n)
      void bob.publish('news', 'n', -n)
    }
    expect(await outcomeOf(subscribed, 60_000)).toBe(true)
    expect(told('news', 'n').filter((n) => Number(n) > 0)).toEqual(numbers(1, 910))
    expect(told('news', 'n')).toHaveLength(920)
  })

  it('tell what came behind an offset, however long before it was written', async () => {
    open()
    const carol = connected(world().tab(world().profile('carol')))
    await world().timeline.advance(1_000)
    carol.link.refuse(true)
    carol.link.drop()
    void createChannels(carol.client).publish('news', 'n', 'late')
    await world().timeline.advance(600_000)
    const channels = createChannels(connected(world().tab(world().profile('alice'))).client)
    const sent = numbers(1, 900).map((n) => channels.publish('news', 'n', n))
    await world().timeline.advance(60_000)
    const offsets = await Promise.all(sent)
    const bob = connected(world().tab(world().profile('bob')))
    bob.client.room('news').open()
    await world().timeline.advance(10_000)
    carol.link.refuse(false)
    await world().timeline.advance(60_000)
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
    await world().timeline.advance(1_000)
    expect(told('news', 'n')).toEqual([])
  })
})
