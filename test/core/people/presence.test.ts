import { describe, expect, it } from 'vitest'
import { begin, bob } from './watcher.js'

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

  it('stays known to who looks again before the server was told that nobody does', async () => {
    const { here, watched, p, tell } = await begin()
    here.of('bob').subscribe(() => {})()
    here.inRoom('general').subscribe(() => {})()
    await tell({ users: [bob(1)] }, { room: 'general', users: [bob(1)] })
    // The connection is crowded, so that nothing of presence passes.
    p.server.buffer(1_000_000)
    await p.timeline.advance(1_500)
    await tell({ users: [bob(2, { status: 'busy' })] }, { room: 'general', left: ['bob'] })
    here.of('bob').subscribe(() => {})
    here.inRoom('general').subscribe(() => {})
    p.server.buffer(0)
    await p.timeline.advance(5_000)
    expect(watched()).toEqual([{ add: { users: ['bob'], rooms: ['general'] } }])
    expect(here.of('bob').get().status).toBe('busy')
    expect(here.inRoom('general').get()).toEqual({ users: [], count: 0 })
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
