import { describe, expect, it } from 'vitest'
import { idle, type OwnPresence, presence } from '../../../src/core/index.js'
import { begin, bob } from './watcher.js'

const HOUR_MS = 3_600_000

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

  it.each([
    ['ahead', 3_600_000, 20_000, ['until', 'over']],
    ['behind', -3_600_000, 20_000, ['over']],
  ])(
    'a "do not disturb" that was said offline ends when its time has come, though this clock is %s',
    async (_, aheadMs, leftMs, seen) => {
      const { here, p } = await begin({ welcomed: false })
      const until = p.timeline.now() - aheadMs + leftMs
      here.set({ doNotDisturbUntil: until })
      const told: string[] = []
      here.mine.subscribe(() => told.push(here.mine.get().doNotDisturbUntil === until ? 'until' : 'over'))
      await p.welcome({ t: p.timeline.now() - aheadMs })
      await p.timeline.advance(leftMs)
      expect(told).toEqual(seen)
    },
  )

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
