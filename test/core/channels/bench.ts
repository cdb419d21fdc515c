import { afterEach } from 'vitest'
import {
  type ChannelMessage,
  type Channels,
  createChannels,
  type TidingsError,
} from '../../../src/core/index.js'
import { numbers } from '../client/steps.js'
import { newWorld, type Tab, type World, type WorldOptions } from '../client/world.js'

export const connected = (tab: Tab): Tab => {
  tab.client.connect()
  return tab
}

/** Everything that channels tell, by channel. */
export function listen(channels: Channels) {
  const told = new Map<string, ChannelMessage[]>()
  channels.on('messages', ({ channel, messages }) => {
    told.set(channel, [...(told.get(channel) ?? []), ...messages])
  })
  return (channel: string, field: string) => (told.get(channel) ?? []).map((message) => message[field])
}

/** A world for each test that wants one; it ends with the test. */
export function channelsBench() {
  let current: World | undefined
  afterEach(async () => {
    await current?.end()
    current = undefined
  })

  function world(): World {
    if (!current) throw new Error('The test has no world yet.')
    return current
  }

  function open(options?: WorldOptions): void {
    current = newWorld(options)
  }

  return {
    world,
    open,
    /** Resolves with what a promise came to, while the world goes on. */
    async outcomeOf<T>(promise: Promise<T>, ms = 5_000): Promise<T | TidingsError> {
      const outcome = promise.catch((error: TidingsError) => error)
      await world().timeline.advance(ms)
      return outcome
    },
    /** Alice has written so many messages to a channel; their offsets. */
    async written(count: number, options?: WorldOptions) {
      open(options)
      const alice = connected(world().tab(world().profile('alice')))
      const channels = createChannels(alice.client)
      const sent = numbers(1, count).map((n) => channels.publish('news', 'n', n))
      await world().timeline.advance(60_000)
      return { alice, channels, offsets: await Promise.all(sent) }
    },
  }
}
