import { act, cleanup, render, renderHook, screen } from '@testing-library/react'
import { type ReactNode, StrictMode } from 'react'
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import type { Room } from '../../src/core/api.js'
import { TidingsError } from '../../src/core/errors.js'
import type { Message } from '../../src/core/message.js'
import {
  TidingsProvider,
  useClient,
  useConnection,
  useMessage,
  useOutbox,
  useReadable,
  useSend,
  useTimeline,
} from '../../src/react/index.js'
import { createFakeClient, emptyTimeline, idle, messageOf } from './fake-client.js'

afterEach(cleanup)

const inProvider = () => {
  const fake = createFakeClient()
  const wrapper = ({ children }: { children: ReactNode }) => (
    <TidingsProvider client={fake.client}>{children}</TidingsProvider>
  )
  return { ...fake, wrapper }
}

describe('hooks', () => {
  it('show the state of the connection and follow it', () => {
    const { wrapper, connection } = inProvider()
    const { result } = renderHook(() => useConnection().state, { wrapper })
    expect(result.current).toBe('idle')
    act(() => connection.set({ ...idle, state: 'connected' }))
    expect(result.current).toBe('connected')
  })
  it('show what waits in the outbox', () => {
    const { wrapper, outbox } = inProvider()
    const { result } = renderHook(() => useOutbox().pending, { wrapper })
    act(() => outbox.set({ pending: 3, failed: 0, oldestAt: null, bytes: 12 }))
    expect(result.current).toBe(3)
  })
  it('give the client, and any of its Readables', () => {
    const { wrapper, client } = inProvider()
    const { result } = renderHook(() => [useClient(), useReadable(useClient().storage)] as const, { wrapper })
    expect(result.current[0]).toBe(client)
    expect(result.current[1].kind).toBe('memory')
  })
  it('follow the timeline of an id, and move when the id changes', () => {
    const { wrapper, roomOf } = inProvider()
    const { result, rerender } = renderHook(({ room }) => useTimeline(room).items.length, {
      wrapper,
      initialProps: { room: 'general' },
    })
    act(() => roomOf('general').timeline.set({ ...emptyTimeline, items: [messageOf('a', 'hi')] }))
    expect(result.current).toBe(1)
    rerender({ room: 'random' })
    expect(result.current).toBe(0)
    expect(roomOf('general').timeline.listening()).toBe(0)
    expect(roomOf('random').timeline.listening()).toBe(1)
  })
  it('take a room itself, with no provider at all', () => {
    const { room, timeline } = createFakeClient().roomOf('general')
    const { result } = renderHook(() => useTimeline(room).items.length)
    act(() => timeline.set({ ...emptyTimeline, items: [messageOf('a', 'hi')] }))
    expect(result.current).toBe(1)
  })
  it('give one send function for the life of a room', () => {
    const { wrapper, roomOf } = inProvider()
    const { result, rerender } = renderHook(({ room }) => useSend(room), {
      wrapper,
      initialProps: { room: 'general' },
    })
    const first = result.current
    act(() => roomOf('general').timeline.set({ ...emptyTimeline }))
    rerender({ room: 'general' })
    expect(result.current).toBe(first)
    first({ text: 'hi' }, { replyTo: 'a' })
    expect(roomOf('general').sent).toEqual([{ body: { text: 'hi' }, options: { replyTo: 'a' } }])
    rerender({ room: 'random' })
    expect(result.current).not.toBe(first)
  })
  it('follow one message, subscribing once however often the component renders', () => {
    const { wrapper, roomOf } = inProvider()
    const cell = roomOf('general').messageCell('a')
    const { result, rerender } = renderHook(() => useMessage('general', 'a'), { wrapper })
    expect(result.current).toBeNull()
    rerender()
    rerender()
    expect(cell.subscriptions()).toBe(1)
    act(() => cell.set(messageOf('a', 'hi')))
    expect(result.current?.body).toEqual({ text: 'hi' })
  })
  it('render a row on its own change only', () => {
    const { client, roomOf } = createFakeClient()
    const renders: string[] = []
    const Row = ({ id }: { id: string }) => {
      useMessage('general', id)
      renders.push(id)
      return null
    }
    render(
      <TidingsProvider client={client}>
        <Row id="a" />
        <Row id="b" />
      </TidingsProvider>,
    )
    renders.length = 0
    act(() => roomOf('general').messageCell('b').set(messageOf('b', 'hi')))
    expect(renders).toEqual(['b'])
  })
})

describe('in StrictMode', () => {
  it('a mounted view listens once, and not at all after it is gone', () => {
    const { client, roomOf, ownership } = createFakeClient()
    const View = () => <p>{useTimeline('general').status}</p>
    const { unmount } = render(
      <StrictMode>
        <TidingsProvider client={client}>
          <View />
        </TidingsProvider>
      </StrictMode>,
    )
    expect(roomOf('general').timeline.listening()).toBe(1)
    expect(screen.getByText('loading')).toBeDefined()
    unmount()
    expect(roomOf('general').timeline.listening()).toBe(0)
    expect(ownership).toEqual([])
  })
})

describe('without a provider', () => {
  const failureOf = (hook: () => unknown) => {
    try {
      renderHook(hook)
    } catch (cause) {
      return cause
    }
    return undefined
  }
  it.each([
    ['useClient', () => useClient()],
    ['useConnection', () => useConnection()],
    ['useOutbox', () => useOutbox()],
    ['useTimeline', () => useTimeline('general')],
    ['useSend', () => useSend('general')],
    ['useMessage', () => useMessage('general', 'a')],
  ])('%s says that a provider is missing', (_name, hook) => {
    const failure = failureOf(hook)
    expect(failure).toBeInstanceOf(TidingsError)
    expect(failure).toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('TidingsProvider'),
    })
  })
})

describe('types', () => {
  interface Note {
    readonly title: string
  }
  it('take the body from the room', () => {
    const typed = (room: Room<Note>) => {
      expectTypeOf(useTimeline(room).items).toExtend<readonly { readonly key: string }[]>()
      expectTypeOf(useMessage(room, 'a')).toEqualTypeOf<Message<Note> | null>()
      expectTypeOf<Parameters<ReturnType<typeof useSend<Note>>>[0]>().toEqualTypeOf<Note>()
      const send = useSend(room)
      // @ts-expect-error a body of another shape
      send({ text: 'hi' })
    }
    expect(typed).toBeTypeOf('function')
  })
})
