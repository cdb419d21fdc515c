import { act, cleanup, render, renderHook, screen } from '@testing-library/react'
import { type ReactNode, StrictMode } from 'react'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TidingsError } from '../../src/core/errors.js'
import { typing } from '../../src/core/people/typing.js'
import { TidingsProvider, useTimeline, useTypingIndicator } from '../../src/react/index.js'
import { createWorld, type Tab, type World } from '../core/client/world.js'

let world: World
let alice: Tab
let bob: Tab
beforeEach(async () => {
  world = createWorld()
  alice = world.tab(world.profile('alice'))
  bob = world.tab(world.profile('bob'))
  alice.client.connect()
  bob.client.connect()
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
/** What bob sees of alice in a room. */
function watched(room: string): () => readonly string[] {
  const { users } = typing(bob.client.room(room))
  users.subscribe(() => {})
  return () => users.get().map(({ user }) => user)
}

describe('useTypingIndicator', () => {
  it('S53: names who types here, and tells the others of what is typed here', async () => {
    const seen = watched('general')
    const { result } = renderHook(() => useTypingIndicator('general'), { wrapper })
    await pass(200)
    act(() => result.current.onInputChange('h'))
    expect(result.current.isTyping).toBe(true)
    typing(bob.client.room('general')).keystroke()
    await pass(10)
    expect(seen()).toEqual(['alice'])
    expect(result.current.typingUsers.map(({ user }) => user)).toEqual(['bob'])
    await pass(5_000)
    expect(result.current).toMatchObject({ isTyping: false, typingUsers: [] })
    expect(seen()).toEqual([])
  })

  it('S50: an emptied input is the end of typing, at once', async () => {
    const seen = watched('general')
    const { result } = renderHook(() => useTypingIndicator('general'), { wrapper })
    await pass(200)
    act(() => result.current.onInputChange('h'))
    act(() => result.current.onInputChange(''))
    expect(result.current.isTyping).toBe(false)
    await pass(10)
    expect(seen()).toEqual([])
  })

  it('S52: ends typing in the room that is left, not in the one that is entered', async () => {
    const [general, random] = [watched('general'), watched('random')]
    const { result, rerender } = renderHook(({ room }) => useTypingIndicator(room), {
      wrapper,
      initialProps: { room: 'general' },
    })
    await pass(200)
    const { onInputChange } = result.current
    act(() => onInputChange('h'))
    await pass(10)
    expect(general()).toEqual(['alice'])
    rerender({ room: 'random' })
    await pass(10)
    expect([general(), random(), result.current.isTyping]).toEqual([[], [], false])
    act(() => result.current.onInputChange('h'))
    await pass(10)
    expect([general(), random()]).toEqual([[], ['alice']])
  })

  it('S52: stops with its component, and leaves no timer', async () => {
    const seen = watched('general')
    await pass(2_000)
    const timers = world.timeline.pending
    const { result, unmount } = renderHook(() => useTypingIndicator('general'), { wrapper })
    await pass(200)
    act(() => result.current.onInputChange('h'))
    await pass(10)
    unmount()
    await pass(10)
    expect(seen()).toEqual([])
    // The room's lingering, and the server's second.
    await pass(2_000)
    expect(world.timeline.pending).toBe(timers)
  })

  it('ends what its own input began, and not what is typed in another component', async () => {
    const seen = watched('general')
    const line = renderHook(() => useTypingIndicator('general'), { wrapper })
    const input = renderHook(() => useTypingIndicator('general'), { wrapper })
    await pass(200)
    act(() => input.result.current.onInputChange('h'))
    line.unmount()
    await pass(10)
    expect(seen()).toEqual(['alice'])
    input.unmount()
    await pass(10)
    expect(seen()).toEqual([])
  })

  it('gives one function for one room', async () => {
    const { result, rerender } = renderHook(() => useTypingIndicator('general'), { wrapper })
    const { onInputChange } = result.current
    rerender()
    act(() => onInputChange('h'))
    expect(result.current.onInputChange).toBe(onInputChange)
  })

  it('never renders a message list again', async () => {
    const renders = { list: 0, line: 0 }
    const List = () => {
      renders.list += 1
      return <p>{useTimeline('general').items.length}</p>
    }
    const Line = () => {
      renders.line += 1
      const { typingUsers, onInputChange } = useTypingIndicator('general')
      return (
        <button type="button" onClick={() => onInputChange('h')}>
          {typingUsers.map(({ user }) => user).join()}
        </button>
      )
    }
    render(
      <TidingsProvider client={alice.client}>
        <List />
        <Line />
      </TidingsProvider>,
    )
    bob.client.room('general').open()
    await pass(500)
    const before = { ...renders }
    for (let i = 0; i < 5; i++) {
      typing(bob.client.room('general')).keystroke()
      act(() => screen.getByRole('button').click())
      await pass(1_000)
    }
    expect(screen.getByRole('button').textContent).toBe('bob')
    await pass(5_000)
    expect(screen.getByRole('button').textContent).toBe('')
    expect(renders.list).toBe(before.list)
    // On and off for bob, on and off for alice.
    expect(renders.line).toBeLessThanOrEqual(before.line + 4)
  })

  it('says that a provider is missing', () => {
    expect(() => renderHook(() => useTypingIndicator('general'))).toThrow(TidingsError)
  })
})
