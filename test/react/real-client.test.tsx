import { act, cleanup, render, screen } from '@testing-library/react'
import { StrictMode } from 'react'
import type { FrameHead } from 'tidings-server'
import { afterEach, describe, expect, it } from 'vitest'
import type { Client } from '../../src/core/api.js'
import { TidingsProvider, useConnection, useMessage, useSend, useTimeline } from '../../src/react/index.js'
import { createWorld, texts, type World } from '../core/client/world.js'

let world: World
afterEach(async () => {
  cleanup()
  await world.end()
})

const pass = (ms: number) => act(() => world.timeline.advance(ms))

const List = () => {
  const { items } = useTimeline('general')
  return (
    <ol>
      {items.map((item) => (
        <li key={item.key} title={item.key}>
          {item.type === 'message' && `${JSON.stringify(item.body)} ${item.status}`}
        </li>
      ))}
    </ol>
  )
}
const Badge = () => <p role="status">{useConnection().state}</p>
const shown = () => screen.queryAllByRole('listitem').map((row) => row.textContent)

const mount = (client: Client, page = <List />) =>
  render(
    <StrictMode>
      <TidingsProvider client={client}>
        <Badge />
        {page}
      </TidingsProvider>
    </StrictMode>,
  )

describe('a real client in StrictMode', () => {
  it('has one socket and one subscription, however many components look at a room', async () => {
    const frames: FrameHead[] = []
    world = createWorld({
      outgoing: (frame) => {
        frames.push(frame)
        return 'pass'
      },
    })
    const { client } = world.tab(world.profile('alice'))
    mount(
      client,
      <>
        <List />
        <List />
      </>,
    )
    expect(world.core.connections).toBe(0)
    client.connect()
    await pass(100)
    expect(world.core.connections).toBe(1)
    expect(frames.filter(({ type }) => type === 'welcome')).toHaveLength(1)
    expect(frames.filter(({ type }) => type === 'subscribed')).toHaveLength(1)
  })

  it('stays subscribed while a view is replaced by another', async () => {
    const frames: FrameHead[] = []
    world = createWorld({
      outgoing: (frame) => {
        frames.push(frame)
        return 'pass'
      },
    })
    const { client } = world.tab(world.profile('alice'))
    const { unmount } = mount(client)
    client.connect()
    await pass(100)
    unmount()
    mount(client)
    await pass(5_000)
    expect(frames.filter(({ type }) => type === 'subscribed')).toHaveLength(1)
  })

  it('shows a message in the tick in which it is sent, and the same row once it is confirmed', async () => {
    world = createWorld({ latencyMs: 20 })
    const { client } = world.tab(world.profile('alice'))
    const Send = () => {
      const send = useSend('general')
      return (
        <button type="button" onClick={() => send('hello')}>
          Send
        </button>
      )
    }
    mount(
      client,
      <>
        <Send />
        <List />
      </>,
    )
    client.connect()
    await pass(200)
    await act(async () => screen.getByRole('button').click())
    expect(shown()).toEqual(['"hello" pending'])
    const [row] = screen.getAllByRole('listitem')
    await pass(200)
    expect(shown()).toEqual(['"hello" confirmed'])
    expect(screen.getAllByRole('listitem')).toEqual([row])
  })

  it('shows what somebody else writes, and what was stored when there is no connection', async () => {
    world = createWorld()
    const profile = world.profile('alice')
    const first = world.tab(profile)
    mount(first.client)
    first.client.connect()
    const bob = world.tab(world.profile('bob')).client
    bob.connect()
    bob.room('general').send('hello')
    await pass(500)
    expect(shown()).toEqual(['"hello" confirmed'])
    cleanup()
    first.crash()

    const second = world.tab(profile)
    second.client.connect()
    second.client.disconnect()
    mount(second.client)
    await pass(500)
    expect(screen.getByRole('status').textContent).toBe('idle')
    expect(shown()).toEqual(['"hello" confirmed'])
    expect(texts(second.client)).toEqual(['hello'])
  })

  it('finds a message by its key and by its id', async () => {
    world = createWorld()
    const { client } = world.tab(world.profile('alice'))
    client.connect()
    const sent = client.room('general').send('hello')
    const One = ({ name }: { name: string }) => <p>{`${name}: ${useMessage('general', name)?.status}`}</p>
    mount(client, <One name={sent.key} />)
    expect(screen.getByText(`${sent.key}: pending`)).toBeDefined()
    await pass(500)
    expect(screen.getByText(`${sent.key}: confirmed`)).toBeDefined()
    const { id } = await sent.confirmed()
    mount(client, <One name={id} />)
    expect(screen.getByText(`${id}: confirmed`)).toBeDefined()
  })
})
