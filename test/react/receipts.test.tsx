import { act, cleanup, render, screen } from '@testing-library/react'
import { StrictMode, useState } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { autoRead } from '../../src/adapters/auto-read.js'
import type { Message } from '../../src/core/message.js'
import { receipts } from '../../src/core/people/receipts.js'
import { TidingsProvider, useAutoRead, useReadBy, useReceipts, useTimeline } from '../../src/react/index.js'
import { start } from '../core/client/steps.js'
import { createWorld, messages, type Tab, type World } from '../core/client/world.js'

/** An IntersectionObserver that a test tells what is in view. */
class Watcher {
  static readonly all = new Set<Watcher>()
  static made = 0
  readonly rows = new Set<Element>()
  constructor(readonly tell: (entries: object[]) => void) {
    Watcher.all.add(this)
    Watcher.made += 1
  }
  observe(row: Element) {
    this.rows.add(row)
  }
  unobserve(row: Element) {
    this.rows.delete(row)
  }
  disconnect() {
    this.rows.clear()
    Watcher.all.delete(this)
  }
}
const watched = () => [...Watcher.all].flatMap(({ rows }) => [...rows].map((row) => row.textContent))

/** What the browser would tell: these rows are in view by this share. */
function show(texts: readonly string[], ratio = 0.6, more: object = {}): void {
  for (const watcher of [...Watcher.all]) {
    const rows = [...watcher.rows].filter((row) => texts.includes(row.textContent ?? ''))
    const entry = {
      intersectionRatio: ratio,
      intersectionRect: { height: 10 },
      rootBounds: { height: 1_000 },
    }
    if (rows.length > 0) watcher.tell(rows.map((target) => ({ ...entry, ...more, target })))
  }
}

let looking = true
const look = (now: boolean) => {
  looking = now
  window.dispatchEvent(new Event('focus'))
}
let world: World
let alice: Tab
let bob: Tab
beforeEach(async () => {
  looking = true
  Watcher.all.clear()
  Watcher.made = 0
  vi.stubGlobal('IntersectionObserver', Watcher)
  vi.spyOn(document, 'hasFocus').mockImplementation(() => looking)
  world = createWorld({ latencyMs: 10 })
  alice = start(world.tab(world.profile('alice')))
  bob = start(world.tab(world.profile('bob')))
  await world.timeline.advance(500)
  for (const text of ['one', 'two', 'three']) bob.client.room('general').send(text)
  await world.timeline.advance(500)
})
afterEach(async () => {
  cleanup()
  expect(Watcher.all.size).toBe(0)
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  await world.end()
})

const pass = (ms = 1_100) => act(() => world.timeline.advance(ms))
const marks = (room = 'general') => receipts(alice.client.room(room)).state.get().mark

const renders: string[] = []
const Row = ({ message, seen }: { message: Message; seen: ReturnType<typeof useAutoRead> }) => {
  renders.push(String(message.body))
  const readers = useReadBy('general', message.key)
  return (
    <li ref={seen(message)} title={readers.join()}>
      {String(message.body)}
    </li>
  )
}
const List = ({ room }: { room: string }) => {
  const { items } = useTimeline(room)
  const seen = useAutoRead(room)
  return (
    <ol>
      {items.flatMap((item) =>
        item.type === 'message' ? <Row key={item.key} message={item} seen={seen} /> : [],
      )}
    </ol>
  )
}
const mount = (room = 'general') => {
  const page = (name: string) => (
    <StrictMode>
      <TidingsProvider client={alice.client}>
        <List room={name} />
      </TidingsProvider>
    </StrictMode>
  )
  const { rerender, unmount } = render(page(room))
  return { move: (name: string) => rerender(page(name)), unmount }
}

describe('useAutoRead', () => {
  it('S64: reads what is half in view, and lets it go', async () => {
    mount()
    expect(watched()).toEqual(['one', 'two', 'three'])
    act(() => show(['one', 'two'], 0.4))
    expect(marks()).toBe(0)
    act(() => show(['one', 'two']))
    expect(marks()).toBe(2)
    expect(watched()).toEqual(['three'])
    await pass()
    expect(screen.getAllByRole('listitem').length).toBe(3)
  })
  it('S64: tells the server once for many rows', async () => {
    const told: unknown[] = []
    bob.client.room('general')
    receipts(bob.client.room('general')).state.subscribe(() => {
      told.push(
        receipts(bob.client.room('general'))
          .state.get()
          .readers.map(({ upTo }) => upTo),
      )
    })
    mount()
    for (const text of ['one', 'two', 'three', 'one', 'two']) act(() => show([text]))
    await pass()
    expect(told).toEqual([[3]])
  })
  it('S64: reads nothing while nobody looks, and what is still in view once somebody does', async () => {
    mount()
    looking = false
    act(() => show(['one', 'two', 'three']))
    act(() => show(['three'], 0))
    expect(marks()).toBe(0)
    expect(watched()).toEqual(['one', 'two', 'three'])
    act(() => look(true))
    expect(marks()).toBe(2)
    expect(watched()).toEqual(['three'])
  })
  it('reads nothing in a page that is hidden', async () => {
    mount()
    const hidden = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden')
    act(() => show(['one']))
    expect(marks()).toBe(0)
    hidden.mockReturnValue('visible')
    act(() => document.dispatchEvent(new Event('visibilitychange')))
    expect(marks()).toBe(1)
  })
  it('reads a row that is taller than the screen when it fills half of that', async () => {
    mount()
    act(() => show(['one'], 0.1, { intersectionRect: { height: 450 } }))
    expect(marks()).toBe(0)
    act(() => show(['one'], 0.1, { intersectionRect: { height: 550 } }))
    expect(marks()).toBe(1)
  })
  it('S64: leaves own messages alone and watches what comes later', async () => {
    mount()
    alice.client.room('general').send('mine')
    await pass(100)
    bob.client.room('general').send('four')
    await pass(100)
    expect(watched()).toEqual(['one', 'two', 'three', 'four'])
    act(() => show(['one', 'two', 'three', 'four']))
    expect(marks()).toBe(5)
  })
  it('S64: moves with the room, and leaves nothing behind', async () => {
    for (const text of ['a', 'b']) bob.client.room('other').send(text)
    await pass(500)
    const { move, unmount } = mount()
    act(() => show(['one']))
    move('other')
    await pass(500)
    expect(watched()).toEqual(['a', 'b'])
    act(() => show(['a']))
    expect([marks(), marks('other')]).toEqual([1, 1])
    move('general')
    await pass(100)
    // What was read needs no second look, but a list that is mounted anew cannot know that before it looked.
    act(() => show(['one', 'two']))
    expect(marks()).toBe(2)
    const removed = vi.spyOn(window, 'removeEventListener')
    unmount()
    expect(Watcher.all.size).toBe(0)
    expect(removed.mock.calls.filter(([type]) => type === 'focus')).toHaveLength(1)
  })
  it('attaches no row anew when the list is rendered again', async () => {
    const Counter = () => {
      const [count, setCount] = useState(0)
      return (
        <>
          <button type="button" onClick={() => setCount(count + 1)}>
            again
          </button>
          <List room="general" />
        </>
      )
    }
    render(
      <TidingsProvider client={alice.client}>
        <Counter />
      </TidingsProvider>,
    )
    const observe = vi.spyOn(Watcher.prototype, 'observe')
    act(() => screen.getByRole('button').click())
    act(() => screen.getByRole('button').click())
    expect(observe).not.toHaveBeenCalled()
    expect(Watcher.made).toBe(1)
  })
})

describe('autoRead', () => {
  it('watches rows without any framework, and anew for another message in the same row', () => {
    const reader = autoRead(alice.client.room('general'))
    const [one, two] = messages(alice.client)
    const row = document.createElement('li')
    row.textContent = 'row'
    const release = reader.observe(row, two?.key ?? '')
    expect(watched()).toEqual(['row'])
    reader.observe(row, one?.key ?? '')
    release()
    expect(watched()).toEqual(['row'])
    show(['row'])
    expect(marks()).toBe(1)
    expect(Watcher.all.size).toBe(0)
    reader.observe(row, two?.key ?? '')
    reader.stop()
    expect(Watcher.all.size).toBe(0)
    reader.start()
    show(['row'])
    expect(marks()).toBe(2)
  })
  it('does nothing where rows cannot be watched', () => {
    vi.stubGlobal('IntersectionObserver', undefined)
    const reader = autoRead(alice.client.room('general'))
    reader.observe(document.createElement('li'), 'x')()
    reader.stop()
    expect(marks()).toBe(0)
  })
})

describe('useReceipts', () => {
  const Ticks = () => {
    const { mark, readers, readBy, markRead } = useReceipts('general')
    const { items } = useTimeline('general')
    return (
      <>
        <button type="button" onClick={() => markRead()}>
          {`${mark}: ${readers.map(({ user, upTo }) => `${user} ${upTo}`).join()}`}
        </button>
        <ol>
          {items.flatMap((item) =>
            item.type === 'message' ? <li key={item.key}>{readBy(item).join()}</li> : [],
          )}
        </ol>
      </>
    )
  }
  it('shows who has read how far, and marks as read', async () => {
    render(
      <TidingsProvider client={alice.client}>
        <Ticks />
      </TidingsProvider>,
    )
    const carol = start(world.tab(world.profile('carol')))
    await pass(500)
    expect(screen.getByRole('button').textContent).toBe('0: ')
    const second = messages(carol.client)[1]?.key ?? ''
    receipts(carol.client.room('general')).markRead([messages(carol.client)[0]?.key ?? '', second])
    act(() => screen.getByRole('button').click())
    await pass()
    expect(screen.getByRole('button').textContent).toBe('3: carol 2')
    expect(screen.getAllByRole('listitem').map((row) => row.textContent)).toEqual(['carol', 'carol', ''])
  })
  it('renders only the rows whose readers changed', async () => {
    mount()
    await pass(100)
    const carol = start(world.tab(world.profile('carol')))
    await pass(500)
    renders.length = 0
    receipts(carol.client.room('general')).markRead([messages(carol.client)[0]?.key ?? ''])
    await pass()
    expect(new Set(renders)).toEqual(new Set(['one']))
    expect(screen.getAllByRole('listitem').map((row) => row.title)).toEqual(['carol', '', ''])
  })
})
