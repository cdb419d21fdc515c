import { channelFields, type Json } from 'tidings/protocol'
import { PublishError, type Publisher } from './core/publish.js'

/** Streams by name, as server code writes to them; see `createChannels` of the client. */
export interface ServerChannels {
  /**
   * Appends a message of names and values in turn to the room of this name, and gives its offset. Rejects as `Publisher.publish` does;
   * `invalid` also where names and values do not pair, or a value is no JSON.
   */
  publish(channel: string, ...pairs: readonly unknown[]): Promise<string>
}

/** Writes to channels by a server. `encode` makes JSON of a value, as clients' channels `decode` it; unless given, values are JSON themselves. */
export function createServerChannels(
  { publish }: Pick<Publisher, 'publish'>,
  { encode }: { readonly encode?: (value: unknown) => Json } = {},
): ServerChannels {
  return {
    async publish(channel, ...pairs) {
      const made = channelFields(pairs, encode)
      if ('wrong' in made) throw new PublishError('invalid', made.wrong)
      return (await publish(channel, made.fields)).messageId
    },
  }
}
