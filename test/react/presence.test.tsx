import { act, cleanup, render, renderHook, screen } from '@testing-library/react'
import { type ReactNode, StrictMode } from 'react'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TidingsError } from '../../src/core/errors.js'
import { presence } from '../../src/core/people/presence.js'
import {
  TidingsProvider,
  useNotifications,
  usePresence,
  useRoomPresence,
  useTimeline,
} from '../../src/react/index.js'
import { createWorld, type Tab, type World } from '../core/client/world.js'

let world: World
let alice: Tab
let bob: Tab
beforeEach(async () => {
  world = createWorld()
  alice = world.tab(world.profile('alice'))
  bob = world.tab(world.profile('bob'))
  for (const { client } of [alice, bob]) {
    client.room('general').open()
    client.connect()
  }
  await world.timeline.advance(200)
})
afterEach(async () => {
  cleanup()
  await world.end()
  await world.timeline.advance(1_000)
  expect(world.timeline.pending).toBe(0)
})

const pass = (ms: number) => act(() => world.timeline.advance(ms))
const wrapper = ({ children }: { children: ReactNode }) => (
  <StrictMode>
    <TidingsProvider client={alice.client}>{children}</TidingsProvider>
  </StrictMode>
)

describe('usePresence', () => {
  it('shows somebody while it is mounted, and the next one at once', async () => {
    const { result, rerender, unmount } = renderHook(({ user }) => usePresence(user), {
      wrapper,
      initialProps: { user: 'bob' },
    })
    expect(result.current.status).toBe('unknown')
    await pass(200)
    expect(result.current).toMatchObject({ user: 'bob', status: 'online' })
    act(() => presence(bob.client).set({ status: 'busy', custom: 'lunch' }))
    await pass(200)
    expect(result.current).toMatchObject({ status: 'busy', custom: 'lunch' })
    rerender({ user: 'alice' })
    await pass(200)
    expect(result.current).toMatchObject({ user: 'alice', status: 'online' })
    unmount()
    await pass(1_000)
    expect(presence(alice.client).of('bob').get().status).toBe('unknown')
  })

  it('without a user shows what this client says, and says something else', async () => {
    const { result } = renderHook(() => usePresence(), { wrapper })
    const seen = presence(bob.client).of('alice')
    seen.subscribe(() => {})
    expect(result.current).toMatchObject({ status: 'online', custom: null })
    const { set } = result.current
    act(() => set({ status: 'away' }))
    await pass(200)
    expect(result.current.status).toBe('away')
    expect(result.current.set).toBe(set)
    expect(seen.get().status).toBe('away')
    expect(() => Reflect.apply(set, undefined, [{ status: 'asleep' }])).toThrow(TidingsError)
  })

  it('renders on its own changes alone, and never the list of messages', async () => {
    let lists = 0
    let people = 0
    const List = () => {
      lists++
      return <ol>{useTimeline('general').items.length}</ol>
    }
    const Bob = () => {
      people++
      return <p role="status">{usePresence('bob').status}</p>
    }
    render(
      <TidingsProvider client={alice.client}>
        <List />
        <Bob />
      </TidingsProvider>,
    )
    await pass(2_000)
    lists = 0
    people = 0
    for (const status of ['busy', 'away', 'online'] as const) {
      act(() => presence(bob.client).set({ status }))
      await pass(200)
      expect(screen.getByRole('status').textContent).toBe(status)
    }
    act(() => void bob.client.room('general').send('hello'))
    await pass(200)
    expect([people, lists]).toEqual([3, 1])
  })
})

describe('useRoomPresence', () => {
  it('shows who is in a room, by its id or as it is', async () => {
    const byId = renderHook(() => useRoomPresence('general'), { wrapper })
    const room = alice.client.room('general')
    const asItIs = renderHook(() => useRoomPresence(room), { wrapper })
    expect(byId.result.current).toEqual({ users: [], count: null })
    await pass(200)
    expect(byId.result.current.users.map(({ user }) => user)).toEqual(['alice', 'bob'])
    expect(asItIs.result.current).toBe(byId.result.current)
    await act(async () => void bob.client.destroy())
    await pass(15_000)
    expect(byId.result.current).toMatchObject({ users: [{ user: 'alice' }], count: 1 })
  })
})

describe('useNotifications', () => {
  it('shows what the server told this user alone', async () => {
    const { result } = renderHook(() => useNotifications(), { wrapper })
    await pass(200)
    await act(async () => void world.core.notify('alice', 'mention', { by: 'bob' }))
    await pass(200)
    expect(result.current).toMatchObject({
      items: [{ from: 'server', body: { kind: 'mention', body: { by: 'bob' } } }],
      unread: 1,
    })
  })
})
