import { act, cleanup, render, screen } from '@testing-library/react'
import { memo } from 'react'
import { messageIdOf } from 'tidings-server'
import { afterEach, expect, it } from 'vitest'
import { TidingsProvider, useTimeline } from '../../src/react/index.js'
import { fill } from '../core/client/past.js'
import { createWorld, type World } from '../core/client/world.js'

let world: World
afterEach(async () => {
  cleanup()
  await world.end()
})

const pass = (ms: number) => act(() => world.timeline.advance(ms))
const id = (n: number) => messageIdOf('general', 'bob', `b${n}`)

it('a list in the past draws the rows that a step brings, and none for what comes at the newest end', async () => {
  world = createWorld({ latencyMs: 10 })
  await fill(world, 1_500)
  const { client } = world.tab(world.profile('alice'))
  let rows = 0
  let lists = 0
  const Row = memo(({ body }: { body: unknown }) => {
    rows++
    return <li>{String(body)}</li>
  })
  const List = () => {
    const { items, hasNewer } = useTimeline('general')
    lists++
    return (
      <ol aria-label={hasNewer ? 'past' : 'newest'}>
        {items.map((item) => (
          <Row key={item.key} body={item.type === 'message' ? item.body : item.type} />
        ))}
      </ol>
    )
  }
  render(
    <TidingsProvider client={client}>
      <List />
    </TidingsProvider>,
  )
  client.connect()
  await pass(2_000)
  const room = client.room('general')
  void room.jumpTo(id(400))
  await pass(500)
  expect(screen.getByRole('list', { name: 'past' }).children).toHaveLength(100)
  const spent = () => {
    const before = { rows, lists }
    rows = 0
    lists = 0
    return before
  }
  spent()
  void room.loadNewer()
  await pass(500)
  expect(spent()).toEqual({ rows: 100, lists: 1 })
  const { items } = room.timeline.get()
  await fill(world, 1, 1_501)
  await pass(500)
  // Only the number of unread messages is another.
  expect(spent().rows).toBe(0)
  expect(room.timeline.get().items).toBe(items)
  await act(async () => void room.send('back'))
  expect(screen.getByRole('list', { name: 'newest' }).lastChild?.textContent).toBe('back')
})
