import { afterEach, describe, expect, it } from 'vitest'
import { createPuppetWorld, type PuppetWorld } from '../core/client/puppet-world.js'
import { goldenOf } from './golden.js'

/** What a client makes of the golden frames that servers send. */
let world: PuppetWorld | undefined
afterEach(async () => {
  await world?.end()
  world = undefined
})

describe.each(goldenOf('server'))('a client that is sent $type', (golden) => {
  const connected = async () => {
    world = createPuppetWorld()
    await world.live()
    return world
  }

  it('reports each one that does not fit as a typed error, throws nothing and stays connected', async () => {
    const { server, timeline, errors, client } = await connected()
    for (const { what, text } of golden.invalid) {
      const before = errors.length
      expect(() => server.sendText(text), what).not.toThrow()
      await timeline.settle()
      expect(
        errors.slice(before).map(({ code }) => code),
        what,
      ).toEqual(['bad_frame'])
      expect(client.connection.get().state, what).toBe('connected')
    }
  })

  it.each(golden.valid)('has nothing to say against the shape of one that fits: $what', async ({ text }) => {
    const { server, timeline, errors } = await connected()
    expect(() => server.sendText(text)).not.toThrow()
    await timeline.settle()
    expect(errors.filter(({ code }) => code === 'bad_frame')).toEqual([])
  })
})
