import { act, cleanup, render, screen } from '@testing-library/react'
import { Component, type ReactNode, StrictMode, useEffect } from 'react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { TidingsProvider, useConnection, useSend, useTimeline } from '../../src/react/index.js'
import { createWorld, type Tab, texts, type World } from '../core/client/world.js'

let world: World
afterEach(async () => {
  cleanup()
  vi.restoreAllMocks()
  await world.end()
})

const pass = (ms: number) => act(() => world.timeline.advance(ms))

function List({ name }: { name: string }) {
  const { items } = useTimeline('general')
  const bodies = items.map((item) => (item.type === 'message' ? item.body : ''))
  return <p title={name}>{bodies.join(' ')}</p>
}
const Badge = () => <p role="status">{useConnection().state}</p>
const listed = (name: string) => screen.queryByTitle(name)?.textContent

/** Alice's page, and bob, who follows the same room. */
async function meet(page: ReactNode): Promise<readonly [Tab, Tab]> {
  world = createWorld({ latencyMs: 10 })
  const [alice, bob] = [world.tab(world.profile('alice')), world.tab(world.profile('bob'))]
  bob.client.room('general').open()
  for (const { client } of [alice, bob]) client.connect()
  render(
    <StrictMode>
      <TidingsProvider client={alice.client}>
        <Badge />
        <List name="before" />
        {page}
        <List name="behind" />
      </TidingsProvider>
    </StrictMode>,
  )
  await pass(1_000)
  return [alice, bob]
}

async function say(tab: Tab, text: string): Promise<void> {
  tab.client.room('general').send(text)
  await pass(1_000)
}

class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }
  static getDerivedStateFromError() {
    return { failed: true }
  }
  override render() {
    return this.state.failed ? <p role="alert">failed</p> : this.props.children
  }
}

describe('components that hear of the same change', () => {
  it('go on when a listener throws that was there before them', async () => {
    const [alice, bob] = await meet(null)
    const boom = (): never => {
      throw new Error('boom')
    }
    alice.client.room('general').timeline.subscribe(boom)
    alice.client.connection.subscribe(boom)
    cleanup()
    render(
      <TidingsProvider client={alice.client}>
        <Badge />
        <List name="late" />
      </TidingsProvider>,
    )
    await say(bob, 'hello')
    expect(listed('late')).toBe('hello')
    alice.link.drop()
    await pass(0)
    expect(screen.getByRole('status').textContent).not.toBe('connected')
    await pass(60_000)
    expect(screen.getByRole('status').textContent).toBe('connected')
  })

  it('go on when one of them cannot be rendered any more', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const Fragile = () => {
      if (useTimeline('general').items.length > 1) throw new Error('boom')
      return null
    }
    const [alice, bob] = await meet(
      <Boundary>
        <Fragile />
      </Boundary>,
    )
    for (const text of ['one', 'two', 'three']) await say(bob, text)
    expect(screen.getByRole('alert').textContent).toBe('failed')
    expect([listed('before'), listed('behind')]).toEqual(['one two three', 'one two three'])
    expect(alice.errors).toEqual([])
  })

  it('may go, and take others with them', async () => {
    const Shy = () =>
      useTimeline('general').items.length > 0 ? null : (
        <>
          <List name="shy" />
          <List name="its neighbour" />
        </>
      )
    const [alice, bob] = await meet(<Shy />)
    expect(listed('shy')).toBe('')
    for (const text of ['one', 'two']) await say(bob, text)
    expect([listed('shy'), listed('its neighbour')]).toEqual([undefined, undefined])
    expect([listed('before'), listed('behind')]).toEqual(['one two', 'one two'])
    expect(alice.errors).toEqual([])
  })

  it('may write: each answer is shown at once and goes out once', async () => {
    const Echo = () => {
      const { items } = useTimeline('general')
      const send = useSend('general')
      const last = items.at(-1)
      const asks = last?.type === 'message' && last.from === 'bob' && last.body
      useEffect(() => {
        if (asks) send(`re:${asks}`)
      }, [asks, send])
      return null
    }
    const [alice, bob] = await meet(<Echo />)
    for (const text of ['one', 'two']) await say(bob, text)
    expect([listed('before'), listed('behind')]).toEqual(Array(2).fill('one re:one two re:two'))
    expect(texts(bob.client)).toEqual(['one', 're:one', 'two', 're:two'])
    expect(alice.client.outbox.get().pending).toBe(0)
    expect(alice.errors).toEqual([])
  })
})
