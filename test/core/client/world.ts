import { onTestFinished } from 'vitest'
import { createWorld, type World, type WorldOptions } from '../../../lab/world.js'
import type { Client } from '../../../src/core/api.js'
import type { Message } from '../../../src/core/message.js'

export {
  createWorld,
  type Profile,
  type Tab,
  URL,
  type World,
  type WorldOptions,
} from '../../../lab/world.js'

/** A world that ends with the test that made it. */
export function newWorld(options?: WorldOptions): World {
  const world = createWorld(options)
  onTestFinished(() => world.end())
  return world
}

/** The messages that a room shows, without gaps. */
export const messages = (client: Client, room = 'general'): readonly Message[] =>
  client
    .room(room)
    .timeline.get()
    .items.flatMap((item) => (item.type === 'message' ? item : []))

/** What a room shows, as texts in order. */
export const texts = (client: Client, room = 'general'): readonly unknown[] =>
  messages(client, room).map((message) => message.body)
