import type { Fields } from '../../protocol/index.js'
import type { Client, Room } from '../api.js'
import { backstageOf } from '../backstage.js'
import { createEmitter } from '../emitter.js'
import { TidingsError } from '../errors.js'
import type { Message } from '../message.js'
import { newest, until } from './backlog.js'
import {
  type ChannelCoding,
  type ChannelMessage,
  channelMessage,
  FIELDS,
  fieldsOf,
} from './channel-message.js'
import { NEW, type Subscription, startSubscription } from './subscription.js'

/** What channels tell. */
export interface ChannelEvents {
  /** Messages of a channel that was subscribed, those of one tick together, in the order of the log. */
  readonly messages: { readonly channel: string; readonly messages: readonly ChannelMessage[] }
  readonly connect: undefined
  readonly disconnect: undefined
  readonly error: TidingsError
}

/** Streams by name, on the rooms of a client: append, replay from an offset, follow. */
export interface Channels {
  /**
   * Appends a message of names and values in turn. Resolves with its offset when the server has it; it is on the device before, and goes
   * out when there is a connection. Rejects with a TidingsError: `invalid_argument` (names and values do not pair, a value is no
   * JSON), `too_large`, or as `confirmed()` does.
   */
  publish(channel: string, ...pairs: readonly unknown[]): Promise<string>
  /**
   * Tells `messages` of everything behind an offset and of what comes: `$` (the default) only what is new, `0` everything, else what
   * stands behind the message of this id. New is what comes after the server was heard. Subscribed already: from there, instead. Resolves when what stood there was told, which waits
   * for a connection where the device does not hold it. Rejects with a TidingsError `not_found` or `storage`, and is not subscribed
   * then.
   */
  subscribe(channel: string, offset?: string): Promise<true>
  /** Tells of the channel no more. */
  unsubscribe(channel: string): Promise<true>
  /** The newest messages that the device holds, up to about a hundred, and the offset of the last one; null where there is none. */
  load(
    channel: string,
  ): Promise<{ readonly messages: readonly ChannelMessage[]; readonly lastOffset: string | null }>
  on<K extends keyof ChannelEvents>(event: K, listener: (payload: ChannelEvents[K]) => void): () => void
  /** Unsubscribes from all and tells nothing any more. The client goes on. */
  close(): void
}

type Channel = Room<Fields>

/**
 * Makes streams by name of a client's rooms: any number of values by name in one message, offsets to resume at, replay. A channel is the room
 * of its name, so rights, limits, storage and retries are the room's. Its list (`timeline`) moves while a backlog is read.
 */
export function createChannels<Body, Input>(
  client: Client<Body, Input>,
  coding: ChannelCoding = {},
): Channels {
  const backstage = backstageOf(client)
  const emitter = createEmitter<{ [K in keyof ChannelEvents]: ChannelEvents[K] }>(backstage.onThrow)
  const subscriptions = new Map<string, Subscription>()
  const roomOf = (channel: string): Channel => client.room<Fields, Fields>(channel, { body: FIELDS })

  /** What cannot be decoded is told as an error, and holds up nothing. */
  function read(channel: string, message: Message<Fields>): readonly ChannelMessage[] {
    try {
      return [channelMessage(message, coding)]
    } catch (cause) {
      const says = 'A message of a channel could not be decoded. It was not told, and stays in the channel.'
      emitter.emit('error', new TidingsError('bad_entry', says, { cause, room: channel }))
      return []
    }
  }

  function tell(channel: string, stored: readonly Message<Fields>[]): void {
    const messages = stored.flatMap((message) => read(channel, message))
    if (messages.length > 0) emitter.emit('messages', { channel, messages })
  }

  function unsubscribe(channel: string): void {
    subscriptions.get(channel)?.stop()
    subscriptions.delete(channel)
  }

  async function subscribe(channel: string, offset: string): Promise<void> {
    unsubscribe(channel)
    const room = roomOf(channel)
    const told = (messages: readonly Message<Fields>[]) => tell(channel, messages)
    const subscription = startSubscription({ client, backstage, room, offset, tell: told })
    subscriptions.set(channel, subscription)
    try {
      await subscription.begun
    } catch (cause) {
      if (subscriptions.get(channel) === subscription) unsubscribe(channel)
      throw cause
    }
  }

  let wasConnected = client.connection.get().state === 'connected'
  const stops = [
    client.on('error', (error) => emitter.emit('error', error)),
    client.connection.subscribe(() => {
      const isConnected = client.connection.get().state === 'connected'
      if (isConnected !== wasConnected) emitter.emit(isConnected ? 'connect' : 'disconnect', undefined)
      wasConnected = isConnected
    }),
  ]

  function close(): void {
    for (const channel of [...subscriptions.keys()]) unsubscribe(channel)
    for (const stop of stops) stop()
    emitter.clear()
  }
  stops.push(backstage.onEnd(close))

  return {
    on: emitter.on,
    async publish(channel, ...pairs) {
      const { id } = await roomOf(channel).send(fieldsOf(pairs, coding)).confirmed()
      return id
    },
    async subscribe(channel, offset = NEW) {
      await subscribe(channel, offset)
      return true
    },
    async unsubscribe(channel) {
      unsubscribe(channel)
      return true
    },
    async load(channel) {
      const room = roomOf(channel)
      const release = room.open()
      try {
        await until(room, ({ status }) => status !== 'loading')
        const messages = newest(room)
        return {
          messages: messages.flatMap((message) => read(channel, message)),
          lastOffset: messages.at(-1)?.id ?? null,
        }
      } finally {
        release()
      }
    },
    close,
  }
}
