import { onTestFinished } from 'vitest'
import { createClientOn } from '../../../src/core/client.js'
import type { TidingsError } from '../../../src/core/errors.js'
import type { BodySchema } from '../../../src/core/schema.js'
import { createPuppetLifecycle } from '../../../src/testing/index.js'
import { type Profile, URL, type World } from './world.js'

/** A tab whose client has a schema, and follows the room "general"; it ends with the test. */
export function typedTab<Body, Input>(
  world: World,
  body: BodySchema<Input, Body>,
  profile: Profile = world.profile('alice'),
  reached = true,
) {
  const { timeline, network, random } = world
  const link = network.link()
  link.refuse(!reached)
  const platform = {
    ...{ random, connect: link.connect, clock: timeline.clock(), lifecycle: createPuppetLifecycle() },
    ...{ storage: profile.disk.storage(), locks: profile.locks.context() },
  }
  const client = createClientOn(platform, { url: URL, user: profile.user, token: () => profile.user, body })
  const errors: TidingsError[] = []
  client.on('error', (error) => errors.push(error))
  onTestFinished(async () => {
    const ended = client.destroy()
    await timeline.advance(1)
    await ended
  })
  client.room('general').open()
  client.connect()
  return { client, link, errors, room: client.room('general') }
}
