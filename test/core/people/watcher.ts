import { presence } from '../../../src/core/index.js'
import type { PresenceEntry, ServerFrames } from '../../../src/protocol/index.js'
import { newPuppet } from '../client/puppet-world.js'

/** A welcomed client whose server says what a test says. */
export async function begin(options: { readonly welcomed?: boolean } = {}) {
  const puppet = newPuppet()
  const here = presence(puppet.client)
  if (options.welcomed !== false) await puppet.welcome()
  const settle = () => puppet.timeline.settle()
  return {
    p: puppet,
    here,
    settle,
    frames: () => puppet.framesOf('presence'),
    /** What was said, without what is watched. */
    said: () => puppet.framesOf('presence').filter(({ status }) => status !== undefined),
    watched: () => puppet.framesOf('presence').flatMap(({ watch }) => watch ?? []),
    async tell(...frames: Omit<ServerFrames['presence_update'], 'type'>[]) {
      puppet.server.send(...frames.map((frame) => ({ type: 'presence_update' as const, ...frame })))
      await settle()
    },
  }
}

export const bob = (ver: number, more: Partial<PresenceEntry> = {}): PresenceEntry => ({
  ...{ userId: 'bob', status: 'online', lastSeen: 1_000, ver },
  ...more,
})
