import { afterEach, describe, expect, it } from 'vitest'
import { idle, type OwnPresence, presence } from '../../../src/core/index.js'
import type { PresenceEntry, ServerFrames } from '../../../src/protocol/index.js'
import { createPuppetWorld, type PuppetWorld } from '../client/puppet-world.js'

const HOUR_MS = 3_600_000

let puppet: PuppetWorld
afterEach(() => puppet.end())

/** A welcomed client whose server says what a test says. */
async function begin(options: { readonly welcomed?: boolean } = {}) {
  puppet = createPuppetWorld()
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

const bob = (ver: number, more: Partial<PresenceEntry> = {}): PresenceEntry => ({
  ...{ userId: 'bob', status: 'online', lastSeen: 1_000, ver },
  ...more,
})

describe('what a client says', () => {
  it('is nothing until somebody says something: that counts as online', async () => {
    const { here, frames, p } = await begin()
    expect(here.mine.get()).toEqual({
      ...{ status: 'online', custom: null, device: null, room: null, doNotDisturbUntil: null },
    })
    await p.timeline.advance(60_000)
    expect(frames()).toEqual([])
  })

  it('S38: goes out at once as it was said, keeps what is left out, and takes back what is null', async () => {
    const { here, said, p, settle } = await begin()
    here.set({ status: 'busy', custom: 'in a meeting' })
    expect(here.mine.get()).toMatchObject({ status: 'busy', custom: 'in a meeting' })
    await settle()
    expect(said()).toEqual([{ type: 'presence', status: 'busy', custom: 'in a meeting' }])
    await p.timeline.advance(100)
    here.set({ room: 'general', device: 'phone' })
    await p.timeline.advance(100)
    here.set({ custom: null, status: 'away' })
    await p.timeline.advance(100)
    expect(said().slice(1)).toEqual([
      { type: 'presence', status: 'busy', custom: 'in a meeting', device: 'phone', room: 'general' },
      { type: 'presence', status: 'away', device: 'phone', room: 'general' },
    ])
  })

  it('goes out at most every 100 ms: the last word wins, and a word that changes nothing is none', async () => {
    const { here, said, p } = await begin()
    for (const status of ['busy', 'away', 'online', 'away'] as const) here.set({ status })
    await p.timeline.advance(99)
    expect(said().map(({ status }) => status)).toEqual(['busy'])
    await p.timeline.advance(1)
    expect(said().map(({ status }) => status)).toEqual(['busy', 'away'])
    await p.timeline.advance(100)
    here.set({ status: 'online' })
    here.set({ status: 'away' })
    here.set({ status: 'online' })
    await p.timeline.advance(1_000)
    expect(said().map(({ status }) => status)).toEqual(['busy', 'away', 'online'])
  })

  it('waits while there is no connection and is said again on each new one', async () => {
    const { here, said, p } = await begin({ welcomed: false })
    here.set({ status: 'busy' })
    expect(said()).toEqual([])
    await p.welcome()
    expect(said()).toEqual([{ type: 'presence', status: 'busy' }])
    p.server.drop()
    await p.welcome()
    expect(said()).toHaveLength(2)
  })

  it('that is no presence throws, and changes nothing', async () => {
    const { here, said } = await begin()
    const wrong: Partial<Record<keyof OwnPresence, unknown>>[] = [
      { status: 'asleep' },
      { status: 'busy', custom: 'x'.repeat(1_025) },
      { room: '' },
      { device: 7 },
      { doNotDisturbUntil: Number.NaN },
      { doNotDisturbUntil: -1 },
    ]
    for (const words of wrong)
      expect(() => Reflect.apply(here.set, undefined, [words])).toThrow(
        expect.objectContaining({ code: 'invalid_argument' }),
      )
    expect(here.mine.get().status).toBe('online')
    expect(said()).toEqual([])
  })

  it('a "do not disturb" ends by itself; one in the past is none', async () => {
    const { here, said, p, settle } = await begin()
    const until = p.timeline.now() + 20_000
    here.set({ status: 'busy', doNotDisturbUntil: until + 0.7 })
    expect(here.mine.get().doNotDisturbUntil).toBe(until)
    await settle()
    expect(said()).toMatchObject([{ doNotDisturbUntil: until }])
    let told = 0
    here.mine.subscribe(() => told++)
    await p.timeline.advance(20_000)
    expect([told, here.mine.get().doNotDisturbUntil]).toEqual([1, null])
    await p.timeline.advance(200)
    here.set({ doNotDisturbUntil: p.timeline.now() - 1 })
    expect(here.mine.get().doNotDisturbUntil).toBeNull()
    await p.timeline.advance(1_000)
    expect(said().at(-1)).toEqual({ type: 'presence', status: 'busy' })
  })

  it('is away instead of online while nobody is at the device; other words are left alone', async () => {
    const { here, said, p } = await begin()
    const stop = here.awayWhile(idle(p.client, { afterMs: 10_000, warnMs: 0 }))
    await p.timeline.advance(9_999)
    expect(said()).toEqual([])
    await p.timeline.advance(1)
    expect(here.mine.get().status).toBe('away')
    await p.timeline.settle()
    expect(said().map(({ status }) => status)).toEqual(['away'])
    p.lifecycle.signal('active')
    await p.timeline.advance(1_000)
    expect(said().map(({ status }) => status)).toEqual(['away', 'online'])
    here.set({ status: 'busy' })
    await p.timeline.advance(10_000)
    expect(here.mine.get().status).toBe('busy')
    here.set({ status: 'online' })
    expect(here.mine.get().status).toBe('away')
    stop()
    expect(here.mine.get().status).toBe('online')
  })
})

describe('somebody who is watched', () => {
  it('is asked for at the first subscription, in one frame a tick, and let go a little after the last', async () => {
    const { here, watched, settle, p } = await begin()
    const stops = ['bob', 'carol', 'bob'].map((user) => here.of(user).subscribe(() => {}))
    stops.push(here.inRoom('general').subscribe(() => {}))
    await settle()
    expect(watched()).toEqual([{ add: { users: ['bob', 'carol'], rooms: ['general'] } }])
    stops[0]?.()
    stops[1]?.()
    stops[1]?.()
    await p.timeline.advance(999)
    expect(watched()).toHaveLength(1)
    await p.timeline.advance(1)
    expect(watched().slice(1)).toEqual([{ remove: { users: ['carol'] } }])
    stops[2]?.()
    stops[3]?.()
    await p.timeline.advance(1_000)
    expect(watched().slice(2)).toEqual([{ remove: { users: ['bob'], rooms: ['general'] } }])
  })

  it('stays asked for when a component mounts again within the moment', async () => {
    const { here, watched, p, tell } = await begin()
    here.of('bob').subscribe(() => {})()
    await tell({ users: [bob(1)] })
    await p.timeline.advance(500)
    here.of('bob').subscribe(() => {})
    await p.timeline.advance(5_000)
    expect(watched()).toEqual([{ add: { users: ['bob'] } }])
    expect(here.of('bob').get().status).toBe('online')
  })

  it('is unknown until the server was heard, while there is no connection, and when nobody watches', async () => {
    const { here, p, tell, watched } = await begin()
    const readable = here.of('bob')
    expect(readable.get()).toMatchObject({ user: 'bob', status: 'unknown', lastSeen: null })
    const seen: string[] = []
    const stop = readable.subscribe(() => seen.push(readable.get().status))
    await tell({ users: [bob(5, { status: 'busy', custom: 'lunch', device: 'phone', room: 'general' })] })
    expect(readable.get()).toEqual({
      ...{ user: 'bob', status: 'busy', custom: 'lunch', device: 'phone', room: 'general' },
      ...{ lastSeen: 1_000, doNotDisturbUntil: null },
    })
    p.server.drop()
    await p.timeline.settle()
    expect(readable.get().status).toBe('unknown')
    await p.welcome()
    expect(watched()).toHaveLength(2)
    // A server that was restarted with its clock an hour back is believed all the same.
    await tell({ users: [bob(2)] })
    expect(seen).toEqual(['busy', 'unknown', 'online'])
    stop()
    await p.timeline.advance(1_000)
    expect(readable.get().status).toBe('unknown')
  })

  it('a late frame loses against one with a higher version, and is told to nobody', async () => {
    const { here, tell } = await begin()
    const readable = here.of('bob')
    let told = 0
    readable.subscribe(() => told++)
    await tell({ users: [bob(7, { status: 'away' })] }, { users: [bob(6)] })
    expect(readable.get().status).toBe('away')
    const before = readable.get()
    await tell({ users: [bob(3)] })
    expect(readable.get()).toBe(before)
    expect(told).toBe(1)
  })

  it('is the only one of whom anything is kept: presence of others is ignored', async () => {
    const { here, tell, p } = await begin()
    here.of('bob').subscribe(() => {})
    await tell(
      { users: [{ ...bob(1), userId: 'mallory' }] },
      { room: 'elsewhere', users: [bob(9)] },
      { room: 'elsewhere', count: 3 },
    )
    expect(here.of('mallory').get().status).toBe('unknown')
    expect(here.of('bob').get().status).toBe('unknown')
    expect(here.inRoom('elsewhere').get()).toEqual({ users: [], count: null })
    // Also once somebody looks: what came before was not meant for this client.
    here.of('mallory').subscribe(() => {})
    expect(here.of('mallory').get().status).toBe('unknown')
    expect(p.errors).toEqual([])
  })

  it('whose "do not disturb" is over is shown so without a word of the server', async () => {
    const { here, tell, p } = await begin()
    const readable = here.of('bob')
    let told = 0
    readable.subscribe(() => told++)
    const until = p.timeline.now() + 20_000
    await tell({ users: [bob(1, { status: 'busy', doNotDisturbUntil: until })] })
    expect(readable.get().doNotDisturbUntil).toBe(until)
    await p.timeline.advance(20_000)
    expect(readable.get().status).toBe('busy')
    expect([told, readable.get().doNotDisturbUntil]).toEqual([2, null])
  })

  it('S48: a listener that throws starves no other', async () => {
    const { here, tell, p } = await begin()
    const seen: string[] = []
    here.of('bob').subscribe(() => {
      throw new Error('mine')
    })
    here.of('bob').subscribe(() => seen.push(here.of('bob').get().status))
    await tell({ users: [bob(1)] })
    expect(seen).toEqual(['online'])
    expect(p.codes()).toEqual(['listener'])
  })

  it('more than a frame may name are asked for in several', async () => {
    const { here, watched, settle } = await begin()
    for (let i = 0; i < 300; i++) here.of(`user-${i}`).subscribe(() => {})
    await settle()
    expect(watched().map(({ add }) => add?.users?.length)).toEqual([256, 44])
  })

  it('has a name; what is none throws', async () => {
    const { here } = await begin()
    for (const name of ['', 'x'.repeat(129), 'a\u0000b']) {
      expect(() => here.of(name)).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
      expect(() => here.inRoom(name)).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
    }
  })
})

describe('a room that is watched', () => {
  it('shows who is there by user id, follows who comes, changes and leaves, and keeps what did not change', async () => {
    const { here, tell } = await begin()
    const readable = here.inRoom('general')
    let told = 0
    readable.subscribe(() => told++)
    expect(readable.get()).toEqual({ users: [], count: null })
    await tell({ room: 'general', users: [{ ...bob(1), userId: 'carol' }, bob(2)] })
    const before = readable.get()
    expect(before.users.map(({ user }) => user)).toEqual(['bob', 'carol'])
    expect(before.count).toBe(2)
    await tell({ room: 'general', users: [bob(4, { status: 'away' })] }, { room: 'general', users: [bob(3)] })
    expect(readable.get().users.map(({ status }) => status)).toEqual(['away', 'online'])
    expect(readable.get().users[1]).toBe(before.users[1])
    await tell({ room: 'general', left: ['carol', 'nobody'] })
    expect(readable.get()).toMatchObject({ users: [{ user: 'bob' }], count: 1 })
    expect(told).toBe(3)
  })

  it('with nobody in it shows nobody, which is more than not knowing', async () => {
    const { here, tell } = await begin()
    const readable = here.inRoom('general')
    readable.subscribe(() => {})
    await tell({ room: 'general', users: [] })
    expect(readable.get()).toEqual({ users: [], count: 0 })
  })

  it('that is too large shows the number alone, and everybody once it is smaller', async () => {
    const { here, tell } = await begin()
    const readable = here.inRoom('general')
    readable.subscribe(() => {})
    await tell({ room: 'general', users: [bob(1)] })
    await tell({ room: 'general', count: 5_000 })
    expect(readable.get()).toEqual({ users: [], count: 5_000 })
    await tell({ room: 'general', users: [bob(1)] })
    expect(readable.get()).toMatchObject({ users: [{ user: 'bob' }], count: 1 })
  })

  it('that this user is put out of is not known any more', async () => {
    const { here, tell, p } = await begin()
    const readable = here.inRoom('general')
    readable.subscribe(() => {})
    await tell({ room: 'general', users: [bob(1)] })
    p.server.send({ type: 'unsubscribed', room: 'general', code: 'not_member', retryable: false })
    await p.timeline.settle()
    expect(readable.get()).toEqual({ users: [], count: null })
  })
})

describe('presence', () => {
  it('is the same for the same client, and asks nothing of a client that nobody connects', async () => {
    const { here, p } = await begin({ welcomed: false })
    expect(presence(p.client)).toBe(here)
    here.of('bob').subscribe(() => {})
    expect(p.timeline.pending).toBe(0)
    expect(() => presence({ ...p.client })).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
  })

  it('waits behind a crowded connection and goes out when there is room: the last word, and all that is watched', async () => {
    const { here, p, said, watched, settle } = await begin()
    p.server.buffer(200_000)
    here.set({ status: 'busy' })
    here.of('bob').subscribe(() => {})
    await settle()
    here.set({ status: 'away' })
    await p.timeline.advance(3_000)
    expect([said(), watched()]).toEqual([[], []])
    p.server.buffer(0)
    await p.timeline.advance(2_000)
    expect(said().map(({ status }) => status)).toEqual(['away'])
    expect(watched()).toEqual([{ add: { users: ['bob'] } }])
  })

  it('leaves no timer when its client is destroyed, and is unknown and quiet afterwards', async () => {
    const { here, tell, p } = await begin()
    const readable = here.of('bob')
    const stop = readable.subscribe(() => {})
    here.awayWhile(idle(p.client))
    await tell({ users: [bob(1, { doNotDisturbUntil: p.timeline.now() + HOUR_MS })] })
    here.set({ status: 'busy', doNotDisturbUntil: p.timeline.now() + HOUR_MS })
    here.of('carol').subscribe(() => {})()
    const ended = p.client.destroy()
    await p.timeline.advance(5_000)
    await ended
    expect(readable.get().status).toBe('unknown')
    stop()
    here.set({ status: 'online', doNotDisturbUntil: p.timeline.now() + HOUR_MS })
    here.awayWhile(idle(p.client))()
    here.of('dora').subscribe(() => {})()
    expect(p.timeline.pending).toBe(0)
  })
})
